// What growing to a hundred thousand frames costs: the first run of a
// recursion in a fresh goroutine, less the second, on standard error.
package main

import (
	"fmt"
	"os"
	"time"
)

type cell struct{ n, writes int }

//go:noinline
func plain(n int) int {
	if n == 0 {
		return 0
	}
	return plain(n-1) + n&1 + 1
}

//go:noinline
func descend(depth int, top, above *cell) {
	mine := cell{n: depth}
	if depth > 0 {
		descend(depth-1, top, &mine)
	}
	above.n += mine.n
	above.writes += mine.writes + 1
	top.writes ^= depth
}

func measure(name string, run func() int) {
	best := [2]time.Duration{time.Hour, time.Hour}
	var mean time.Duration
	sum := 0
	for range 20 {
		done := make(chan int)
		go func() {
			begin := time.Now()
			n := run()
			first := time.Since(begin)
			begin = time.Now()
			n += run()
			second := time.Since(begin)
			mean += (first - time.Since(begin)) / 20
			best[0] = min(best[0], first)
			best[1] = min(best[1], second)
			done <- n
		}()
		sum += <-done
	}
	fmt.Println(name, sum)
	fmt.Fprintln(os.Stderr, name, "first", best[0], "second", best[1], "growth", best[0]-best[1], "mean growth", mean)
}

func main() {
	measure("plain", func() int { return plain(100_000) })
	measure("pointers", func() int {
		var top, root cell
		descend(100_000, &top, &root)
		return root.n + top.writes
	})
}
