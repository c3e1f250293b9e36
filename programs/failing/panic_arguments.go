// Arguments in a trace: words in hexadecimal, strings, slices and structs in braces.
package main

import "os"

type pair struct{ a, b int }

//go:noinline
func last(a int, b uint8, c bool, p pair) {
	if a > 0 {
		panic("arguments")
	}
	os.Exit(a + int(b) + p.a)
}

//go:noinline
func many(a, b, c, d, e, f, g, h, i, j, k, l int) {
	last(a, uint8(b), true, pair{c, d})
	if e+f+g+h+i+j+k+l == 0 {
		os.Exit(9)
	}
}

func main() {
	many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
}
