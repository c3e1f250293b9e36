// A hundred thousand short-lived goroutines from one go statement, each of
// which needs about 24 KB of stack.
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
	done := make(chan int, 64)
	total := 0
	for range 1000 {
		for i := range 100 {
			go func() { done <- need(80 + i%8) }()
		}
		for range 100 {
			total += <-done
		}
	}
	fmt.Println(total)
}
