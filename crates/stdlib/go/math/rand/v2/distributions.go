package rand

import (
	"internal/ziggurat"
	"math"
)

// draw returns a number, and which strip it is for.
func (r *Rand) draw() (number, strip uint32) {
	n := r.Uint64()
	return uint32(n), uint32(n >> 32)
}

// NormFloat64 returns a normally distributed number with mean 0 and standard deviation 1.
func (r *Rand) NormFloat64() float64 {
	u, strip := r.draw()
	if x, inside := ziggurat.Inside(u, strip); inside {
		return x
	}
	return ziggurat.Normal(u, strip, r.draw, r.Float64)
}

// ExpFloat64 returns an exponentially distributed number with rate 1.
func (r *Rand) ExpFloat64() float64 { return ziggurat.Exponential(r.draw, r.Float64) }

// Zipf makes numbers k in [0, imax] with probability proportional to (v+k)**-s.
type Zipf struct {
	r                  *Rand
	imax, v, q, s      float64
	oneMinusQ, invQ    float64
	hImaxHalf, hX0Span float64
}

func (z *Zipf) h(x float64) float64    { return math.Exp(z.oneMinusQ*math.Log(z.v+x)) * z.invQ }
func (z *Zipf) hinv(x float64) float64 { return math.Exp(z.invQ*math.Log(z.oneMinusQ*x)) - z.v }

// NewZipf returns a Zipf; nil unless s > 1 and v >= 1. It works by rejection-inversion (Hörmann, Derflinger 1996).
func NewZipf(r *Rand, s float64, v float64, imax uint64) *Zipf {
	if s <= 1 || v < 1 {
		return nil
	}
	z := &Zipf{r: r, imax: float64(imax), v: v, q: s}
	z.oneMinusQ = 1 - z.q
	z.invQ = 1 / z.oneMinusQ
	z.hImaxHalf = z.h(z.imax + 0.5)
	z.hX0Span = z.h(0.5) - math.Exp(math.Log(z.v)*(-z.q)) - z.hImaxHalf
	z.s = 1 - z.hinv(z.h(1.5)-math.Exp(-z.q*math.Log(z.v+1)))
	return z
}

// Uint64 returns a number of the distribution.
func (z *Zipf) Uint64() uint64 {
	if z == nil {
		panic("rand: nil Zipf")
	}
	for {
		ur := z.hImaxHalf + z.r.Float64()*z.hX0Span
		x := z.hinv(ur)
		k := math.Floor(x + 0.5)
		if k-x <= z.s || ur >= z.h(k+0.5)-math.Exp(-math.Log(k+z.v)*z.q) {
			return uint64(k)
		}
	}
}
