// A slice of bools: the sieve of Eratosthenes, several times over.
package main

import "fmt"

func sieve(n int) (count, last int) {
	composite := make([]bool, n+1)
	for i := 2; i <= n; i++ {
		if composite[i] {
			continue
		}
		count++
		last = i
		for j := i * i; j <= n; j += i {
			composite[j] = true
		}
	}
	return count, last
}

func main() {
	for _, n := range []int{1_000_000, 10_000_000, 40_000_000} {
		fmt.Println(sieve(n))
	}
}
