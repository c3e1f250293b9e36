// Functions of complex numbers: everything that infinities, NaNs and zeros give, and many numbers of all sizes, to the last bit.
package main

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/cmplx"
)

var functions = []struct {
	name string
	f    func(complex128) complex128
}{
	{"Acos", cmplx.Acos}, {"Acosh", cmplx.Acosh}, {"Asin", cmplx.Asin}, {"Asinh", cmplx.Asinh}, {"Atan", cmplx.Atan}, {"Atanh", cmplx.Atanh},
	{"Conj", cmplx.Conj}, {"Cos", cmplx.Cos}, {"Cosh", cmplx.Cosh}, {"Cot", cmplx.Cot}, {"Exp", cmplx.Exp}, {"Log", cmplx.Log}, {"Log10", cmplx.Log10},
	{"Sin", cmplx.Sin}, {"Sinh", cmplx.Sinh}, {"Sqrt", cmplx.Sqrt}, {"Tan", cmplx.Tan}, {"Tanh", cmplx.Tanh},
	{"Abs", func(x complex128) complex128 { return complex(cmplx.Abs(x), cmplx.Phase(x)) }},
	{"Polar", func(x complex128) complex128 { r, t := cmplx.Polar(x); return cmplx.Rect(r, t) }},
	{"Pow", func(x complex128) complex128 { return power(x, complex(imag(x), real(x))) }},
	{"Pow2", func(x complex128) complex128 { return power(x, complex(0.5, 2)) }},
	{"Pow3", func(x complex128) complex128 { return power(complex(real(x), 0), 3) }},
}

func power(x, y complex128) (z complex128) {
	defer func() {
		if recover() != nil {
			z = 12345
		}
	}()
	return cmplx.Pow(x, y)
}

var state = uint64(7)

func random() uint64 {
	state ^= state << 13
	state ^= state >> 7
	state ^= state << 17
	return state * 0x2545F4914F6CDD1D
}

func number(kind int) float64 {
	x := random()
	switch kind {
	case 0:
		return float64(int64(x)) / (1 << 62)
	case 1:
		return float64(int64(x)) / (1 << 55)
	case 2:
		return math.Float64frombits(x)
	case 3:
		return float64(int64(x)>>50) * math.Pi / 4
	}
	return float64(int64(x))
}

func bits(f float64) uint64 {
	if f != f {
		return 1
	}
	return math.Float64bits(f)
}

func main() {
	inf, nan := math.Inf(1), math.NaN()
	special := []float64{0, math.Copysign(0, -1), 1, -1, 0.5, -2, inf, -inf, nan, 1e300, 1e-300, math.Pi / 2, math.Pi}
	for _, fn := range functions {
		h := fnv.New64a()
		for _, re := range special {
			for _, im := range special {
				z := fn.f(complex(re, im))
				fmt.Fprintf(h, "%x %x;", bits(real(z)), bits(imag(z)))
			}
		}
		fmt.Printf("%s %016x\n", fn.name, h.Sum64())
		for _, kind := range [][2]int{{0, 0}, {1, 1}, {2, 2}, {3, 0}, {4, 0}, {2, 0}} {
			h := fnv.New64a()
			for range 100 {
				z := fn.f(complex(number(kind[0]), number(kind[1])/float64(1+kind[0]%2*100)))
				fmt.Fprintf(h, "%x %x;", bits(real(z)), bits(imag(z)))
			}
			fmt.Printf("%016x ", h.Sum64())
		}
		fmt.Println()
	}
	fmt.Println(cmplx.Inf(), cmplx.NaN(), cmplx.IsInf(complex(nan, inf)), cmplx.IsNaN(complex(nan, inf)), cmplx.IsNaN(complex(nan, 1)), cmplx.Sqrt(-1), cmplx.Pow(2i, 2))
}
