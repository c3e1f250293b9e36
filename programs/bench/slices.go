// Slices: append, copy, reslice, insert and remove.
package main

import "fmt"

func insert(s []int, at, x int) []int {
	s = append(s, 0)
	copy(s[at+1:], s[at:])
	s[at] = x
	return s
}

func remove(s []int, at int) []int {
	return append(s[:at], s[at+1:]...)
}

func main() {
	sum := 0
	for round := range 250 {
		var s []int
		for i := range 60_000 {
			s = append(s, i^round)
		}
		half := s[len(s)/4 : len(s)*3/4]
		for i, x := range half {
			sum += x * (i & 3)
		}
		copy(s, half)
		sum += s[100] + cap(s)%3
	}
	s := make([]int, 0, 16)
	for i := range 40_000 {
		s = insert(s, i/2, i)
	}
	for len(s) > 10_000 {
		sum += s[len(s)/3]
		s = remove(s, len(s)/3)
	}
	var rows [][]byte
	for i := range 2000 {
		row := make([]byte, 200)
		for j := range row {
			row[j] = byte(i + j)
		}
		rows = append(rows, row)
	}
	for _, row := range rows {
		for i, j := 0, len(row)-1; i < j; i, j = i+1, j-1 {
			row[i], row[j] = row[j], row[i]
		}
		sum += int(row[7])
	}
	fmt.Println(sum, len(s))
}
