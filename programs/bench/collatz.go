// Unpredictable branches: the longest Collatz chain below a limit.
package main

import "fmt"

func main() {
	best, bestLength, total := 0, 0, 0
	for start := 1; start < 800_000; start++ {
		length := 1
		for n := start; n != 1; length++ {
			if n%2 == 0 {
				n /= 2
			} else {
				n = 3*n + 1
			}
		}
		total += length
		if length > bestLength {
			best, bestLength = start, length
		}
	}
	fmt.Println(best, bestLength, total)
}
