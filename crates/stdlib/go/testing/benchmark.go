package testing

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// InternalBenchmark is a benchmark by its name.
type InternalBenchmark struct {
	Name string
	F    func(b *B)
}

// B is what a benchmark is given: it does what it measures N times, or as long as Loop reports true.
type B struct {
	common
	// N is how often a benchmark without Loop has to do its work.
	N int

	importPath string
	state      *benchState // nil for Benchmark
	function   func(b *B)
	time       amount

	timerOn      bool
	reportAllocs bool
	missingBytes bool
	bytes        int64
	parallelism  int
	previousN    int
	previousTook time.Duration
	startMallocs uint64 // at StartTimer
	startBytes   uint64
	mallocs      uint64
	allocated    uint64
	result       BenchmarkResult
	metrics      map[string]float64
	loop         benchLoop
	memory       runtime.MemStats
}

// benchLoop is the state of Loop.
type benchLoop struct {
	i    int // how many iterations have begun
	n    int // how many may, until it is time to look at the clock
	done bool
}

// benchState is shared by the benchmarks of a run.
type benchState struct {
	match *matcher
	extra int // what the number of processors adds to a name at most
	width int // of the column of names
}

// One benchmark runs at a time.
var benchmarkLock sync.Mutex

// StartTimer starts measuring. It is called before a benchmark begins.
func (b *B) StartTimer() {
	if b.timerOn {
		return
	}
	runtime.ReadMemStats(&b.memory)
	b.startMallocs = b.memory.Mallocs
	b.startBytes = b.memory.TotalAlloc
	b.start = time.Now()
	b.timerOn = true
}

// StopTimer stops measuring, for work that is not to be measured.
func (b *B) StopTimer() {
	if !b.timerOn {
		return
	}
	b.duration += time.Since(b.start)
	runtime.ReadMemStats(&b.memory)
	b.mallocs += b.memory.Mallocs - b.startMallocs
	b.allocated += b.memory.TotalAlloc - b.startBytes
	b.timerOn = false
}

// ResetTimer forgets what has been measured so far. It does not start or stop measuring.
func (b *B) ResetTimer() {
	if b.metrics == nil {
		b.metrics = map[string]float64{}
	} else {
		clear(b.metrics)
	}
	if b.timerOn {
		runtime.ReadMemStats(&b.memory)
		b.startMallocs = b.memory.Mallocs
		b.startBytes = b.memory.TotalAlloc
		b.start = time.Now()
	}
	b.duration = 0
	b.mallocs = 0
	b.allocated = 0
}

// SetBytes says how many bytes an iteration processes; MB/s are reported then.
func (b *B) SetBytes(n int64) { b.bytes = n }

// ReportAllocs has allocations reported as -test.benchmem does, for this benchmark.
func (b *B) ReportAllocs() { b.reportAllocs = true }

// Elapsed returns the time measured so far.
func (b *B) Elapsed() time.Duration {
	d := b.duration
	if b.timerOn {
		d += time.Since(b.start)
	}
	return d
}

// ReportMetric adds a measure of the benchmark's own. One of the framework's units replaces the framework's measure.
func (b *B) ReportMetric(n float64, unit string) {
	if unit == "" {
		panic("metric unit must not be empty")
	}
	if strings.ContainsFunc(unit, isSpace) {
		panic("metric unit must not contain whitespace")
	}
	b.metrics[unit] = n
}

// runN runs the function once, for n iterations.
func (b *B) runN(n int) {
	benchmarkLock.Lock()
	defer benchmarkLock.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	defer func() {
		b.runCleanup()
	}()
	b.ctx, b.cancel = ctx, cancel
	// What earlier runs left behind is not this one's burden.
	runtime.GC()
	b.N = n
	b.loop = benchLoop{}
	b.parallelism = 1
	b.ResetTimer()
	b.StartTimer()
	b.function(b)
	b.StopTimer()
	b.previousN = n
	b.previousTook = b.duration
	if b.loop.n > 0 && !b.loop.done && !b.failed {
		b.Error("benchmark function returned without B.Loop() == false (break or return in loop?)")
	}
}

