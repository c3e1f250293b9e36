// defer runs at the end of a function, also when it panics; recover ends a panic.
package main

import (
	"errors"
	"fmt"
	"runtime"
)

func countdown() {
	for i := range 3 {
		defer fmt.Println("deferred", i)
	}
	fmt.Println("counting down")
}

func safely(f func()) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case runtime.Error:
			err = fmt.Errorf("run-time error: %w", r)
		case error:
			err = r
		default:
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	f()
	return nil
}

func main() {
	countdown()

	var list []int
	var table map[string]int
	zero := 0
	fmt.Println(safely(func() {}))
	fmt.Println(safely(func() { fmt.Println(list[3]) }))
	fmt.Println(safely(func() { table["key"] = 1 }))
	fmt.Println(safely(func() { fmt.Println(1 / zero) }))
	fmt.Println(safely(func() { panic(errors.New("my own")) }))
	fmt.Println(safely(func() { panic("just text") }))
	fmt.Println(safely(func() {
		var v any = "text"
		fmt.Println(v.(int))
	}))
}
