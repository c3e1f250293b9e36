// Goroutines that wait at different depths of calls, again and again, while others run on all processors: who goes on must go on in
// its own callers.
package main

import (
	"fmt"
	"sync"
)

func take(in chan int) (n int) {
	defer func() { n++ }()
	return <-in
}

func left(depth int, in chan int) int {
	if depth == 0 {
		return take(in)
	}
	if depth%2 == 0 {
		return 3*left(depth-1, in) + 1
	}
	return right(depth-1, in) - 1
}

func right(depth int, in chan int) int {
	if depth == 0 {
		return 2 * take(in)
	}
	return left(depth-1, in) ^ right(depth-1, in)
}

func main() {
	const rounds = 60
	const workers = 8
	var wg sync.WaitGroup
	sums := make([]int, workers)
	for w := range workers {
		in := make(chan int)
		stop := make(chan bool)
		go func() {
			for n := w; ; n++ {
				select {
				case in <- n:
				case <-stop:
					return
				}
			}
		}()
		wg.Add(1)
		go func() {
			defer wg.Done()
			defer close(stop)
			for round := range rounds {
				sums[w] = sums[w]*31 + left(1+(round+w)%9, in)
			}
		}()
	}
	wg.Wait()
	fmt.Println(sums)
}
