// A map of ints: inserting, finding, changing, deleting, ranging.
package main

import "fmt"

func main() {
	m := make(map[int]int)
	x := uint32(1)
	next := func() int {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		return int(x % 300_000)
	}
	for range 1_000_000 {
		m[next()]++
	}
	found := 0
	for range 1_000_000 {
		if n, ok := m[next()]; ok {
			found += n
		}
	}
	for range 300_000 {
		delete(m, next())
	}
	sum := 0
	for k, v := range m {
		sum += k ^ v
	}
	fmt.Println(len(m), found, sum)
}
