// One goroutine in a thousand needs 24 KB of stack: the go statement stays at
// the smallest size; then all of them do, and then none.
package main

import "fmt"

//go:noinline
func need(depth int) int {
	var frame [32]int
	frame[depth&31] = depth
	if depth == 0 {
		return 0
	}
	return need(depth-1) + frame[depth&31]
}

func main() {
	done := make(chan int)
	total := 0
	for i := range 30_000 {
		depth := 1
		if i/10_000 == 1 || i%1000 == 7 {
			depth = 80
		}
		go func() { done <- need(depth) }()
		total += <-done
	}
	fmt.Println(total)
}
