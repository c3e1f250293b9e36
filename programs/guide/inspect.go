// The stack's share of memory, read from MemStats.
package main

import (
	"fmt"
	"runtime"
)

func main() {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Println("stack in use:", m.StackInuse > 0)
	fmt.Println("stack from the system covers it:", m.StackSys >= m.StackInuse)
	fmt.Println("whole from the system covers both:", m.Sys >= m.StackSys+m.HeapInuse)
	fmt.Println("goroutines:", runtime.NumGoroutine())

	// Two more goroutines, held.
	hold, held := make(chan bool), make(chan bool)
	for range 2 {
		go func() { held <- true; <-hold }()
	}
	<-held
	<-held
	fmt.Println("goroutines:", runtime.NumGoroutine())
	close(hold)

	collections := m.NumGC
	runtime.GC()
	runtime.ReadMemStats(&m)
	fmt.Println("a collection was counted:", m.NumGC > collections)
	fmt.Println("it paused:", m.PauseTotalNs > 0)
	fmt.Println("objects balance:", m.HeapObjects == m.Mallocs-m.Frees)
}
