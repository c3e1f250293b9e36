package cmplx

import (
	"math"
	"math/bits"
)

// hyperbolic returns sinh x and cosh x.
func hyperbolic(x float64) (sinh, cosh float64) {
	if math.Abs(x) <= 0.5 {
		return math.Sinh(x), math.Cosh(x)
	}
	e := math.Exp(x)
	inverse := 0.5 / e
	e *= 0.5
	return e - inverse, e + inverse
}

// Sin returns the sine of x.
func Sin(x complex128) complex128 {
	re, im := real(x), imag(x)
	switch {
	case im == 0 && unbounded(re), isInf(im) && unbounded(re):
		return complex(math.NaN(), im)
	case re == 0 && unbounded(im):
		return x
	}
	s, c := math.Sincos(re)
	sh, ch := hyperbolic(im)
	return complex(s*ch, c*sh)
}

// Sinh returns the hyperbolic sine of x.
func Sinh(x complex128) complex128 {
	re, im := real(x), imag(x)
	switch {
	case (re == 0 || isInf(re)) && unbounded(im):
		return complex(re, math.NaN())
	case im == 0 && unbounded(re):
		return complex(re, im)
	}
	s, c := math.Sincos(im)
	sh, ch := hyperbolic(re)
	return complex(c*sh, s*ch)
}

// Cos returns the cosine of x.
func Cos(x complex128) complex128 {
	re, im := real(x), imag(x)
	switch {
	case im == 0 && unbounded(re):
		return complex(math.NaN(), -im*zero(re))
	case isInf(im) && re == 0:
		return complex(math.Inf(1), -re*zero(im))
	case isInf(im) && unbounded(re):
		return complex(math.Inf(1), math.NaN())
	case re == 0 && math.IsNaN(im):
		return complex(math.NaN(), 0)
	}
	s, c := math.Sincos(re)
	sh, ch := hyperbolic(im)
	return complex(c*ch, -s*sh)
}

// Cosh returns the hyperbolic cosine of x.
func Cosh(x complex128) complex128 {
	re, im := real(x), imag(x)
	switch {
	case re == 0 && unbounded(im):
		return complex(math.NaN(), re*zero(im))
	case isInf(re) && im == 0:
		return complex(math.Inf(1), im*zero(re))
	case isInf(re) && unbounded(im):
		return complex(math.Inf(1), math.NaN())
	case im == 0 && math.IsNaN(re):
		return complex(math.NaN(), im)
	}
	s, c := math.Sincos(im)
	sh, ch := hyperbolic(re)
	return complex(c*ch, s*sh)
}

// Tan returns the tangent of x.
func Tan(x complex128) complex128 {
	re, im := real(x), imag(x)
	switch {
	case isInf(im) && unbounded(re):
		return complex(zero(re), math.Copysign(1, im))
	case isInf(im):
		return complex(zero(math.Sin(2*re)), math.Copysign(1, im))
	case re == 0 && math.IsNaN(im):
		return x
	}
	d := math.Cos(2*re) + math.Cosh(2*im)
	if math.Abs(d) < 0.25 {
		d = difference(x)
	}
	if d == 0 {
		return Inf()
	}
	return complex(math.Sin(2*re)/d, math.Sinh(2*im)/d)
}

// Tanh returns the hyperbolic tangent of x.
func Tanh(x complex128) complex128 {
	re, im := real(x), imag(x)
	switch {
	case isInf(re) && unbounded(im):
		return complex(math.Copysign(1, re), zero(im))
	case isInf(re):
		return complex(math.Copysign(1, re), zero(math.Sin(2*im)))
	case im == 0 && math.IsNaN(re):
		return x
	}
	d := math.Cosh(2*re) + math.Cos(2*im)
	if d == 0 {
		return Inf()
	}
	return complex(math.Sinh(2*re)/d, math.Sin(2*im)/d)
}

// Cot returns the cotangent of x.
func Cot(x complex128) complex128 {
	re, im := real(x), imag(x)
	d := math.Cosh(2*im) - math.Cos(2*re)
	if math.Abs(d) < 0.25 {
		d = difference(x)
	}
	if d == 0 {
		return Inf()
	}
	return complex(math.Sin(2*re)/d, -math.Sinh(2*im)/d)
}

// difference returns cosh(2 imag(z)) - cos(2 real(z)) by its Taylor series, the real part reduced by multiples of Pi.
func difference(z complex128) float64 {
	const precision = 1.0 / (1 << 53)
	x := reduce(math.Abs(2 * real(z)))
	y := math.Abs(2 * imag(z))
	x *= x
	y *= y
	powerX, powerY, factorial, n, sum := 1.0, 1.0, 1.0, 0.0, 0.0
	next := func() {
		n++
		factorial *= n
		n++
		factorial *= n
		powerX *= x
		powerY *= y
	}
	for {
		next()
		sum += (powerY + powerX) / factorial
		next()
		term := (powerY - powerX) / factorial
		sum += term
		// Also at the end if that is NaN.
		if !(math.Abs(term/sum) > precision) {
			return sum
		}
	}
}

// inverse is 1/Pi, in digits of 64 bits, the first of them before the point.
var inverse = [...]uint64{
	0,
	0x517cc1b727220a94, 0xfe13abe8fa9a6ee0, 0x6db14acc9e21c820, 0xff28b1d5ef5de2b0,
	0xdb92371d2126e970, 0x0324977504e8c90e, 0x7f0ef58e5894d39f, 0x74411afa975da242,
	0x74ce38135a2fbf20, 0x9cc8eb1cc1a99cfa, 0x4e422fc5defc941d, 0x8ffc4bffef02cc07,
	0xf79788c5ad05368f, 0xb69b3f6793e584db, 0xa7a31fb34f2ff516, 0xba93dd63f5f2f8bd,
	0x9e839cfbc5294975, 0x35fdafd88fc6ae84, 0x2b0198237e3db5d5, 0xf867de104d7a1b0e,
}

