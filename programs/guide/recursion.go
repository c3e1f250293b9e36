// Shallow and deep recursion with a 2 KB frame per call. The first deep call
// makes the goroutine's stack grow several times; the second one finds it grown.
package main

import "fmt"

// descend puts 256 words into every frame and gives back their checksum, so
// that a frame damaged by a copy would show.
//
//go:noinline
func descend(depth int) int64 {
	var frame [256]int64
	for i := range frame {
		frame[i] = int64(depth*1000 + i)
	}
	var below int64
	if depth > 0 {
		below = descend(depth - 1)
	}
	sum := below
	for i, v := range frame {
		if v != int64(depth*1000+i) {
			panic("a frame changed under its owner")
		}
		sum += v
	}
	return sum
}

func main() {
	for _, depth := range []int{0, 3, 10, 100} {
		result := make(chan int64)
		go func() {
			first := descend(depth)
			second := descend(depth)
			if first != second {
				panic("the second descent differs")
			}
			result <- first
		}()
		fmt.Printf("depth %3d: %d\n", depth, <-result)
	}
}
