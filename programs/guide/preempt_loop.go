// Loops without calls on a single processor: asynchronous preemption lets the
// others run all the same.
package main

import (
	"fmt"
	"runtime"
	"time"
)

var counters [4]int

func hog(i int) {
	n := 0
	for {
		n++
		if n < 0 {
			counters[i] = n
		}
	}
}

func main() {
	runtime.GOMAXPROCS(1)
	for i := range 2 {
		go hog(i)
	}
	// main must get the processor back after each of these.
	for range 3 {
		time.Sleep(time.Millisecond)
	}
	runtime.Gosched()
	fmt.Println("main slept and woke")

	reply := make(chan string)
	go func() { reply <- "a third goroutine ran" }()
	fmt.Println(<-reply)

	runtime.GC() // must be able to stop the loops
	fmt.Println("a collection stopped them")
}
