// Goroutines that sleep at different depths of calls, again and again, on whatever thread is free: who goes on must go on in its own
// callers.
package main

import (
	"fmt"
	"sync"
	"time"
)

func take(n *int) int {
	time.Sleep(10 * time.Microsecond)
	*n++
	return *n
}

func left(depth int, n *int) int {
	if depth == 0 {
		return take(n)
	}
	if depth%2 == 0 {
		return 3*left(depth-1, n) + 1
	}
	return right(depth-1, n) - 1
}

func right(depth int, n *int) int {
	if depth == 0 {
		return 2 * take(n)
	}
	return left(depth-1, n) ^ right(depth-1, n)
}

func main() {
	var wg sync.WaitGroup
	sums := make([]int, 3)
	for w := range sums {
		wg.Add(1)
		go func() {
			defer wg.Done()
			n := w
			for round := range 120 {
				sums[w] = sums[w]*31 + left(1+(round+w)%8, &n)
			}
		}()
	}
	wg.Wait()
	fmt.Println(sums)
}
