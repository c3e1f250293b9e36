// Many goroutines whose stacks grow at the same time, each to its own depth,
// each with pointers into its own frames.
package main

import (
	"fmt"
	"os"
	"sync"
)

func count(full, small int) int {
	if os.Getenv("PROGRAM_SCALE") == "small" {
		return small
	}
	return full
}

// climb hands a pointer to a local of every frame to the frame below, which
// writes through it.
//
//go:noinline
func climb(depth int, above *int) int {
	*above += depth
	if depth == 0 {
		return 0
	}
	mine := 0
	below := climb(depth-1, &mine)
	return below + mine
}

func main() {
	goroutines, depth := count(1000, 20), count(400, 60)
	sums := make([]int, goroutines)
	var wg sync.WaitGroup
	for i := range goroutines {
		wg.Go(func() {
			top := 0
			sums[i] = climb(depth+i%50, &top) + top
		})
	}
	wg.Wait()
	for i, sum := range sums {
		d := depth + i%50
		if sum != d*(d+1)/2 {
			fmt.Println("goroutine", i, "got", sum)
			return
		}
	}
	fmt.Println("all sums right")
}
