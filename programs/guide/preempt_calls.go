// Loops with calls on a single processor: cooperative preemption, by the same
// check at function entry that finds the stack too small.
package main

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"time"
)

var stop atomic.Bool

//go:noinline
func step(n int) int {
	if n%3 == 0 {
		return n / 3
	}
	return n + 1
}

func busy(done chan<- bool) {
	n := 1
	for !stop.Load() {
		n = step(n + 7)
	}
	done <- n != 0
}

func main() {
	runtime.GOMAXPROCS(1)
	done := make(chan bool)
	for range 3 {
		go busy(done)
	}
	// Three rounds at least, however long they take on a machine that does other things, too.
	turns := 0
	for deadline := time.Now().Add(30 * time.Millisecond); turns < 3 || time.Now().Before(deadline); {
		runtime.Gosched()
		turns++
	}
	fmt.Println("main had turns:", turns >= 3)
	stop.Store(true)
	for range 3 {
		<-done
	}
	fmt.Println("all three stopped")
}
