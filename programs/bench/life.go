// Conway's game of life on a torus.
package main

import "fmt"

const width, height = 256, 256

type field [height][width]uint8

func (f *field) step(next *field) {
	for y := range height {
		above, below := (y+height-1)%height, (y+1)%height
		for x := range width {
			left, right := (x+width-1)%width, (x+1)%width
			n := f[above][left] + f[above][x] + f[above][right] +
				f[y][left] + f[y][right] +
				f[below][left] + f[below][x] + f[below][right]
			if n == 3 || n == 2 && f[y][x] == 1 {
				next[y][x] = 1
			} else {
				next[y][x] = 0
			}
		}
	}
}

func main() {
	now, next := new(field), new(field)
	x := uint32(11)
	for i := range now {
		for j := range now[i] {
			x = x*1664525 + 1013904223
			now[i][j] = uint8(x >> 31)
		}
	}
	for range 750 {
		now.step(next)
		now, next = next, now
	}
	alive, checksum := 0, 0
	for y, row := range now {
		for x, c := range row {
			alive += int(c)
			checksum = (checksum*3 + int(c)*(x^y)) % 1_000_003
		}
	}
	fmt.Println(alive, checksum)
}
