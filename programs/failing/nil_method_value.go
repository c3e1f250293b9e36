// A value method called through a nil pointer by an interface.
package main

import "fmt"

type point struct{ x, y int }

func (p point) Sum() int { return p.x + p.y }

type summer interface{ Sum() int }

//go:noinline
func sum(s summer) int { return s.Sum() }

func main() {
	var p *point
	fmt.Println(sum(point{1, 2}), sum(p))
}
