// Rotations and 32-bit arithmetic: SHA-256 written out in Go.
package main

import (
	"fmt"
	"math"
	"math/bits"
)

// firstBits gives the first 32 bits of the fractional part of f.
func firstBits(f float64) uint32 {
	_, fraction := math.Modf(f)
	return uint32(fraction * (1 << 32))
}

var roundKeys = func() (k [64]uint32) {
	n := 0
	for p := 2; n < len(k); p++ {
		prime := true
		for d := 2; d*d <= p; d++ {
			if p%d == 0 {
				prime = false
			}
		}
		if prime {
			k[n] = firstBits(math.Cbrt(float64(p)))
			n++
		}
	}
	return k
}()

var start = func() (h [8]uint32) {
	for i, p := range []float64{2, 3, 5, 7, 11, 13, 17, 19} {
		h[i] = firstBits(math.Sqrt(p))
	}
	return h
}()

func block(h *[8]uint32, p []byte) {
	var w [64]uint32
	for i := range 16 {
		w[i] = uint32(p[4*i])<<24 | uint32(p[4*i+1])<<16 | uint32(p[4*i+2])<<8 | uint32(p[4*i+3])
	}
	for i := 16; i < 64; i++ {
		x, y := w[i-15], w[i-2]
		s0 := bits.RotateLeft32(x, -7) ^ bits.RotateLeft32(x, -18) ^ x>>3
		s1 := bits.RotateLeft32(y, -17) ^ bits.RotateLeft32(y, -19) ^ y>>10
		w[i] = w[i-16] + s0 + w[i-7] + s1
	}
	a, b, c, d, e, f, g, k := h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7]
	for i := range 64 {
		s1 := bits.RotateLeft32(e, -6) ^ bits.RotateLeft32(e, -11) ^ bits.RotateLeft32(e, -25)
		t1 := k + s1 + (e&f ^ ^e&g) + roundKeys[i] + w[i]
		s0 := bits.RotateLeft32(a, -2) ^ bits.RotateLeft32(a, -13) ^ bits.RotateLeft32(a, -22)
		t2 := s0 + (a&b ^ a&c ^ b&c)
		a, b, c, d, e, f, g, k = t1+t2, a, b, c, d+t1, e, f, g
	}
	h[0] += a
	h[1] += b
	h[2] += c
	h[3] += d
	h[4] += e
	h[5] += f
	h[6] += g
	h[7] += k
}

func sum(data []byte) (digest [32]byte) {
	h := start
	length := uint64(len(data)) * 8
	padded := append([]byte(nil), data...)
	padded = append(padded, 0x80)
	for len(padded)%64 != 56 {
		padded = append(padded, 0)
	}
	for shift := 56; shift >= 0; shift -= 8 {
		padded = append(padded, byte(length>>shift))
	}
	for ; len(padded) > 0; padded = padded[64:] {
		block(&h, padded[:64])
	}
	for i, x := range h {
		digest[4*i], digest[4*i+1], digest[4*i+2], digest[4*i+3] = byte(x>>24), byte(x>>16), byte(x>>8), byte(x)
	}
	return digest
}

func main() {
	fmt.Printf("%x\n", sum([]byte("abc")))
	data := make([]byte, 1<<20)
	var digest [32]byte
	for range 48 {
		copy(data[1000:], digest[:])
		digest = sum(data)
	}
	fmt.Printf("%x\n", digest)
}