// run1 runs one iteration and reports whether the benchmark is to be run for longer.
func (b *B) run1() bool {
	go func() {
		// The function may end the goroutine.
		defer func() { b.signal <- true }()
		b.runN(1)
	}()
	<-b.signal
	if b.failed {
		fmt.Fprintf(b.w, "%s--- FAIL: %s\n%s", b.chatty.prefix(), b.name, b.output)
		return false
	}
	b.mu.RLock()
	finished := b.finished
	b.mu.RUnlock()
	if b.hasSub.Load() || finished {
		tag := "BENCH"
		if b.skipped {
			tag = "SKIP"
		}
		if b.chatty != nil && (len(b.output) > 0 || finished) {
			b.trimOutput()
			fmt.Fprintf(b.w, "%s--- %s: %s\n%s", b.chatty.prefix(), tag, b.name, b.output)
		}
		return false
	}
	return true
}

var printLabels sync.Once

// run measures the benchmark, and prints the result if it is part of a run.
func (b *B) run() {
	if b.state == nil {
		b.measure()
		return
	}
	b.labels()
	b.state.process(b)
}

// labels prints, once, what the figures depend on.
func (b *B) labels() {
	printLabels.Do(func() {
		fmt.Fprintf(b.w, "goos: %s\ngoarch: %s\n", runtime.GOOS, runtime.GOARCH)
		if b.importPath != "" {
			fmt.Fprintf(b.w, "pkg: %s\n", b.importPath)
		}
		if cpu := cpuName(); cpu != "" {
			fmt.Fprintf(b.w, "cpu: %s\n", cpu)
		}
	})
}

// cpuName returns what the processor calls itself.
func cpuName() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// measure runs the benchmark for its time on a goroutine of its own.
func (b *B) measure() BenchmarkResult {
	go func() {
		defer func() { b.signal <- true }()
		b.launch()
	}()
	<-b.signal
	return b.result
}

// launch runs the function with ever more iterations, until they take long enough.
func (b *B) launch() {
	// With Loop, the one run before has been the measurement.
	if b.loop.n == 0 {
		if b.time.n > 0 {
			// One iteration has been run.
			if b.time.n > 1 {
				b.runN(b.time.n)
			}
		} else {
			for n := 1; !b.failed && b.duration < b.time.duration && n < 1e9; {
				n = predict(b.time.duration, b.previousN, b.duration, n)
				b.runN(n)
			}
		}
	}
	b.result = BenchmarkResult{b.N, b.duration, b.bytes, b.mallocs, b.allocated, b.metrics}
}

// predict returns how many iterations take about goal, when previous ones took took: a fifth more, since the goal is to be reached, but not too many at once,
// since a short run tells little.
func predict(goal time.Duration, previous int, took time.Duration, last int) int {
	if took <= 0 {
		took = 1
	}
	// The product may be too large for an integer.
	n := int(min(float64(goal)*float64(previous)/float64(took), 1e12))
	n += n / 5
	n = min(n, 100*last)
	n = max(n, last+1)
	return min(n, 1e9)
}

// Loop reports whether a benchmark has to go on: for b.Loop() { ... }. Its first call starts the measurement and its last one stops it, so that what is
// before and after the loop is not measured.
func (b *B) Loop() bool {
	if b.loop.i < b.loop.n && b.timerOn {
		b.loop.i++
		return true
	}
	return b.loopSlow()
}

func (b *B) loopSlow() bool {
	if b.loop.done {
		// A second loop would not be measured like the first.
		b.Fatal("B.Loop called after it returned false")
	}
	if !b.timerOn {
		b.Fatal("B.Loop called with timer stopped")
	}
	switch {
	case b.loop.n == 0:
		// Its own count of iterations is in N at the end.
		b.loop.n = 1
		if b.time.n > 0 {
			b.loop.n = b.time.n
		}
		b.N = 0
		b.ResetTimer()
		b.loop.i = 1
		return true
	case b.time.n > 0:
		if b.loop.i < b.time.n {
			break
		}
		return b.endLoop()
	default:
		took := b.Elapsed()
		if took >= b.time.duration || b.loop.n >= 1e9 {
			return b.endLoop()
		}
		b.loop.n = predict(b.time.duration, b.loop.n, took, b.loop.n)
	}
	b.loop.i++
	return true
}

