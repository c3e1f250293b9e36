package math

// The functions that are natives: the machine's instructions, and gc's algorithms in machine code.

// Exp returns e**x.
func Exp(x float64) float64

// Exp2 returns 2**x.
func Exp2(x float64) float64

// Expm1 returns e**x - 1, accurate for small x.
func Expm1(x float64) float64

// Log returns the natural logarithm of x.
func Log(x float64) float64

// Log10 returns the decimal logarithm of x.
func Log10(x float64) float64

// Log2 returns the binary logarithm of x, exact for powers of two.
func Log2(x float64) float64

// Log1p returns the natural logarithm of 1 + x, accurate for small x.
func Log1p(x float64) float64

// Cbrt returns the cube root of x.
func Cbrt(x float64) float64

// Sin returns the sine of x radians.
func Sin(x float64) float64

// Cos returns the cosine of x radians.
func Cos(x float64) float64

// Tan returns the tangent of x radians.
func Tan(x float64) float64

// Asin returns the arcsine of x in radians.
func Asin(x float64) float64

// Acos returns the arccosine of x in radians.
func Acos(x float64) float64

// Atan returns the arctangent of x in radians.
func Atan(x float64) float64

// Sinh returns the hyperbolic sine of x.
func Sinh(x float64) float64

// Cosh returns the hyperbolic cosine of x.
func Cosh(x float64) float64

// Tanh returns the hyperbolic tangent of x.
func Tanh(x float64) float64

// Asinh returns the inverse hyperbolic sine of x.
func Asinh(x float64) float64

// Acosh returns the inverse hyperbolic cosine of x.
func Acosh(x float64) float64

// Atanh returns the inverse hyperbolic tangent of x.
func Atanh(x float64) float64

// Erf returns the error function of x.
func Erf(x float64) float64

// Erfc returns 1 - Erf(x), accurate for large x.
func Erfc(x float64) float64

// Gamma returns the gamma function of x.
func Gamma(x float64) float64

// J0 returns the Bessel function of the first kind and order zero.
func J0(x float64) float64

// J1 returns the Bessel function of the first kind and order one.
func J1(x float64) float64

// Y0 returns the Bessel function of the second kind and order zero.
func Y0(x float64) float64

// Y1 returns the Bessel function of the second kind and order one.
func Y1(x float64) float64

// Sqrt returns the square root of x.
func Sqrt(x float64) float64

// Floor returns the greatest integer value that is not greater than x.
func Floor(x float64) float64

// Ceil returns the least integer value that is not less than x.
func Ceil(x float64) float64

// Trunc returns the integer part of x.
func Trunc(x float64) float64

// RoundToEven returns the nearest integer value, the even one of two.
func RoundToEven(x float64) float64

// Abs returns the absolute value of x.
func Abs(x float64) float64

// Pow returns x**y.
func Pow(x, y float64) float64

// Hypot returns Sqrt(p*p + q*q) without overflow on the way.
func Hypot(p, q float64) float64

// Atan2 returns the angle of the point (x, y), from -Pi to Pi.
func Atan2(y, x float64) float64

// Mod returns the remainder of x/y with x's sign.
func Mod(x, y float64) float64

// Remainder returns the IEEE 754 remainder of x/y, the quotient rounded to the nearest integer.
func Remainder(x, y float64) float64

// Copysign returns f with the sign of sign.
func Copysign(f, sign float64) float64

// FMA returns x*y + z, rounded once.
func FMA(x, y, z float64) float64

// Frexp returns a fraction in [½, 1) and an exponent with f == frac × 2**exp.
func Frexp(f float64) (frac float64, exp int)

// Ldexp returns frac × 2**exp.
func Ldexp(frac float64, exp int) float64

// Modf returns integer and fractional part, both with f's sign.
func Modf(f float64) (integer float64, fractional float64)

// Lgamma returns the natural logarithm of |Gamma(x)| and the sign of Gamma(x).
func Lgamma(x float64) (lgamma float64, sign int)

// Jn returns the Bessel function of the first kind and order n.
func Jn(n int, x float64) float64

// Yn returns the Bessel function of the second kind and order n.
func Yn(n int, x float64) float64

// Float64bits returns the bits of f.
func Float64bits(f float64) uint64

// Float64frombits returns the number with those bits.
func Float64frombits(b uint64) float64

// Float32bits returns the bits of f.
func Float32bits(f float32) uint32

// Float32frombits returns the number with those bits.
func Float32frombits(b uint32) float32
