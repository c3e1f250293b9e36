// Calls back and forth over a power-of-two boundary of the stack. Segmented
// stacks paid for each of them; contiguous ones grow once.
package main

import (
	"fmt"
	"os"
	"runtime"
)

func count(full, small int) int {
	if os.Getenv("PROGRAM_SCALE") == "small" {
		return small
	}
	return full
}

//go:noinline
func leaf(n int) int {
	var frame [60]int
	frame[n%60] = n
	return frame[n%60] + frame[(n+1)%60]
}

// atDepth calls leaf many times from the given depth.
//
//go:noinline
func atDepth(depth, calls int) int {
	if depth > 0 {
		return atDepth(depth-1, calls)
	}
	sum := 0
	for i := range calls {
		sum += leaf(i)
	}
	return sum
}

func main() {
	calls := count(2000, 50)
	var m runtime.MemStats
	for depth := range 100 {
		done := make(chan int)
		go func() { done <- atDepth(depth, calls) }()
		if got := <-done; got != calls*(calls-1)/2 {
			fmt.Println("depth", depth, "got", got)
			return
		}
	}
	runtime.ReadMemStats(&m)
	fmt.Println("every depth agrees; stacks are small:", m.StackInuse < 8<<20)
}
