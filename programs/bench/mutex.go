// A contended Mutex, an RWMutex and atomics.
package main

import (
	"fmt"
	"sync"
	"sync/atomic"
)

func main() {
	var mu sync.Mutex
	var rw sync.RWMutex
	var n atomic.Int64
	plain, shared := 0, map[int]int{}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 2_000_000 {
				mu.Lock()
				plain += i & 3
				mu.Unlock()
				if i%64 == 0 {
					rw.Lock()
					shared[i%512] += g
					rw.Unlock()
				} else {
					rw.RLock()
					_ = shared[i%512]
					rw.RUnlock()
				}
				n.Add(1)
			}
		})
	}
	wg.Wait()
	sum := 0
	for k, v := range shared {
		sum += k*3 + v
	}
	fmt.Println(plain, sum, n.Load())
}
