// A million goroutines parked on a channel: start, park, wake, finish.
package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
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
	for range count {
		go func() {
			done <- <-gate
		}()
	}
	sum := 0
	go func() { done <- 1 }()
	sum += <-done
	parked := time.Since(begin)
	each := (resident() - before) / count
	close(gate)
	for range count {
		sum += <-done
	}
	fmt.Println(sum)
	fmt.Fprintf(os.Stderr, "%d bytes each, parked after %v, finished after %v\n", each, parked.Round(time.Millisecond), time.Since(begin).Round(time.Millisecond))
}
