// Package rand makes pseudo-random numbers, in the sequences that gc's library makes from the same seeds.
package rand

import "sync"

// Source makes numbers from 0 to 1<<63 - 1.
type Source interface {
	Int63() int64
	Seed(seed int64)
}

// Source64 is a Source that makes numbers of 64 bits as well.
type Source64 interface {
	Source
	Uint64() uint64
}

const (
	lagLong  = 607
	lagShort = 273
)

// lagged is an additive lagged Fibonacci generator.
type lagged struct {
	tap, feed int
	vec       [lagLong]int64
}

// seedVector fills the state from a seed in [1, 1<<31 - 2].
func seedVector(vec *[lagLong]int64, seed int32)

// random returns a random number from the system's generator.
func random() uint64

func (g *lagged) Seed(seed int64) {
	const m = 1<<31 - 1
	seed %= m
	if seed < 0 {
		seed += m
	}
	if seed == 0 {
		seed = 89482311
	}
	g.tap = 0
	g.feed = lagLong - lagShort
	seedVector(&g.vec, int32(seed))
}

func (g *lagged) Uint64() uint64 {
	g.tap--
	if g.tap < 0 {
		g.tap += lagLong
	}
	g.feed--
	if g.feed < 0 {
		g.feed += lagLong
	}
	x := g.vec[g.feed] + g.vec[g.tap]
	g.vec[g.feed] = x
	return uint64(x)
}

func (g *lagged) Int63() int64 { return int64(g.Uint64() & (1<<63 - 1)) }

// NewSource returns a Source with a seed. It is not for use by several goroutines at once; it is a Source64.
func NewSource(seed int64) Source {
	g := new(lagged)
	g.Seed(seed)
	return g
}

// Rand makes random numbers of many kinds from a Source.
type Rand struct {
	src   Source
	src64 Source64 // src, if it is one

	// Read hands out the bytes of an Int63 one by one.
	readVal  int64
	readLeft int8
}

// New returns a Rand of src.
func New(src Source) *Rand {
	src64, _ := src.(Source64)
	return &Rand{src: src, src64: src64}
}

// Seed starts the Source anew.
func (r *Rand) Seed(seed int64) {
	if g, ok := r.src.(*shared); ok {
		g.seed(seed, &r.readLeft)
		return
	}
	r.src.Seed(seed)
	r.readLeft = 0
}

// Int63 returns a number in [0, 1<<63).
func (r *Rand) Int63() int64 { return r.src.Int63() }

// Uint32 returns a number of 32 bits.
func (r *Rand) Uint32() uint32 { return uint32(r.Int63() >> 31) }

// Uint64 returns a number of 64 bits.
func (r *Rand) Uint64() uint64 {
	if r.src64 != nil {
		return r.src64.Uint64()
	}
	return uint64(r.Int63())>>31 | uint64(r.Int63())<<32
}

// Int31 returns a number in [0, 1<<31).
func (r *Rand) Int31() int32 { return int32(r.Int63() >> 32) }

// Int returns a non-negative number.
func (r *Rand) Int() int { return int(uint(r.Int63())) }

// Int63n returns a number in [0, n). It panics if n <= 0.
func (r *Rand) Int63n(n int64) int64 {
	if n <= 0 {
		panic("invalid argument to Int63n")
	}
	if n&(n-1) == 0 {
		return r.Int63() & (n - 1)
	}
	limit := int64(1<<63 - 1 - (1<<63)%uint64(n))
	v := r.Int63()
	for v > limit {
		v = r.Int63()
	}
	return v % n
}

// Int31n returns a number in [0, n). It panics if n <= 0.
func (r *Rand) Int31n(n int32) int32 {
	if n <= 0 {
		panic("invalid argument to Int31n")
	}
	if n&(n-1) == 0 {
		return r.Int31() & (n - 1)
	}
	limit := int32(1<<31 - 1 - (1<<31)%uint32(n))
	v := r.Int31()
	for v > limit {
		v = r.Int31()
	}
	return v % n
}

// scaled returns a number in [0, n) by multiplication (Lemire 2019), as Perm and Shuffle want it.
func (r *Rand) scaled(n int32) int32 {
	product := uint64(r.Uint32()) * uint64(n)
	if low := uint32(product); low < uint32(n) {
		threshold := uint32(-n) % uint32(n)
		for low < threshold {
			product = uint64(r.Uint32()) * uint64(n)
			low = uint32(product)
		}
	}
	return int32(product >> 32)
}

// Intn returns a number in [0, n). It panics if n <= 0.
func (r *Rand) Intn(n int) int {
	if n <= 0 {
		panic("invalid argument to Intn")
	}
	if n <= 1<<31-1 {
		return int(r.Int31n(int32(n)))
	}
	return int(r.Int63n(int64(n)))
}

