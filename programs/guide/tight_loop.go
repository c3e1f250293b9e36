// A tight loop: one frame, no calls, nothing for the stack to do.
package main

import "fmt"

func sumTo(n int) int {
	sum := 0
	for i := 0; i < n; i++ {
		sum += i
	}
	return sum
}

func main() {
	for _, n := range []int{0, 1, 1000, 100_000} {
		fmt.Println(n, sumTo(n))
	}
	total := 0
	for range 50 {
		total += sumTo(1000)
	}
	fmt.Println("total", total)
}
