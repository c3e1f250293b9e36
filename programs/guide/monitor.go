// A monitor that reads MemStats at every tick while the program works; it ends
// after a few ticks. Its lines vary, so only their shape is printed.
package main

import (
	"fmt"
	"runtime"
	"strings"
	"time"
)

func monitor(ticks int, lines chan<- string) {
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	defer close(lines)
	for range ticker.C {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		lines <- fmt.Sprintf("[%s] Goroutines: %d, Stack: %d KB, GC: %d",
			time.Now().Format("15:04:05"), runtime.NumGoroutine(), m.StackSys/1024, m.NumGC)
		if ticks--; ticks == 0 {
			return
		}
	}
}

//go:noinline
func grow(depth int) int {
	var frame [64]int
	frame[depth%64] = depth
	if depth == 0 {
		return 0
	}
	return grow(depth-1) + frame[depth%64]
}

func main() {
	lines := make(chan string)
	go monitor(4, lines)

	stop := make(chan bool)
	sums := make(chan int)
	go func() {
		n := 0
		for {
			select {
			case <-stop:
				sums <- n
				return
			default:
				if grow(50) != 1275 {
					panic("wrong sum")
				}
				n++
				runtime.Gosched()
			}
		}
	}()

	for line := range lines {
		clock, rest, _ := strings.Cut(line, "] ")
		_, err := time.Parse("15:04:05", strings.TrimPrefix(clock, "["))
		var goroutines, kb, collections int
		n, scanErr := fmt.Sscanf(rest, "Goroutines: %d, Stack: %d KB, GC: %d", &goroutines, &kb, &collections)
		fmt.Println("tick:", err == nil, scanErr == nil, n, goroutines == 3, kb > 0)
	}
	close(stop)
	fmt.Println("worked:", <-sums > 0)
}
