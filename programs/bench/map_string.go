// A map of strings: counting words.
package main

import (
	"fmt"
	"strconv"
)

func main() {
	words := make([]string, 20_000)
	for i := range words {
		words[i] = "word-" + strconv.Itoa(i*7919%100_003)
	}
	counts := make(map[string]int)
	x := uint32(7)
	for range 6_000_000 {
		x = x*1664525 + 1013904223
		counts[words[x>>8%20_000]]++
	}
	most, sum := 0, 0
	for w, n := range counts {
		most = max(most, n)
		sum += len(w) * n
	}
	fmt.Println(len(counts), most, sum)
}
