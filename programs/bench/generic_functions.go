// Generic functions with constraints: min, max, sum, map, reduce, search.
package main

import (
	"cmp"
	"fmt"
)

type integer interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

type numeric interface{ integer | ~float32 | ~float64 }

type celsius float64

func sum[T numeric](list []T) (total T) {
	for _, x := range list {
		total += x
	}
	return total
}

func extremes[T cmp.Ordered](list []T) (lo, hi T) {
	lo, hi = list[0], list[0]
	for _, x := range list[1:] {
		lo, hi = min(lo, x), max(hi, x)
	}
	return lo, hi
}

func transform[A, B any](dst []B, src []A, f func(A) B) []B {
	dst = dst[:0]
	for _, x := range src {
		dst = append(dst, f(x))
	}
	return dst
}

func gcd[T integer](a, b T) T {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func search[T cmp.Ordered](list []T, want T) int {
	lo, hi := 0, len(list)
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if list[mid] < want {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

func main() {
	ints := make([]int32, 4096)
	for i := range ints {
		ints[i] = int32(i*i%1009 - 300)
	}
	var degrees []celsius
	var bytes []uint8
	checksum := 0
	for round := range 4000 {
		degrees = transform(degrees, ints, func(n int32) celsius { return celsius(n) / 2 })
		bytes = transform(bytes, ints, func(n int32) uint8 { return uint8(n) })
		lo, hi := extremes(degrees)
		checksum += int(sum(ints)) + int(sum(bytes)) + int(sum(degrees)) + int(hi-lo)
		ints[round] += int32(round)
	}
	sorted := make([]int, 10_000)
	for i := range sorted {
		sorted[i] = i * 3
	}
	for i := range 1_500_000 {
		checksum += search(sorted, i%30_000)
	}
	for i := uint64(1); i < 400_000; i++ {
		checksum += int(gcd(i, 360_360))
	}
	fmt.Println(checksum)
}
