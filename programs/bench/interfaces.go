// Method calls through interfaces, with several implementations.
package main

import "fmt"

type shape interface {
	area() int
	grow(by int) shape
}

type square struct{ side int }
type rectangle struct{ width, height int }
type triangle struct{ base, height int }
type group []shape

func (s *square) area() int   { return s.side * s.side }
func (r rectangle) area() int { return r.width * r.height }
func (t *triangle) area() int { return t.base * t.height / 2 }
func (g group) area() (sum int) {
	for _, s := range g {
		sum += s.area()
	}
	return sum
}

func (s *square) grow(by int) shape   { s.side = (s.side + by) % 100; return s }
func (r rectangle) grow(by int) shape { return rectangle{(r.width + by) % 90, r.height} }
func (t *triangle) grow(by int) shape { t.base = (t.base + by) % 80; return t }
func (g group) grow(by int) shape {
	for i := range g {
		g[i] = g[i].grow(by)
	}
	return g
}

func main() {
	shapes := group{&square{3}, &triangle{4, 5}, &square{6}, rectangle{1, 2}, &triangle{8, 9},
		&square{10}, group{&square{1}, &triangle{2, 2}}}
	total := 0
	for i := range 7_000_000 {
		total += shapes.area()
		if i%8 == 0 {
			shapes.grow(i % 11)
		}
	}
	fmt.Println(total)
}
