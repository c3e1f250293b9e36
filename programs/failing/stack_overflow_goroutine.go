// Endless recursion in a goroutine; recover cannot help.
package main

import (
	"fmt"
	"runtime/debug"
	"time"
)

type walker struct{ steps int }

//go:noinline
func (w *walker) walk(n int) int { return w.walk(n+1) + 1 }

func main() {
	debug.SetMaxStack(1 << 18)
	done := make(chan int)
	go func() {
		time.Sleep(20 * time.Millisecond) // until main waits
		defer func() { fmt.Println("not recovered:", recover()) }()
		done <- new(walker).walk(0)
	}()
	<-done
}
