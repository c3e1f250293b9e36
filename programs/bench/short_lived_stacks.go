// Many short-lived goroutines that each need about 24 KB of stack.
package main

import (
	"fmt"
	"sync"
)

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
	sums := make([]int, 64)
	for range 500 {
		var wg sync.WaitGroup
		for i := range sums {
			wg.Go(func() { sums[i] += need(80 + i%8) })
		}
		wg.Wait()
	}
	total := 0
	for _, s := range sums {
		total += s
	}
	fmt.Println(total)
}
