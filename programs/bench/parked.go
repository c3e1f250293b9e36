// A million goroutines parked on a channel: start, park, wake, finish.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

func resident() int {
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	pages, _ := strconv.Atoi(strings.Fields(string(data))[1])
	return pages * 4096
}

func main() {
	const count = 1_000_000
	gate := make(chan int)
	done := make(chan int)
	before := resident()
	begin := time.Now()
	var begun atomic.Int64
	for range count {
		go func() {
			begun.Add(1)
			done <- <-gate
		}()
	}
	for begun.Load() < count {
		runtime.Gosched()
	}
	sum := 1
	parked := time.Since(begin)
	each := (resident() - before) / count
	close(gate)
	for range count {
		sum += <-done
	}
	fmt.Println(sum)
	fmt.Fprintf(os.Stderr, "%d bytes each, parked after %v, finished after %v\n", each, parked.Round(time.Millisecond), time.Since(begin).Round(time.Millisecond))
}
