// A pool of workers with a WaitGroup, and results under a Mutex.
package main

import (
	"fmt"
	"sync"
)

func work(n int) int {
	x := uint32(n)
	for range 60 {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
	}
	return int(x & 0xffff)
}

func main() {
	jobs := make(chan int, 64)
	var wg sync.WaitGroup
	var mu sync.Mutex
	total, perBucket := 0, map[int]int{}
	for range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for n := range jobs {
				r := work(n)
				mu.Lock()
				total += r
				perBucket[r%16]++
				mu.Unlock()
			}
		}()
	}
	for n := range 1_500_000 {
		jobs <- n + 1
	}
	close(jobs)
	wg.Wait()
	fmt.Println(total, len(perBucket), perBucket[0], perBucket[15])
}
