// Producers and consumers on buffered channels.
package main

import (
	"fmt"
	"sync"
)

type item struct {
	producer, n int
	data        [4]int32
}

func main() {
	items := make(chan item, 128)
	sums := make(chan int, 4)
	var producers sync.WaitGroup
	for p := range 4 {
		producers.Go(func() {
			for n := range 900_000 {
				items <- item{producer: p, n: n, data: [4]int32{int32(n), 1, 2, 3}}
			}
		})
	}
	for range 2 {
		go func() {
			sum := 0
			for it := range items {
				sum += it.n*it.producer + int(it.data[it.n&3])
			}
			sums <- sum
		}()
	}
	producers.Wait()
	close(items)
	fmt.Println(<-sums + <-sums)
}
