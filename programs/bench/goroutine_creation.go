// Starting and finishing a hundred thousand small goroutines, several times.
package main

import (
	"fmt"
	"sync"
	"sync/atomic"
)

//go:noinline
func small(n int) int64 {
	var buf [16]int64
	buf[n%16] = int64(n)
	return buf[n%16] ^ buf[(n+1)%16]
}

func main() {
	var total atomic.Int64
	for range 3 {
		var wg sync.WaitGroup
		wg.Add(100_000)
		for i := range 100_000 {
			go func() {
				defer wg.Done()
				total.Add(small(i))
			}()
		}
		wg.Wait()
	}
	fmt.Println(total.Load())
}
