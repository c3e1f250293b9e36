// Iterators: range over functions, chained.
package main

import (
	"fmt"
	"iter"
)

func count(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func keep(seq iter.Seq[int], f func(int) bool) iter.Seq[int] {
	return func(yield func(int) bool) {
		for x := range seq {
			if f(x) && !yield(x) {
				return
			}
		}
	}
}

func zip(a, b iter.Seq[int]) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		next, stop := iter.Pull(b)
		defer stop()
		for x := range a {
			y, ok := next()
			if !ok || !yield(x, y) {
				return
			}
		}
	}
}

func main() {
	sum := 0
	for range 45 {
		for x := range keep(count(3_000_000), func(n int) bool { return n%3 == 0 }) {
			if x > 2_500_000 {
				break
			}
			sum += x
		}
	}
	for a, b := range zip(count(500_000), keep(count(2_000_000), func(n int) bool { return n%2 == 1 })) {
		sum += a ^ b
	}
	fmt.Println(sum)
}
