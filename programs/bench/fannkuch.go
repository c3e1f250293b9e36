// Small permutations in slices: the pancake flipping maximum.
package main

import "fmt"

func fannkuch(n int) (checksum, maxFlips int) {
	perm, source, counts := make([]int, n), make([]int, n), make([]int, n)
	for i := range source {
		source[i] = i
	}
	rest, parity := n, 0
	for {
		for ; rest != 1; rest-- {
			counts[rest-1] = rest
		}
		copy(perm, source)
		flips := 0
		for first := perm[0]; first != 0; first = perm[0] {
			for lo, hi := 0, first; lo < hi; lo, hi = lo+1, hi-1 {
				perm[lo], perm[hi] = perm[hi], perm[lo]
			}
			flips++
		}
		maxFlips = max(maxFlips, flips)
		if parity%2 == 0 {
			checksum += flips
		} else {
			checksum -= flips
		}
		for {
			if rest == n {
				return checksum, maxFlips
			}
			first := source[0]
			copy(source, source[1:rest+1])
			source[rest] = first
			counts[rest]--
			if counts[rest] > 0 {
				break
			}
			rest++
		}
		parity++
	}
}

func main() {
	fmt.Println(fannkuch(10))
}
