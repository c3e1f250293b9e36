// Both halves of products, one of them, and carries that can't be, in loops and in every order.
package main

import (
	"fmt"
	"math/bits"
)

func both(x, y uint64, n int) (sum, xor uint64) {
	for range n {
		hi, lo := bits.Mul64(x, y)
		sum += hi
		xor ^= lo
		x, y = lo|1, y+hi
	}
	return
}

// lowFirst needs the low half before the high one, and the low one once more.
func lowFirst(x, y uint64, n int) uint64 {
	for range n {
		lo := x * y
		hi, again := bits.Mul64(y, x)
		if lo != again {
			panic("halves differ")
		}
		x, y = lo^hi, y+2
	}
	return x
}

func highOnly(x, y uint64, n int) (sum uint64) {
	for i := range n {
		hi, _ := bits.Mul64(x+uint64(i), y)
		sum = sum*3 + hi
	}
	return
}

func square(x uint64, n int) uint64 {
	for range n {
		hi, lo := bits.Mul64(x, x)
		x = lo + hi + 1
	}
	return x
}

// chain adds numbers of several words with carries that begin as none.
func chain(a, b []uint64, n int) (last uint64) {
	for range n {
		var carry uint64
		for i := range a {
			a[i], carry = bits.Add64(a[i], b[i], carry)
		}
		last += carry
		var borrow uint64
		b[0], borrow = bits.Sub64(b[0], a[len(a)-1], 0)
		b[1], borrow = bits.Sub64(b[1], 0, borrow)
		last = last<<1 | borrow
	}
	return last
}

func main() {
	fmt.Println(both(0x9E3779B97F4A7C15, 0xD1B54A32D192ED03, 5000))
	fmt.Println(lowFirst(0x123456789ABCDEF1, 0xFEDCBA9876543211, 5000))
	fmt.Println(highOnly(^uint64(0), 1<<63, 5000))
	fmt.Println(square(0xC0FFEE1234567, 5000))
	a, b := []uint64{^uint64(0), 7, 1 << 63}, []uint64{3, ^uint64(0), 1<<63 + 5}
	fmt.Println(chain(a, b, 5000), a, b)
	x := ^uint64(0)
	hi, lo := bits.Mul64(x, x)
	fmt.Println(hi, lo)
}
