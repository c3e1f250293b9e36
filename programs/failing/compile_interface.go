// Types that do not implement an interface, and why.
package main

import "fmt"

type shape interface {
	Area() float64
	Name() string
}

type square struct{}

func (s *square) Area() float64 { return 1 }
func (s *square) Name() string  { return "square" }

type circle struct{}

func (circle) Area() int { return 3 }

func largest[T shape](list ...T) (t T) { return t }

func main() {
	var s shape = square{}
	s = circle{}
	s = &square{}
	fmt.Println(s.(circle))
	fmt.Println(largest(1, 2))
	switch s.(type) {
	case string:
	}
}
