// Arrays of arrays of fixed size, by value and by pointer.
package main

import "fmt"

const n = 64

type matrix [n][n]int32

func (a *matrix) times(b *matrix) (c matrix) {
	for i := range n {
		for k := range n {
			f := a[i][k]
			for j := range n {
				c[i][j] += f * b[k][j]
			}
		}
	}
	return c
}

func main() {
	var a matrix
	for i := range n {
		for j := range n {
			a[i][j] = int32(i*j%7 - 3)
		}
	}
	power := a
	for range 1000 {
		power = power.times(&a)
	}
	var sum int32
	for _, row := range power {
		for _, x := range row {
			sum = sum*31 + x
		}
	}
	fmt.Println(sum)
}
