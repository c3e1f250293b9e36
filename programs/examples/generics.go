// Type parameters: a set, functions over any slice, constraints, inference.
package main

import (
	"cmp"
	"fmt"
	"slices"
)

// Set is a set of comparable values.
type Set[T comparable] map[T]struct{}

func SetOf[T comparable](values ...T) Set[T] {
	s := Set[T]{}
	for _, v := range values {
		s[v] = struct{}{}
	}
	return s
}

func (s Set[T]) Has(v T) bool { _, ok := s[v]; return ok }

func Map[A, B any](list []A, f func(A) B) []B {
	var out []B
	for _, a := range list {
		out = append(out, f(a))
	}
	return out
}

func Sorted[T cmp.Ordered](s Set[T]) []T {
	var list []T
	for v := range s {
		list = append(list, v)
	}
	slices.Sort(list)
	return list
}

type Number interface{ ~int | ~float64 }

func Sum[T Number](list ...T) (total T) {
	for _, x := range list {
		total += x
	}
	return total
}

type Pair[K comparable, V any] struct {
	Key   K
	Value V
}

func (p Pair[K, V]) String() string { return fmt.Sprintf("%v=>%v", p.Key, p.Value) }

type metres float64

func main() {
	primes := SetOf(7, 2, 5, 3)
	fmt.Println(Sorted(primes), primes.Has(5), primes.Has(6))
	fmt.Println(Map(Sorted(primes), func(n int) string { return fmt.Sprintf("<%d>", n) }))
	fmt.Println(Sum(1, 2, 3), Sum(1.5, 2.5), Sum(metres(1), 0.25))
	fmt.Println(Pair[string, int]{"one", 1}, []any{Pair[int, bool]{2, true}})
}
