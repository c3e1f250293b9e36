// Floating point in registers: the Mandelbrot set.
package main

import "fmt"

func main() {
	const size, limit = 1000, 200
	inside, steps := 0, 0
	for row := range size {
		ci := 2*float64(row)/size - 1
		for column := range size {
			cr := 2*float64(column)/size - 1.5
			var zr, zi, rr, ii float64
			n := 0
			for ; n < limit && rr+ii <= 4; n++ {
				zi = 2*zr*zi + ci
				zr = rr - ii + cr
				rr, ii = zr*zr, zi*zi
			}
			steps += n
			if n == limit {
				inside++
			}
		}
	}
	fmt.Println(inside, steps)
}