func (b *B) endLoop() bool {
	b.StopTimer()
	b.N = b.loop.n
	b.loop.done = true
	return false
}

// Run runs a benchmark as part of this one, which is not measured itself then. It reports whether it succeeded.
func (b *B) Run(name string, f func(b *B)) bool {
	b.hasSub.Store(true)
	benchmarkLock.Unlock()
	defer benchmarkLock.Lock()
	ok, partial := true, false
	if b.state != nil {
		name, ok, partial = b.state.match.fullName(&b.common, name)
	} else {
		name = b.name
	}
	if !ok {
		return true
	}
	if s := b.state; s != nil {
		if n := len(name) + s.extra + 1; n > s.width {
			s.width = n + 8 // so that it does not change too often
		}
	}
	var pcs [50]uintptr
	n := runtime.Callers(2, pcs[:])
	sub := &B{
		common: common{
			signal:  make(chan bool),
			name:    name,
			parent:  &b.common,
			level:   b.level + 1,
			creator: pcs[:n],
			w:       b.w,
			chatty:  b.chatty,
			bench:   true,
		},
		importPath: b.importPath,
		state:      b.state,
		function:   f,
		time:       b.time,
	}
	if partial {
		// Only what is below it is chosen.
		sub.hasSub.Store(true)
	}
	if b.chatty != nil {
		b.labels()
		if b.chatty.json {
			b.chatty.update(name, "=== RUN   %s\n", name)
		}
		fmt.Fprintln(b.w, name)
	}
	if sub.run1() {
		sub.run()
	}
	b.add(sub.result)
	return !sub.failed
}

// add adds the result of a benchmark below this one, so that Benchmark has something to return.
func (b *B) add(other BenchmarkResult) {
	r := &b.result
	r.N = 1
	r.T += time.Duration(other.NsPerOp())
	if other.Bytes == 0 {
		// A sum without it would mean nothing.
		b.missingBytes = true
		r.Bytes = 0
	}
	if !b.missingBytes {
		r.Bytes += other.Bytes
	}
	r.MemAllocs += uint64(other.AllocsPerOp())
	r.MemBytes += uint64(other.AllocedBytesPerOp())
}

// trimOutput shortens the log of a benchmark, which may have been run many times.
func (b *B) trimOutput() {
	const most = 10
	lines := 0
	for i, c := range b.output {
		if c == '\n' {
			if lines++; lines >= most {
				b.output = append(b.output[:i:i], "\n\t... [output truncated]\n"...)
				return
			}
		}
	}
}

// process measures a benchmark as often as the flags say and prints the results.
func (s *benchState) process(b *B) {
	for i, procs := range cpuList {
		for j := range *count {
			runtime.GOMAXPROCS(procs)
			name := benchmarkName(b.name, procs)
			if b.chatty == nil {
				fmt.Fprintf(b.w, "%-*s\t", s.width, name)
			}
			if i > 0 || j > 0 {
				b = &B{
					common: common{
						signal:  make(chan bool),
						name:    b.name,
						parent:  b.parent,
						level:   b.level,
						creator: b.creator,
						w:       b.w,
						chatty:  b.chatty,
						bench:   true,
					},
					importPath: b.importPath,
					state:      b.state,
					function:   b.function,
					time:       b.time,
				}
				b.run1()
			}
			r := b.measure()
			if b.failed {
				// All of the output: it is not long, most likely, and tells why.
				fmt.Fprintf(b.w, "%s--- FAIL: %s\n%s", b.chatty.prefix(), name, b.output)
				continue
			}
			text := r.String()
			if b.chatty != nil {
				fmt.Fprintf(b.w, "%-*s\t", s.width, name)
			}
			if *benchMemory || b.reportAllocs {
				text += "\t" + r.MemString()
			}
			fmt.Fprintln(b.w, text)
			if len(b.output) > 0 {
				b.trimOutput()
				fmt.Fprintf(b.w, "%s--- BENCH: %s\n%s", b.chatty.prefix(), name, b.output)
			}
			if p := runtime.GOMAXPROCS(-1); p != procs {
				fmt.Fprintf(os.Stderr, "testing: %s left GOMAXPROCS set to %d\n", name, p)
			}
			if b.chatty != nil && b.chatty.json {
				b.chatty.update("", "=== NAME  %s\n", "")
			}
		}
	}
}

