// Deadlock with a second goroutine, which is in the trace too.
package main

import "sync"

//go:noinline
func send(c chan<- int) { c <- 1 }

func main() {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		send(make(chan int))
	}()
	wg.Wait()
}
