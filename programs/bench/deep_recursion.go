// Recursion a hundred thousand frames deep, each time in a fresh goroutine
// whose stack has to grow.
package main

import "fmt"

//go:noinline
func depth(n int) int {
	if n == 0 {
		return 0
	}
	return depth(n-1) + n&1 + 1
}

func main() {
	done := make(chan int)
	sum := 0
	for range 20 {
		go func() {
			first := depth(100_000)
			for range 4 {
				first += depth(100_000)
			}
			done <- first
		}()
		sum += <-done
	}
	fmt.Println(sum)
}
