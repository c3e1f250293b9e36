// What closures capture: one variable shared by all of them, a variable per
// iteration (every three-clause and range loop since Go 1.22), or a copy.
package main

import "fmt"

func shared(n int) []func() int {
	var list []func() int
	var i int
	for i = 0; i < n; i++ {
		list = append(list, func() int { return i })
	}
	return list
}

func perIteration(n int) []func() int {
	var list []func() int
	for i := 0; i < n; i++ {
		list = append(list, func() int { return i })
	}
	return list
}

func copied(n int) []func() int {
	var list []func() int
	for i := range n {
		value := i
		list = append(list, func() int { value += 10; return value })
	}
	return list
}

// stepping changes its loop variable inside a closure: the next iteration's
// copy is made from the changed value.
func stepping(n int) []int {
	var seen []int
	for i := 0; i < n; i++ {
		bump := func() { i++ }
		seen = append(seen, i)
		bump()
	}
	return seen
}

func call(name string, list []func() int) {
	fmt.Print(name, ":")
	for _, f := range list {
		fmt.Print(" ", f())
	}
	fmt.Println()
}

func main() {
	call("shared", shared(4))
	call("per iteration", perIteration(4))
	list := copied(4)
	call("copied", list)
	call("copied, again", list)
	fmt.Println("stepping:", stepping(6))

	// A closure that stays in its frame may write the frame's variables.
	total := 0
	add := func(n int) { total += n }
	for i := range 5 {
		add(i)
	}
	fmt.Println("total:", total)
}
