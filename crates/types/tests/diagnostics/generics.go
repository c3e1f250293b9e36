package main

import "cmp"

type Number interface{ ~int | ~float64 }
type List[T any] struct {
	head T
	tail *List[T]
}

func (l *List[E]) Push(e E) *List[E]         { return &List[E]{e, l} }
func (l *List[E]) Map[R any](f func(E) R) []R { return nil }

func Max[T cmp.Ordered](a, b T) T {
	if a > b {
		return a
	}
	return b
}
func Apply[A, B any](xs []A, f func(A) B) []B { return nil }
func Keys[M ~map[K]V, K comparable, V any](m M) []K { return nil }

type Celsius float64
type Adder[T any] interface{ Add(T) T }
type Meters int

func (m Meters) Add(n Meters) Meters       { return m + n }
func Total[T Adder[T]](xs ...T) T          { var t T; return t }
func Bad[T any](x T) T                     { return x + x }
func Ptr[T any, P interface{ *T; Set() }]() {}

func main() {
	_ = Max(1, 2.5)
	_ = Max(1, "a")
	_ = Max([]int{}, nil)
	_ = Max(Celsius(1), 2)
	_ = Apply([]int{1}, func(i int) string { return "" })
	_ = Apply(nil, nil)
	_ = Keys(map[string]int{})
	_ = Keys(3)
	var l *List[int]
	l = l.Push(1).Push("x")
	var s []string = l.Map(func(i int) string { return "" })
	_ = s
	_ = List[int, int]{}
	_ = List{}
	_ = Total(Meters(1))
	_ = Total(1)
	Ptr[int]()
	var n Number
	f := Max
	var g func(int, int) int = Max
	_ = g
}
