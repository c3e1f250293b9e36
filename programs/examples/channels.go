// Goroutines and channels: a pipeline, fan-out and a WaitGroup.
package main

import (
	"fmt"
	"sync"
)

func numbers(n int) <-chan int {
	out := make(chan int)
	go func() {
		defer close(out)
		for i := range n {
			out <- i + 1
		}
	}()
	return out
}

func squares(in <-chan int) <-chan int {
	out := make(chan int, 4)
	go func() {
		defer close(out)
		for n := range in {
			out <- n * n
		}
	}()
	return out
}

func main() {
	for n := range squares(numbers(5)) {
		fmt.Print(n, " ")
	}
	fmt.Println()

	in := numbers(100)
	var wg sync.WaitGroup
	partial := make([]int, 4)
	for i := range partial {
		wg.Go(func() {
			for n := range in {
				partial[i] += n
			}
		})
	}
	wg.Wait()
	total := 0
	for _, p := range partial {
		total += p
	}
	fmt.Println("total", total)

	done := make(chan struct{})
	go func() {
		defer close(done)
		fmt.Println("working")
	}()
	<-done
	fmt.Println("done")
}
