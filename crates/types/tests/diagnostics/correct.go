package main

import (
	"fmt"
	"os"
)

type Shape interface {
	Area() float64
	fmt.Stringer
}

type base struct{ name string }

func (b base) String() string { return b.name }

type square struct {
	base
	side float64
}

func (s *square) Area() float64 { return s.side * s.side }

type weekday int

const (
	sunday weekday = iota
	monday
)

const huge = 1 << 90 >> 88

func squares(n int) func(yield func(int, int) bool) {
	return func(yield func(int, int) bool) {
		for i := range n {
			if !yield(i, i*i) {
				return
			}
		}
	}
}

func classify(x any) (kind string) {
	switch v := x.(type) {
	case nil:
		kind = "nil"
	case int, string:
		_ = v
		kind = "simple"
	case fmt.Stringer:
		kind = v.String()
	default:
		kind = "other"
	}
	return
}

func search(m map[string][]int) int {
outer:
	for _, list := range m {
		for i, v := range list {
			switch {
			case v < 0:
				continue outer
			case i > huge:
				break outer
			}
		}
	}
	select {
	default:
	}
	panic("not found")
}

func main() {
	var s Shape = &square{base: base{"sq"}, side: 2}
	fmt.Println(s.Area(), s, classify(monday), len(os.Args), min(1, 2.5))
	for i, sq := range squares(3) {
		fmt.Println(i, sq)
	}
	p := new(41)
	*p++
	var f float32 = 1 << 3
	n := 3
	var u uint8 = 1 << n
	v, ok := s.(*square)
	fmt.Println(*p, f, u, v, ok, search(nil))
	defer func() { _ = recover() }()
}
