package debug

import (
	"os"
	"runtime"
	"slices"
	"time"
)

// Stack returns the trace of the calling goroutine.
func Stack() []byte {
	buf := make([]byte, 1024)
	for {
		n := runtime.Stack(buf, false)
		if n < len(buf) {
			return buf[:n]
		}
		buf = make([]byte, 2*len(buf))
	}
}

// PrintStack writes the trace of the calling goroutine to standard error.
func PrintStack() { os.Stderr.Write(Stack()) }

// SetMaxStack sets how many bytes a goroutine's stack may have and returns the limit before. A goroutine that needs more ends the program.
func SetMaxStack(bytes int) int { return setMaxStack(bytes) }

func setMaxStack(bytes int) int

// SetGCPercent sets by how many percent the heap may grow before it is collected, as GOGC does, and returns the setting before. A negative one turns
// collections off.
func SetGCPercent(percent int) int { return setGCPercent(percent) }

func setGCPercent(percent int) int

// SetMemoryLimit sets how much memory is to be used, as GOMEMLIMIT does, and returns the limit before; a negative limit leaves it as it is.
func SetMemoryLimit(limit int64) int64 { return setMemoryLimit(limit) }

func setMemoryLimit(limit int64) int64

// FreeOSMemory collects garbage and returns as much memory to the system as possible.
func FreeOSMemory() {
	runtime.GC()
	releaseMemory()
}

func releaseMemory()

var maxThreads = 10000

// SetMaxThreads sets how many threads of the system a program may use and returns the limit before. No program reaches it.
func SetMaxThreads(threads int) int {
	old := maxThreads
	maxThreads = threads
	return old
}

var panicOnFault bool

// SetPanicOnFault returns the setting before. Memory faults other than nil dereferences cannot happen without package unsafe; they end the program.
func SetPanicOnFault(enabled bool) bool {
	old := panicOnFault
	panicOnFault = enabled
	return old
}

// SetTraceback sets how much the report of a panic shows, in the words of GOTRACEBACK: "single" the goroutine that panicked, "all" every one of the
// program's. It shows at least what the environment variable asks for.
func SetTraceback(level string) { setTraceback(level) }

func setTraceback(level string)

// GCStats tells about collections.
type GCStats struct {
	LastGC         time.Time       // when the last one ended
	NumGC          int64           // how many there were
	PauseTotal     time.Duration   // for how long the program stood still
	Pause          []time.Duration // for how long each time, the last first
	PauseEnd       []time.Time     // when those pauses ended
	PauseQuantiles []time.Duration // if it is not empty: minimum, ..., maximum
}

// ReadGCStats fills in stats. The history is limited to the last 256 collections.
func ReadGCStats(stats *GCStats) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	stats.NumGC = int64(m.NumGC)
	stats.PauseTotal = time.Duration(m.PauseTotalNs)
	stats.LastGC = time.Unix(0, int64(m.LastGC))
	stats.Pause = stats.Pause[:0]
	stats.PauseEnd = stats.PauseEnd[:0]
	size := uint32(len(m.PauseNs))
	for i := range min(m.NumGC, size) {
		at := (m.NumGC - 1 - i) % size
		stats.Pause = append(stats.Pause, time.Duration(m.PauseNs[at]))
		stats.PauseEnd = append(stats.PauseEnd, time.Unix(0, int64(m.PauseEnd[at])))
	}
	quantiles := stats.PauseQuantiles
	if len(quantiles) == 0 {
		return
	}
	clear(quantiles)
	if len(stats.Pause) == 0 {
		return
	}
	sorted := slices.Clone(stats.Pause)
	slices.Sort(sorted)
	last := len(quantiles) - 1
	for i := range last {
		quantiles[i] = sorted[len(sorted)*i/last]
	}
	quantiles[last] = sorted[len(sorted)-1]
}
