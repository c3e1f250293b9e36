// defer, panic and recover in loops.
package main

import (
	"errors"
	"fmt"
)

var errOdd = errors.New("odd")

type balance struct{ opened, closed int }

func (b *balance) open()  { b.opened++ }
func (b *balance) close() { b.closed++ }

func use(b *balance, n int) (result int) {
	b.open()
	defer b.close()
	defer func() { result += n }()
	return n & 7
}

func try(f func()) (err error) {
	defer func() {
		if r := recover(); r != nil {
			if e, ok := r.(error); ok {
				err = e
			} else {
				err = fmt.Errorf("%v", r)
			}
		}
	}()
	f()
	return nil
}

func main() {
	var b balance
	sum := 0
	for i := range 8_000_000 {
		sum += use(&b, i)
	}
	failures, bounds := 0, 0
	list := make([]int, 10)
	for i := range 1_000_000 {
		err := try(func() {
			if i%2 == 1 {
				panic(errOdd)
			}
			list[i%12]++
		})
		switch {
		case errors.Is(err, errOdd):
			failures++
		case err != nil:
			bounds++
		}
	}
	for range 100 {
		for i := range 100 {
			defer func() { sum -= i }()
		}
	}
	fmt.Println(sum, b, failures, bounds, list[0])
}