// benchmarkName is a benchmark's name with the number of processors, where there are several.
func benchmarkName(name string, procs int) string {
	if procs != 1 {
		return fmt.Sprintf("%s-%d", name, procs)
	}
	return name
}

// A PB hands out the iterations of a parallel benchmark to a goroutine.
type PB struct {
	shared *atomic.Int64 // iterations handed out
	grain  int64         // how many are taken at once
	left   int64         // of those taken
	total  int64
}

// Next reports whether there is another iteration.
func (pb *PB) Next() bool {
	if pb.left == 0 {
		n := pb.shared.Add(pb.grain)
		switch {
		case n <= pb.total:
			pb.left = pb.grain
		case n < pb.total+pb.grain:
			pb.left = pb.total + pb.grain - n
		default:
			return false
		}
	}
	pb.left--
	return true
}

// RunParallel hands the iterations out to GOMAXPROCS goroutines (times what SetParallelism says), each of which calls body.
func (b *B) RunParallel(body func(*PB)) {
	if b.N == 0 {
		return
	}
	// An iteration's grain is to take about 100 microseconds.
	grain := int64(1)
	if b.previousN > 0 && b.previousTook > 0 {
		grain = int64(100*time.Microsecond) * int64(b.previousN) / int64(b.previousTook)
	}
	grain = min(max(grain, 1), 1e4)
	var shared atomic.Int64
	var wg sync.WaitGroup
	goroutines := b.parallelism * runtime.GOMAXPROCS(0)
	wg.Add(goroutines)
	for range goroutines {
		go func() {
			defer wg.Done()
			body(&PB{shared: &shared, grain: grain, total: int64(b.N)})
		}()
	}
	wg.Wait()
	if shared.Load() <= int64(b.N) && !b.Failed() {
		b.Fatal("RunParallel: body exited without pb.Next() == false")
	}
}

// SetParallelism makes RunParallel use p times as many goroutines.
func (b *B) SetParallelism(p int) {
	if p >= 1 {
		b.parallelism = p
	}
}

// Benchmark measures a function outside of `morestack test`.
func Benchmark(f func(b *B)) BenchmarkResult {
	Init()
	b := &B{
		common:   common{signal: make(chan bool), w: discard{}, bench: true},
		function: f,
		time:     benchTime,
	}
	if b.run1() {
		b.run()
	}
	return b.result
}

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }

// RunBenchmarks runs the benchmarks that match.
//
// Deprecated: it is for main functions made by old tools.
func RunBenchmarks(matchString func(pat, str string) (bool, error), benchmarks []InternalBenchmark) {
	runBenchmarks("", benchmarks)
}

// runBenchmarks runs the benchmarks that -test.bench chooses and reports whether they succeeded.
func runBenchmarks(importPath string, benchmarks []InternalBenchmark) bool {
	if *benchPattern == "" {
		return true
	}
	m, err := newMatcher(*benchPattern, "-test.bench", *skipPattern)
	if err != nil {
		badPattern(err)
	}
	procs := 1
	for _, n := range cpuList {
		procs = max(procs, n)
	}
	state := &benchState{match: m, extra: len(benchmarkName("", procs))}
	var chosen []InternalBenchmark
	for _, benchmark := range benchmarks {
		if _, ok, _ := m.fullName(nil, benchmark.Name); ok {
			chosen = append(chosen, benchmark)
			state.width = max(state.width, len(benchmarkName(benchmark.Name, procs))+state.extra+1)
		}
	}
	root := &B{
		common:     common{name: "Main", w: os.Stdout, bench: true},
		importPath: importPath,
		function: func(b *B) {
			for _, benchmark := range chosen {
				b.Run(benchmark.Name, benchmark.F)
			}
		},
		time:  benchTime,
		state: state,
	}
	if chattyMode.on {
		root.chatty = newChattyPrinter(root.w)
	}
	root.runN(1)
	return !root.failed
}
