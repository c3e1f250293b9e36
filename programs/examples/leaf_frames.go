// Leaf functions at every depth of a stack that is just large enough: what compiled code calls without looking whether the frame fits has to be able to panic, to go on in the interpreter, and
// to call others after all.
package main

import (
	"errors"
	"fmt"
)

type cell struct {
	next *cell
	v    int
}

//go:noinline
func third(xs []int, i int) int {
	return xs[i/3] + xs[i%3]
}

//go:noinline
func follow(c *cell) int {
	return c.v - c.next.v
}

//go:noinline
func divide(a, b int) (q, r int) {
	return a / b, a % b
}

// Calls only when it is told to, which it seldom is.
//
//go:noinline
func seldom(n, limit int) int {
	if n < limit {
		return n*n + limit
	}
	total := 0
	for i := 0; i < 3; i++ {
		total += sum(n - limit + i)
	}
	return total
}

func sum(n int) int {
	if n <= 0 {
		return 0
	}
	return n + sum(n-1)
}

// Runs `leaf` so many frames down, on a new stack.
func at(depth int, leaf func(depth int) int) (result int, err error) {
	done := make(chan bool)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				err = r.(error)
			}
			done <- true
		}()
		result = down(depth, leaf)
	}()
	<-done
	return result, err
}

//go:noinline
func down(depth int, leaf func(int) int) int {
	if depth == 0 {
		return leaf(depth)
	}
	return down(depth-1, leaf) + 1
}

func main() {
	xs := []int{1, 2, 3}
	cells := &cell{&cell{nil, 4}, 10}
	leaves := []struct {
		name string
		leaf func(int) int
	}{
		{"third", func(d int) int { return third(xs, d+5) }},
		{"third, out of range", func(d int) int { return third(xs, d+11) }},
		{"follow", func(d int) int { return follow(cells) }},
		{"follow nil", func(d int) int { return follow(cells.next) }},
		{"divide", func(d int) int { q, r := divide(17, 5); return 10*q + r }},
		{"divide by zero", func(d int) int { q, r := divide(17, d); return q + r }},
		{"seldom", func(d int) int { return seldom(3, 100) }},
		{"seldom calls", func(d int) int { return seldom(40, 10) }},
	}
	for i := 0; i < 20000; i++ {
		third(xs, i%9)
		follow(cells)
		divide(i, i+1)
		seldom(i%50, 50)
		sum(3)
	}
	for _, l := range leaves {
		total, failures := 0, map[string]int{}
		for depth := 0; depth < 400; depth++ {
			v, err := at(depth, l.leaf)
			total += v
			for err != nil && errors.Unwrap(err) != nil {
				err = errors.Unwrap(err)
			}
			if err != nil {
				failures[err.Error()]++
			}
		}
		fmt.Println(l.name, total, failures)
	}
}
