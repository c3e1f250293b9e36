// Words are in registers of integers or of floats, as their uses want it, whatever the slot is.
package main

import (
	"fmt"
	"math"
)

// Variables that share a slot of the frame: integers in some loops, floats in others.
func shared(xs []float64, ys []float32, n int) (int, float64, float32, uint64) {
	sum := 0
	{
		i := 0
		for i < n {
			sum += i * 3
			i++
		}
		x := 0.0
		for j := 0; j < n; j++ {
			x += xs[j%len(xs)]
		}
		sum += int(x)
	}
	{
		x := float32(0)
		for _, y := range ys {
			x += y
			x *= 0.5
		}
		k := uint32(1)
		for i := 0; i < n; i++ {
			k = k*1664525 + 1013904223
		}
		sum += int(k >> 20)
		sum += int(x * 8)
	}
	best, at := 0.0, 0
	for i, x := range xs {
		if d := x * 2; d > best {
			best, at = d, i
		}
	}
	var s float32
	for i := 0; i < n; i++ {
		s += ys[i%len(ys)] * 0.25
	}
	// Bits that are no number of their own.
	bits := uint64(math.Float32bits(s))
	for i := 0; i < n; i++ {
		bits = bits<<1 ^ math.Float64bits(best)>>7
		best = math.Float64frombits(math.Float64bits(best) ^ 1)
	}
	return sum + at, best, s, bits
}

// The sum is in a float's register when an element that is not there leaves the loop.
func failing(ys []float32, n int) (s float32, err any) {
	defer func() { err = recover() }()
	for i := 0; i < n; i++ {
		s += ys[i]
	}
	return s, nil
}

// Halves of words go around by themselves.
func julia(z, c complex64, most int) (n int, last complex64) {
	for n < most && real(z)*real(z)+imag(z)*imag(z) < 4 {
		z = z*z + c
		n++
	}
	return n, z
}

func sums(zs []complex64, n int) (s complex64, t complex64) {
	t = 1
	for i := 0; i < n; i++ {
		z := zs[i%len(zs)]
		s += z
		t = complex(imag(t), real(t)) - z
		if i%1000 == 999 {
			zs = append(zs, -z)
		}
	}
	return
}

// The word that is put together is what others see.
func swapped(zs []complex64, n int) (out []complex64, err any) {
	defer func() { err = recover() }()
	z := complex64(1 + 2i)
	for i := range n {
		z = complex(imag(z)+0.5, -real(z))
		zs[i] = z
		out = append(out[:0], z, zs[i/2])
	}
	return
}

func halves(x uint64, n int) uint64 {
	for i := 0; i < n; i++ {
		low, high := uint32(x), uint32(x>>32)
		low += high*5 + 1
		high = high<<3 | high>>29
		x = uint64(low) | uint64(high)<<32
	}
	return x
}

func narrowed(n int) (float32, float32) {
	x, y := 1e-3, float32(0)
	least := float32(math.Inf(1))
	for i := 0; i < n; i++ {
		x *= 1.0001
		f := float32(x)
		y = -y + f
		least = min(least, f*y)
	}
	return y, least
}

func main() {
	xs, ys := make([]float64, 100), make([]float32, 100)
	for i := range xs {
		xs[i], ys[i] = float64(i*37%100), float32(i*53%100)/3
	}
	zs := []complex64{1 + 1i, -2.5 + 0.25i, complex(float32(math.Copysign(0, -1)), 3)}
	for range 3 {
		fmt.Println(shared(xs, ys, 20000))
		fmt.Println(failing(ys, 100))
		fmt.Println(failing(ys, 101))
		fmt.Println(julia(0.1+0.2i, -0.1+0.65i, 20000))
		fmt.Println(julia(1+1i, 0.3, 20000))
		fmt.Println(sums(zs, 20000))
		fmt.Println(swapped(make([]complex64, 5000), 5000))
		fmt.Println(swapped(make([]complex64, 5000), 5001))
		fmt.Println(halves(0x123456789abcdef, 20000))
		fmt.Println(narrowed(20000))
	}
}
