// Small frames, large frames and very large frames: the check at function
// entry must make room for each before its first instruction.
package main

import "fmt"

//go:noinline
func smallFrame(x int) int {
	a, b := x+1, x+2
	c := "four words"
	return a + b + len(c)
}

//go:noinline
func largeFrame(a, b, c int) int {
	var data [1000]byte
	var list []int
	var any interface{} = c
	data[a%1000] = byte(b)
	list = append(list, a, b, any.(int))
	return int(data[a%1000]) + len(list)
}

// hugeFrame needs 80 KB at once: more than one doubling of a fresh stack.
//
//go:noinline
func hugeFrame(seed int) (sum int) {
	var results [10_000]int
	for i := range results {
		results[i] = seed + i
	}
	for i := len(results) - 1; i >= 0; i -= 7 {
		sum += results[i]
	}
	return sum
}

// onHeap does what hugeFrame does with a slice.
//
//go:noinline
func onHeap(n, seed int) (sum int) {
	results := make([]int, n)
	for i := range results {
		results[i] = seed + i
	}
	for i := len(results) - 1; i >= 0; i -= 7 {
		sum += results[i]
	}
	return sum
}

func inFresh(f func() int) int {
	done := make(chan int)
	go func() { done <- f() }()
	return <-done
}

func main() {
	fmt.Println("small:", inFresh(func() int { return smallFrame(1) }))
	fmt.Println("large:", inFresh(func() int { return largeFrame(10, 20, 30) }))
	fmt.Println("huge:", inFresh(func() int { return hugeFrame(5) }))
	fmt.Println("heap:", inFresh(func() int { return onHeap(10_000, 5) }))
	fmt.Println("equal:", hugeFrame(9) == onHeap(10_000, 9))
}
