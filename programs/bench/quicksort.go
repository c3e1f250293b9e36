// Slices of slices: quicksort written by hand.
package main

import "fmt"

func quicksort(a []int) {
	for len(a) > 12 {
		mid := len(a) / 2
		last := len(a) - 1
		if a[mid] < a[0] {
			a[mid], a[0] = a[0], a[mid]
		}
		if a[last] < a[0] {
			a[last], a[0] = a[0], a[last]
		}
		if a[last] < a[mid] {
			a[last], a[mid] = a[mid], a[last]
		}
		pivot := a[mid]
		i, j := 0, last
		for i <= j {
			for a[i] < pivot {
				i++
			}
			for a[j] > pivot {
				j--
			}
			if i <= j {
				a[i], a[j] = a[j], a[i]
				i++
				j--
			}
		}
		if j < len(a)-i {
			quicksort(a[:j+1])
			a = a[i:]
		} else {
			quicksort(a[i:])
			a = a[:j+1]
		}
	}
	for i := 1; i < len(a); i++ {
		for j := i; j > 0 && a[j] < a[j-1]; j-- {
			a[j], a[j-1] = a[j-1], a[j]
		}
	}
}

func main() {
	a := make([]int, 3_000_000)
	x := uint64(42)
	for i := range a {
		x = x*6364136223846793005 + 1442695040888963407
		a[i] = int(x >> 40)
	}
	quicksort(a)
	sum := 0
	for i, v := range a {
		if i > 0 && a[i-1] > v {
			panic("not sorted")
		}
		sum = sum*31 + v
	}
	fmt.Println(a[0], a[len(a)/2], a[len(a)-1], sum)
}
