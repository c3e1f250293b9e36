// A hundred thousand goroutines, each with a small frame, awaited by a WaitGroup.
package main

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"
)

// count is the full number, or a small one where every step is made expensive
// on purpose (PROGRAM_SCALE=small, set for the stress modes).
func count(full, small int) int {
	if os.Getenv("PROGRAM_SCALE") == "small" {
		return small
	}
	return full
}

//go:noinline
func smallWork(n int) int {
	var buf [100]byte
	for i := range buf {
		buf[i] = byte(n + i)
	}
	return int(buf[n%len(buf)])
}

func main() {
	n := count(100_000, 500)
	var wg sync.WaitGroup
	var ran, bytes atomic.Int64
	wg.Add(n)
	for i := 0; i < n; i++ {
		go func() {
			defer wg.Done()
			bytes.Add(int64(smallWork(i)))
			ran.Add(1)
		}()
	}
	wg.Wait()

	var want int64
	for i := range n {
		want += int64(smallWork(i))
	}
	fmt.Println("all ran:", ran.Load() == int64(n))
	fmt.Println("checksum right:", bytes.Load() == want)
}
