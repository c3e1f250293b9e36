// The functions of math print gc's digits; seeded generators make gc's sequences.
package main

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand"
	randv2 "math/rand/v2"
)

func main() {
	one := map[string]func(float64) float64{"Exp": math.Exp, "Exp2": math.Exp2, "Expm1": math.Expm1, "Log": math.Log, "Log10": math.Log10, "Log2": math.Log2,
		"Log1p": math.Log1p, "Cbrt": math.Cbrt, "Sin": math.Sin, "Cos": math.Cos, "Tan": math.Tan, "Asin": math.Asin, "Acos": math.Acos, "Atan": math.Atan,
		"Sinh": math.Sinh, "Cosh": math.Cosh, "Tanh": math.Tanh, "Asinh": math.Asinh, "Acosh": math.Acosh, "Atanh": math.Atanh, "Erf": math.Erf, "Erfc": math.Erfc,
		"Gamma": math.Gamma, "Sqrt": math.Sqrt, "Floor": math.Floor, "Ceil": math.Ceil, "Trunc": math.Trunc, "Round": math.Round, "RoundToEven": math.RoundToEven,
		"Abs": math.Abs, "Logb": math.Logb, "Erfinv": math.Erfinv}
	xs := []float64{0, math.Copysign(0, -1), 0.3, -0.7, 1, -1, 2.5, 10, -33.3, 1e10, 5e-324, math.MaxFloat64, math.Inf(1), math.Inf(-1), math.NaN()}
	for _, name := range []string{"Exp", "Exp2", "Expm1", "Log", "Log10", "Log2", "Log1p", "Cbrt", "Sin", "Cos", "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Tanh",
		"Asinh", "Acosh", "Atanh", "Erf", "Erfc", "Gamma", "Sqrt", "Floor", "Ceil", "Trunc", "Round", "RoundToEven", "Abs", "Logb", "Erfinv"} {
		fmt.Print(name)
		for _, x := range xs {
			fmt.Print(" ", one[name](x))
		}
		fmt.Println()
	}
	for _, x := range xs {
		for _, y := range xs {
			fmt.Println(x, y, math.Pow(x, y), math.Atan2(x, y), math.Mod(x, y), math.Remainder(x, y), math.Hypot(x, y), math.Max(x, y), math.Min(x, y), math.Dim(x, y), math.Copysign(x, y), math.Nextafter(x, y))
		}
		fr, e := math.Frexp(x)
		i, f := math.Modf(x)
		lg, s := math.Lgamma(x)
		fmt.Println(fr, e, i, f, lg, s, math.IsNaN(x), math.IsInf(x, 0), math.Signbit(x), math.Float64bits(x), math.Float32bits(float32(x)))
	}
	fmt.Println(math.Ldexp(0.5, -1073), math.FMA(0.1, 10, -1), math.Pow10(-5), math.Pi, math.MaxInt64, uint64(math.MaxUint64))
	fmt.Println(bits.LeadingZeros32(5), bits.TrailingZeros16(8), bits.OnesCount8(255), bits.Reverse8(6), bits.ReverseBytes32(0x01020304), bits.Len(1023), bits.RotateLeft8(0x81, 1))
	fmt.Println(bits.Mul64(math.MaxUint64, 3))
	fmt.Println(bits.Div64(1, 0, 3))
	fmt.Println(bits.Add64(math.MaxUint64, 1, 1))
	func() {
		defer func() { fmt.Println(recover()) }()
		bits.Div64(3, 0, 3)
	}()
	func() {
		defer func() { fmt.Println(recover()) }()
		zero := uint64(0)
		bits.Div64(1, 0, zero)
	}()
	r := rand.New(rand.NewSource(42))
	fmt.Println(r.Int(), r.Intn(100), r.Float64(), r.Perm(10), r.NormFloat64(), r.ExpFloat64(), r.Int31n(7), r.Uint64())
	p := randv2.New(randv2.NewPCG(1, 2))
	fmt.Println(p.Int(), p.IntN(100), p.Float64(), p.Perm(10), p.NormFloat64(), p.ExpFloat64(), p.Int32N(7), p.Uint64())
	c := randv2.New(randv2.NewChaCha8([32]byte{1, 2, 3}))
	for range 40 {
		fmt.Print(c.Uint32(), " ")
	}
	fmt.Println()
}
