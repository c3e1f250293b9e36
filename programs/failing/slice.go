// Slice bounds out of range.
package main

import "fmt"

//go:noinline
func cut(s string, from, to int) string { return s[from:to] }

func main() {
	fmt.Println(cut("stack", 1, 3))
	fmt.Println(cut("stack", 4, 9))
}