// Float64 returns a number in [0, 1).
func (r *Rand) Float64() float64 {
	for {
		if f := float64(r.Int63()) / (1 << 63); f != 1 {
			return f
		}
	}
}

// Float32 returns a number in [0, 1).
func (r *Rand) Float32() float32 {
	for {
		if f := float32(r.Float64()); f != 1 {
			return f
		}
	}
}

// Perm returns the numbers of [0, n) in random order.
func (r *Rand) Perm(n int) []int {
	m := make([]int, n)
	for i := 0; i < n; i++ {
		j := r.Intn(i + 1)
		m[i] = m[j]
		m[j] = i
	}
	return m
}

// Shuffle puts n elements into random order by swap. It panics if n < 0.
func (r *Rand) Shuffle(n int, swap func(i, j int)) {
	if n < 0 {
		panic("invalid argument to Shuffle")
	}
	i := n - 1
	for ; i > 1<<31-1-1; i-- {
		swap(i, int(r.Int63n(int64(i+1))))
	}
	for ; i > 0; i-- {
		swap(i, int(r.scaled(int32(i+1))))
	}
}

// Read fills p with random bytes. It never fails.
func (r *Rand) Read(p []byte) (n int, err error) {
	if g, ok := r.src.(*shared); ok {
		return g.read(p, &r.readVal, &r.readLeft)
	}
	return read(p, r.src, &r.readVal, &r.readLeft)
}

func read(p []byte, src Source, val *int64, left *int8) (n int, err error) {
	for n = 0; n < len(p); n++ {
		if *left == 0 {
			*val = src.Int63()
			*left = 7
		}
		p[n] = byte(*val)
		*val >>= 8
		*left--
	}
	return n, nil
}

// shared is the Source of the package's functions: the system's generator, until Seed is called.
type shared struct {
	mu     sync.Mutex
	seeded *lagged
}

func (g *shared) Uint64() uint64 {
	if g.seeded == nil {
		return random()
	}
	g.mu.Lock()
	x := g.seeded.Uint64()
	g.mu.Unlock()
	return x
}

func (g *shared) Int63() int64 { return int64(g.Uint64() & (1<<63 - 1)) }

func (g *shared) Seed(seed int64) { g.seed(seed, new(int8)) }

func (g *shared) seed(seed int64, readLeft *int8) {
	g.mu.Lock()
	if g.seeded == nil {
		g.seeded = new(lagged)
	}
	g.seeded.Seed(seed)
	*readLeft = 0
	g.mu.Unlock()
}

// plain is a shared generator's view for those who hold its lock.
type plain struct{ g *shared }

func (p plain) Seed(int64) {}
func (p plain) Int63() int64 {
	if p.g.seeded == nil {
		return int64(random() & (1<<63 - 1))
	}
	return p.g.seeded.Int63()
}

func (g *shared) read(p []byte, val *int64, left *int8) (n int, err error) {
	g.mu.Lock()
	n, err = read(p, plain{g}, val, left)
	g.mu.Unlock()
	return n, err
}

var global = New(new(shared))

// Seed makes the package's functions return the sequence of a seed.
//
// Deprecated: use New(NewSource(seed)).
func Seed(seed int64) { global.Seed(seed) }

// Int63 returns a number in [0, 1<<63).
func Int63() int64 { return global.Int63() }

// Uint32 returns a number of 32 bits.
func Uint32() uint32 { return global.Uint32() }

// Uint64 returns a number of 64 bits.
func Uint64() uint64 { return global.Uint64() }

// Int31 returns a number in [0, 1<<31).
func Int31() int32 { return global.Int31() }

// Int returns a non-negative number.
func Int() int { return global.Int() }

// Int63n returns a number in [0, n). It panics if n <= 0.
func Int63n(n int64) int64 { return global.Int63n(n) }

// Int31n returns a number in [0, n). It panics if n <= 0.
func Int31n(n int32) int32 { return global.Int31n(n) }

// Intn returns a number in [0, n). It panics if n <= 0.
func Intn(n int) int { return global.Intn(n) }

// Float64 returns a number in [0, 1).
func Float64() float64 { return global.Float64() }

// Float32 returns a number in [0, 1).
func Float32() float32 { return global.Float32() }

// Perm returns the numbers of [0, n) in random order.
func Perm(n int) []int { return global.Perm(n) }

// Shuffle puts n elements into random order by swap. It panics if n < 0.
func Shuffle(n int, swap func(i, j int)) { global.Shuffle(n, swap) }

// Read fills p with random bytes. It never fails.
//
// Deprecated: crypto/rand is the package for most uses of random bytes.
func Read(p []byte) (n int, err error) { return global.Read(p) }

// NormFloat64 returns a normally distributed number with mean 0 and standard deviation 1.
func NormFloat64() float64 { return global.NormFloat64() }

// ExpFloat64 returns an exponentially distributed number with rate 1.
func ExpFloat64() float64 { return global.ExpFloat64() }
