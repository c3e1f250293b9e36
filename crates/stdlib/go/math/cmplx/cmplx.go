// Package cmplx has mathematical functions of complex numbers.
//
// The formulas are those of Stephen L. Moshier's Cephes library; what infinities and NaNs give is as in C99, annex G.
package cmplx

import "math"

// Abs returns |x|.
func Abs(x complex128) float64 { return math.Hypot(real(x), imag(x)) }

// Phase returns the argument of x, in [-Pi, Pi].
func Phase(x complex128) float64 { return math.Atan2(imag(x), real(x)) }

// Polar returns |x| and the argument.
func Polar(x complex128) (r, θ float64) { return Abs(x), Phase(x) }

// Rect returns the number with that absolute value and argument.
func Rect(r, θ float64) complex128 {
	s, c := math.Sincos(θ)
	return complex(r*c, r*s)
}

// Conj returns the conjugate of x.
func Conj(x complex128) complex128 { return complex(real(x), -imag(x)) }

// IsInf tells whether one part is an infinity.
func IsInf(x complex128) bool { return math.IsInf(real(x), 0) || math.IsInf(imag(x), 0) }

// Inf returns an infinity, of both parts.
func Inf() complex128 {
	inf := math.Inf(1)
	return complex(inf, inf)
}

// IsNaN tells whether one part is NaN and none an infinity.
func IsNaN(x complex128) bool {
	return !IsInf(x) && (math.IsNaN(real(x)) || math.IsNaN(imag(x)))
}

// NaN returns a NaN, of both parts.
func NaN() complex128 {
	nan := math.NaN()
	return complex(nan, nan)
}

func isInf(x float64) bool { return math.IsInf(x, 0) }

// unbounded tells whether x is an infinity or NaN.
func unbounded(x float64) bool { return math.IsInf(x, 0) || math.IsNaN(x) }

// zero returns 0 with the sign of x.
func zero(x float64) float64 { return math.Copysign(0, x) }

// Exp returns e**x.
func Exp(x complex128) complex128 {
	re, im := real(x), imag(x)
	switch {
	case math.IsInf(re, 1) && im == 0, math.IsNaN(re) && im == 0:
		return complex(re, im)
	case math.IsInf(re, 1) && unbounded(im):
		return complex(re, math.NaN())
	case math.IsInf(re, -1) && unbounded(im):
		return complex(0, zero(im))
	}
	return Rect(math.Exp(re), im)
}

// Log returns the natural logarithm of x.
func Log(x complex128) complex128 { return complex(math.Log(Abs(x)), Phase(x)) }

// Log10 returns the decimal logarithm of x.
func Log10(x complex128) complex128 {
	z := Log(x)
	return complex(math.Log10E*real(z), math.Log10E*imag(z))
}

// Pow returns x**y. Pow(0, y) is 1 for y = 0, 0 for a positive real part of y, and infinite for a negative one.
func Pow(x, y complex128) complex128 {
	if x == 0 {
		switch {
		case y == 0:
			return 1
		case real(y) < 0 && imag(y) == 0:
			return complex(math.Inf(1), 0)
		case real(y) < 0:
			return Inf()
		case real(y) > 0:
			return 0
		}
		panic("not reached")
	}
	size, arg := Polar(x)
	if size == 0 {
		return 0
	}
	r := math.Pow(size, real(y))
	θ := real(y) * arg
	if imag(y) != 0 {
		r *= math.Exp(-imag(y) * arg)
		θ += imag(y) * math.Log(size)
	}
	return Rect(r, θ)
}

// Sqrt returns the square root of x with a real part of at least 0.
func Sqrt(x complex128) complex128 {
	re, im := real(x), imag(x)
	switch {
	case im == 0 && re == 0:
		return complex(0, im)
	case im == 0 && re < 0:
		return complex(0, math.Copysign(math.Sqrt(-re), im))
	case im == 0:
		return complex(math.Sqrt(re), im)
	case isInf(im):
		return complex(math.Inf(1), im)
	case re == 0 && im < 0:
		r := math.Sqrt(-0.5 * im)
		return complex(r, -r)
	case re == 0:
		r := math.Sqrt(0.5 * im)
		return complex(r, r)
	}
	// Neither overflow nor loss of digits in what follows.
	factor, scale := 0.25, 2.0
	if math.Abs(re) <= 4 && math.Abs(im) <= 4 {
		factor, scale = 1<<54, 1.0/(1<<27)
	}
	re *= factor
	im *= factor
	size := math.Hypot(re, im)
	var a, b float64
	if re > 0 {
		a = math.Sqrt(0.5*size + 0.5*re)
		b = scale * math.Abs((0.5*im)/a)
		a *= scale
	} else {
		b = math.Sqrt(0.5*size - 0.5*re)
		a = scale * math.Abs((0.5*im)/b)
		b *= scale
	}
	if im < 0 {
		b = -b
	}
	return complex(a, b)
}
