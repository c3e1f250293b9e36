// Backtracking: the n-queens problem, once with slices and once with bits.
package main

import "fmt"

type board struct {
	n                    int
	columns, rise, falls []bool
}

func (b *board) place(row int) (solutions int) {
	if row == b.n {
		return 1
	}
	for column := range b.n {
		up, down := row+column, row-column+b.n
		if b.columns[column] || b.rise[up] || b.falls[down] {
			continue
		}
		b.columns[column], b.rise[up], b.falls[down] = true, true, true
		solutions += b.place(row + 1)
		b.columns[column], b.rise[up], b.falls[down] = false, false, false
	}
	return solutions
}

func bits(all, columns, left, right uint32) (solutions int) {
	if columns == all {
		return 1
	}
	for free := all &^ (columns | left | right); free != 0; free &= free - 1 {
		spot := free & -free
		solutions += bits(all, columns|spot, (left|spot)<<1, (right|spot)>>1)
	}
	return solutions
}

func main() {
	const n = 12
	b := &board{n, make([]bool, n), make([]bool, 2*n), make([]bool, 2*n+1)}
	fmt.Println(b.place(0), bits(1<<14-1, 0, 0, 0))
}
