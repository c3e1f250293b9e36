// Package ziggurat draws from the normal and the exponential distribution by the method of Marsaglia and Tsang (2000),
// "The Ziggurat Method for Generating Random Variables". Its tables are made when they are first needed.
package ziggurat

import (
	"math"
	"sync"
)

const (
	normalEnd      = 3.442619855899      // where the normal distribution's tail begins
	normalArea     = 9.91256303526217e-3 // of each strip
	exponentialEnd = 7.69711747013104972
	exponentArea   = 3.949659822581572e-3
)

type tables struct {
	k []uint32  // numbers below are inside the strip for sure
	w []float32 // width of a strip, for each unit of a number
	f []float32 // density at the strip's edge
}

var (
	normal      tables
	exponential tables
	makeNormal  sync.Once
	makeExpon   sync.Once
)

// fill makes tables of n strips for a density and its inverse; unit is the number of different numbers.
func (t *tables) fill(n int, end, area, unit float64, density, inverse func(float64) float64) {
	t.k, t.w, t.f = make([]uint32, n), make([]float32, n), make([]float32, n)
	x, last := end, end
	q := area / density(x)
	t.k[0] = uint32(x / q * unit)
	t.w[0] = float32(q / unit)
	t.w[n-1] = float32(x / unit)
	t.f[0] = 1
	t.f[n-1] = float32(density(x))
	for i := n - 2; i >= 1; i-- {
		x = inverse(area/x + density(x))
		t.k[i+1] = uint32(x / last * unit)
		last = x
		t.f[i] = float32(density(x))
		t.w[i] = float32(x / unit)
	}
}

func fillNormal() {
	normal.fill(128, normalEnd, normalArea, 1<<31,
		func(x float64) float64 { return math.Exp(-.5 * x * x) },
		func(y float64) float64 { return math.Sqrt(-2 * math.Log(y)) })
}

func fillExponential() {
	exponential.fill(256, exponentialEnd, exponentArea, 1<<32,
		func(x float64) float64 { return math.Exp(-x) },
		func(y float64) float64 { return -math.Log(y) })
}

// Inside returns the normally distributed number that is drawn with a random number for a strip, if that lies inside of the strip for sure, as nearly all do.
// Otherwise Normal has to go on.
func Inside(number, strip uint32) (x float64, inside bool) {
	makeNormal.Do(fillNormal)
	strip &= 0x7F
	j := int32(number)
	x = float64(j) * float64(normal.w[strip])
	if j < 0 {
		number = -number
	}
	return x, number < normal.k[strip]
}

// Normal draws from the standard normal distribution, given the first random number and its strip, and functions for further ones and for such in [0, 1).
func Normal(u, strip uint32, draw func() (number, strip uint32), float func() float64) float64 {
	for {
		x, inside := Inside(u, strip)
		if inside {
			return x
		}
		i := strip & 0x7F
		if i == 0 {
			// The tail.
			for {
				x = -math.Log(float()) * (1.0 / normalEnd)
				y := -math.Log(float())
				if y+y >= x*x {
					break
				}
			}
			if int32(u) > 0 {
				return normalEnd + x
			}
			return -normalEnd - x
		}
		f := normal.f
		if f[i]+float32(float())*(f[i-1]-f[i]) < float32(math.Exp(-.5*x*x)) {
			return x
		}
		u, strip = draw()
	}
}

// Exponential draws from the exponential distribution of rate 1, with functions as for Normal.
func Exponential(draw func() (number, strip uint32), float func() float64) float64 {
	makeExpon.Do(fillExponential)
	for {
		j, strip := draw()
		i := strip & 0xFF
		x := float64(j) * float64(exponential.w[i])
		if j < exponential.k[i] {
			return x
		}
		if i == 0 {
			return exponentialEnd - math.Log(float())
		}
		f := exponential.f
		if f[i]+float32(float())*(f[i-1]-f[i]) < float32(math.Exp(-x)) {
			return x
		}
	}
}