// reduce returns what is left of x, which is not negative, after subtracting the nearest multiple of Pi.
func reduce(x float64) float64 {
	const (
		// Pi in three parts, the first two with zeros at their ends.
		first  = 3.141592502593994
		second = 1.5099578831723193e-07
		third  = 1.0780605716316238e-14
	)
	if x < 1<<30 {
		n := float64(int64(x/math.Pi + 0.5))
		return ((x - n*first) - n*second) - n*third
	}
	if unbounded(x) {
		return math.NaN()
	}
	// The fraction of x/Pi, from the digits of 1/Pi that matter: M. Payne and R. Hanek, "Radian reduction for trigonometric functions", 1983.
	word := math.Float64bits(x)
	exponent := int(word>>52) - 1023 - 52
	mantissa := word&(1<<52-1) | 1<<52
	at, shift := uint(exponent+64)/64, uint(exponent+64)%64
	digit := func(i uint) uint64 {
		return inverse[i]<<shift | inverse[i+1]>>(64-shift)
	}
	// Digits before this one make multiples of Pi.
	high2, _ := bits.Mul64(digit(at+2), mantissa)
	high1, low1 := bits.Mul64(digit(at+1), mantissa)
	low0 := digit(at) * mantissa
	lo, carry := bits.Add64(low1, high2, 0)
	hi, _ := bits.Add64(low0, high1, carry)
	zeros := uint(bits.LeadingZeros64(hi))
	hi = hi<<(zeros+1) | lo>>(64-(zeros+1))
	fraction := math.Float64frombits(hi>>12 | uint64(1023-(zeros+1))<<52)
	if fraction > 0.5 {
		fraction--
	}
	return math.Pi * fraction
}

// Asin returns the inverse sine of x.
func Asin(x complex128) complex128 {
	re, im := real(x), imag(x)
	switch {
	case im == 0 && math.Abs(re) <= 1:
		return complex(math.Asin(re), im)
	case re == 0 && math.Abs(im) <= 1:
		return complex(re, math.Asinh(im))
	case math.IsNaN(im) && re == 0:
		return complex(re, math.NaN())
	case math.IsNaN(im) && isInf(re):
		return complex(math.NaN(), re)
	case math.IsNaN(im):
		return NaN()
	case isInf(im) && math.IsNaN(re):
		return x
	case isInf(im) && isInf(re):
		return complex(math.Copysign(math.Pi/4, re), im)
	case isInf(im):
		return complex(zero(re), im)
	case isInf(re):
		return complex(math.Copysign(math.Pi/2, re), math.Copysign(re, im))
	}
	square := x * x
	root := Sqrt(complex(1-real(square), -imag(square)))
	w := Log(complex(-im, re) + root)
	return complex(imag(w), -real(w))
}

// Asinh returns the inverse hyperbolic sine of x.
func Asinh(x complex128) complex128 {
	re, im := real(x), imag(x)
	switch {
	case im == 0 && math.Abs(re) <= 1:
		return complex(math.Asinh(re), im)
	case re == 0 && math.Abs(im) <= 1:
		return complex(re, math.Asin(im))
	case isInf(re) && isInf(im):
		return complex(re, math.Copysign(math.Pi/4, im))
	case isInf(re) && math.IsNaN(im), math.IsNaN(re) && im == 0:
		return x
	case isInf(re):
		return complex(re, zero(im))
	case math.IsNaN(re) && isInf(im):
		return complex(im, re)
	case math.IsNaN(re):
		return NaN()
	case isInf(im):
		return complex(math.Copysign(im, re), math.Copysign(math.Pi/2, im))
	}
	square := x * x
	return Log(x + Sqrt(complex(1+real(square), imag(square))))
}

// Acos returns the inverse cosine of x.
func Acos(x complex128) complex128 {
	w := Asin(x)
	return complex(math.Pi/2-real(w), -imag(w))
}

// Acosh returns the inverse hyperbolic cosine of x.
func Acosh(x complex128) complex128 {
	if x == 0 {
		return complex(0, math.Copysign(math.Pi/2, imag(x)))
	}
	w := Acos(x)
	if imag(w) <= 0 {
		return complex(-imag(w), real(w))
	}
	return complex(imag(w), -real(w))
}

// Atan returns the inverse tangent of x.
func Atan(x complex128) complex128 {
	re, im := real(x), imag(x)
	switch {
	case im == 0:
		return complex(math.Atan(re), im)
	case re == 0 && math.Abs(im) <= 1:
		return complex(re, math.Atanh(im))
	case IsInf(x) && math.IsNaN(re):
		return complex(math.NaN(), zero(im))
	case IsInf(x):
		return complex(math.Copysign(math.Pi/2, re), zero(im))
	case IsNaN(x):
		return NaN()
	}
	square := re * re
	a := 1 - square - im*im
	b := square + (im-1)*(im-1)
	if a == 0 || b == 0 {
		return NaN()
	}
	c := (square + (im+1)*(im+1)) / b
	return complex(reduce(0.5*math.Atan2(2*re, a)), 0.25*math.Log(c))
}

// Atanh returns the inverse hyperbolic tangent of x.
func Atanh(x complex128) complex128 {
	z := Atan(complex(-imag(x), real(x)))
	return complex(imag(z), -real(z))
}
