// Iterators: range over functions.
package main

import (
	"fmt"
	"iter"
	"slices"
)

// Fibonacci yields the Fibonacci numbers for as long as they are wanted.
func Fibonacci() iter.Seq[int] {
	return func(yield func(int) bool) {
		a, b := 0, 1
		for yield(a) {
			a, b = b, a+b
		}
	}
}

type Tree[T any] struct {
	Left, Right *Tree[T]
	Value       T
}

// All visits the values in order.
func (t *Tree[T]) All() iter.Seq[T] {
	return func(yield func(T) bool) { t.walk(yield) }
}

func (t *Tree[T]) walk(yield func(T) bool) bool {
	return t == nil || t.Left.walk(yield) && yield(t.Value) && t.Right.walk(yield)
}

func Enumerate[T any](seq iter.Seq[T]) iter.Seq2[int, T] {
	return func(yield func(int, T) bool) {
		i := 0
		for v := range seq {
			if !yield(i, v) {
				return
			}
			i++
		}
	}
}

func find(t *Tree[string], want string) int {
	for i, v := range Enumerate(t.All()) {
		if v == want {
			return i
		}
	}
	return -1
}

func main() {
	for n := range Fibonacci() {
		if n > 50 {
			break
		}
		fmt.Print(n, " ")
	}
	fmt.Println()

	leaf := func(s string) *Tree[string] { return &Tree[string]{Value: s} }
	t := &Tree[string]{&Tree[string]{leaf("ash"), leaf("elm"), "birch"}, leaf("oak"), "fir"}
	fmt.Println(slices.Collect(t.All()))
	fmt.Println(find(t, "fir"), find(t, "palm"))

	next, stop := iter.Pull(Fibonacci())
	defer stop()
	for range 3 {
		n, ok := next()
		fmt.Print(n, ok, " ")
	}
	fmt.Println()
}
