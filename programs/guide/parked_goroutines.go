// A hundred thousand goroutines parked on one channel at once: their stacks
// are in MemStats while they wait, and they all come back.
package main

import (
	"fmt"
	"os"
	"runtime"
	"sync"
)

func count(full, small int) int {
	if os.Getenv("PROGRAM_SCALE") == "small" {
		return small
	}
	return full
}

func main() {
	n := count(100_000, 300)
	var before, parked runtime.MemStats
	runtime.ReadMemStats(&before)

	gate := make(chan struct{})
	var started, done sync.WaitGroup
	started.Add(n)
	done.Add(n)
	for range n {
		go func() {
			started.Done()
			<-gate
			done.Done()
		}()
	}
	started.Wait()
	runtime.ReadMemStats(&parked)
	fmt.Println("goroutines counted:", runtime.NumGoroutine() >= n+1)
	each := float64(parked.StackInuse-before.StackInuse) / float64(n)
	fmt.Println("at most 4 KB of stack each:", each <= 4096*1.25)

	close(gate)
	done.Wait()
	for runtime.NumGoroutine() > 1 {
		runtime.Gosched()
	}
	fmt.Println("all gone:", runtime.NumGoroutine() == 1)
}
