// Functions as values: closures keep what they use alive.
package main

import (
	"fmt"
	"strings"
)

func counter() (next func() int, reset func()) {
	n := 0
	return func() int { n++; return n }, func() { n = 0 }
}

func memoize(f func(int) int) func(int) int {
	known := map[int]int{}
	return func(n int) int {
		if v, ok := known[n]; ok {
			return v
		}
		v := f(n)
		known[n] = v
		return v
	}
}

func main() {
	next, reset := counter()
	fmt.Println(next(), next(), next())
	reset()
	fmt.Println(next())

	var fib func(int) int
	fib = memoize(func(n int) int {
		if n < 2 {
			return n
		}
		return fib(n-1) + fib(n-2)
	})
	fmt.Println("fib(80) =", fib(80))

	shout := strings.ToUpper
	fmt.Println(shout("functions are values"))

	for _, f := range []func(int) int{func(n int) int { return n + n }, func(n int) int { return n * n }} {
		fmt.Print(f(9), " ")
	}
	fmt.Println()
}
