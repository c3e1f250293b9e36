// Closures and functions of functions.
package main

import "fmt"

func compose(f, g func(int) int) func(int) int {
	return func(x int) int { return f(g(x)) }
}

func apply(list []int, f func(int) int) []int {
	for i, x := range list {
		list[i] = f(x)
	}
	return list
}

func fold(list []int, start int, f func(a, b int) int) int {
	for _, x := range list {
		start = f(start, x)
	}
	return start
}

func counter(step int) func() int {
	n := 0
	return func() int {
		n += step
		return n
	}
}

func main() {
	addThree := func(x int) int { return x + 3 }
	double := func(x int) int { return x * 2 % 10_007 }
	both := compose(double, compose(addThree, double))
	list := make([]int, 1000)
	tick := counter(7)
	total := 0
	for i := range 60_000 {
		if i%500 == 0 {
			for j := range list {
				list[j] = tick()
			}
		}
		apply(list, both)
		total = fold(list, total, func(a, b int) int { return (a ^ b) + i })
	}
	fmt.Println(total)
}
