// A panic while package variables are initialised.
package main

import "fmt"

var table = build(3)

//go:noinline
func build(n int) []int {
	if n > 2 {
		panic("cannot build")
	}
	return make([]int, n)
}

func main() {
	fmt.Println(table)
}
