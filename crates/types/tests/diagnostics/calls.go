package main

import (
	"fmt"
	"os"
)

func two() (int, string) { return 1, "a" }
func sum(a, b int) int   { return a + b }
func many(a ...int)      {}
func noReturn() int {
	for {
		break
	}
}

func main() {
	sum(1)
	sum(1, 2, 3)
	sum("a", 2)
	sum(two())
	a := two()
	b, c, d := two()
	var e int
	e = two()
	many(1, "x")
	many([]int{1})
	many([]int{1}...)
	fmt.Printf()
	fmt.newPrinter()
	fmt.Missing()
	many()()
	1()
	len()
	_ = append(1, 2)
	_ = make(int)
	go sum
	defer int(1)
	return 1
}
