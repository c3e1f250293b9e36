// A map with struct keys: the points that a walk on a grid visits.
package main

import "fmt"

type point struct{ x, y int32 }

func main() {
	visits := map[point]int{}
	var p point
	x := uint32(99)
	for range 3_000_000 {
		x = x*1664525 + 1013904223
		switch x >> 30 {
		case 0:
			p.x++
		case 1:
			p.x--
		case 2:
			p.y++
		case 3:
			p.y--
		}
		visits[p]++
	}
	var most int
	var far int32
	for p, n := range visits {
		most = max(most, n)
		far = max(far, p.x*p.x+p.y*p.y)
	}
	fmt.Println(len(visits), most, far)
}
