// Integer arithmetic in nested loops.
package main

import "fmt"

func main() {
	const n = 640
	var sum uint32
	for i := uint32(0); i < n; i++ {
		for j := uint32(0); j < n; j++ {
			x := i*31 + j
			for k := uint32(0); k < n; k++ {
				x = x*1664525 + k
				if x&7 == 0 {
					sum += x >> 16
				}
			}
			sum ^= x
		}
	}
	fmt.Println(sum)
}
