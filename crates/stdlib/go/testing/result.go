package testing

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"time"
	"unicode"
)

func isSpace(r rune) bool { return unicode.IsSpace(r) }

// BenchmarkResult is what a benchmark measured.
type BenchmarkResult struct {
	N         int           // iterations
	T         time.Duration // the time they took
	Bytes     int64         // bytes processed by one
	MemAllocs uint64        // allocations by all
	MemBytes  uint64        // bytes allocated by all

	// Extra holds the measures of ReportMetric.
	Extra map[string]float64
}

// NsPerOp returns the nanoseconds of an iteration.
func (r BenchmarkResult) NsPerOp() int64 {
	if v, ok := r.Extra["ns/op"]; ok {
		return int64(v)
	}
	if r.N <= 0 {
		return 0
	}
	return r.T.Nanoseconds() / int64(r.N)
}

// megabytesPerSecond returns the throughput, 0 if it is not known.
func (r BenchmarkResult) megabytesPerSecond() float64 {
	if v, ok := r.Extra["MB/s"]; ok {
		return v
	}
	if r.Bytes <= 0 || r.T <= 0 || r.N <= 0 {
		return 0
	}
	return float64(r.Bytes) * float64(r.N) / 1e6 / r.T.Seconds()
}

// AllocsPerOp returns the allocations of an iteration.
func (r BenchmarkResult) AllocsPerOp() int64 {
	if v, ok := r.Extra["allocs/op"]; ok {
		return int64(v)
	}
	if r.N <= 0 {
		return 0
	}
	return int64(r.MemAllocs) / int64(r.N)
}

// AllocedBytesPerOp returns the bytes that an iteration allocates.
func (r BenchmarkResult) AllocedBytesPerOp() int64 {
	if v, ok := r.Extra["B/op"]; ok {
		return int64(v)
	}
	if r.N <= 0 {
		return 0
	}
	return int64(r.MemBytes) / int64(r.N)
}

// String returns the columns of a result after the name, without those of memory.
func (r BenchmarkResult) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%8d", r.N)
	ns, ok := r.Extra["ns/op"]
	if !ok {
		ns = float64(r.T.Nanoseconds()) / float64(r.N)
	}
	if ns != 0 {
		b.WriteByte('\t')
		column(&b, ns, "ns/op")
	}
	if mb := r.megabytesPerSecond(); mb != 0 {
		fmt.Fprintf(&b, "\t%7.2f MB/s", mb)
	}
	var units []string
	for unit := range r.Extra {
		switch unit {
		case "ns/op", "MB/s", "B/op", "allocs/op":
			// They have columns of their own.
		default:
			units = append(units, unit)
		}
	}
	slices.Sort(units)
	for _, unit := range units {
		b.WriteByte('\t')
		column(&b, r.Extra[unit], unit)
	}
	return b.String()
}

// digitLimits are where a measure gets one more decimal: below 100, 10, ... as they are rounded.
var digitLimits = [...]float64{999.95, 99.995, 9.9995, 0.99995, 0.099995, 0.0099995, 0.00099995}

// column writes a measure with four digits at least, its decimal point always in the same place.
func column(b *strings.Builder, x float64, unit string) {
	digits := 0
	if y := math.Abs(x); y != 0 {
		for digits < len(digitLimits) && !(y >= digitLimits[digits]) {
			digits++
		}
	}
	width := 10
	if digits > 0 {
		width = 11 + digits // with the point
	}
	fmt.Fprintf(b, "%*.*f %s", width, digits, x, unit)
}

// MemString returns the columns of memory.
func (r BenchmarkResult) MemString() string {
	return fmt.Sprintf("%8d B/op\t%8d allocs/op", r.AllocedBytesPerOp(), r.AllocsPerOp())
}

// AllocsPerRun returns how many allocations a call of f makes on average, as a whole number. A call before is not counted. Other goroutines must not
// allocate in the meantime.
func AllocsPerRun(runs int, f func()) (avg float64) {
	if anyParallel() {
		panic("testing: AllocsPerRun called during parallel test")
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	f()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	before := stats.Mallocs
	for range runs {
		f()
	}
	runtime.ReadMemStats(&stats)
	return float64((stats.Mallocs - before) / uint64(runs))
}
