// Dynamic programming: edit distances and longest common subsequences.
package main

import "fmt"

func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, ca := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, cb := range b {
			cost := diagonal
			if ca != cb {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

func common(a, b string) int {
	table := make([][]uint16, len(a)+1)
	for i := range table {
		table[i] = make([]uint16, len(b)+1)
	}
	for i := range len(a) {
		for j := range len(b) {
			if a[i] == b[j] {
				table[i+1][j+1] = table[i][j] + 1
			} else {
				table[i+1][j+1] = max(table[i][j+1], table[i+1][j])
			}
		}
	}
	return int(table[len(a)][len(b)])
}

func word(seed uint32, n int) string {
	buf := make([]byte, n)
	for i := range buf {
		seed = seed*1664525 + 1013904223
		buf[i] = 'a' + byte(seed>>24)%6
	}
	return string(buf)
}

func main() {
	sum := 0
	for i := range uint32(22) {
		a, b := word(i+1, 1500), word(i+77, 1400)
		sum += distance([]rune(a), []rune(b))
		sum += common(a, b)
	}
	fmt.Println(sum)
}
