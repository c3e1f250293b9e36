// An index out of range.
package main

import "fmt"

//go:noinline
func at(list []int, i int) int { return list[i] }

func main() {
	fmt.Println(at([]int{1, 2, 3}, 2))
	fmt.Println(at([]int{1, 2, 3}, 3))
}
