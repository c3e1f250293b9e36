package testing

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// The flags, as they stand on the command line with "test." before their names.
var (
	short         *bool
	failFast      *bool
	outputDir     *string
	chattyMode    chattyFlag
	count         *uint
	listPattern   *string
	runPattern    *string
	skipPattern   *string
	timeout       *time.Duration
	cpuText       *string
	parallel      *int
	shuffle       *string
	fullPath      *bool
	benchPattern  *string
	benchMemory   *bool
	benchTime     = amount{duration: time.Second}
	fuzzPattern   *string
	ignoredString [8]string
	ignoredBool   [2]bool

	initialised bool
	cpuList     []int
)

// Init registers the flags of tests. The main function that `morestack test` generates has called it; it is for benchmarks outside of tests.
func Init() {
	if initialised {
		return
	}
	initialised = true
	short = flag.Bool("test.short", false, "run smaller test suite to save time")
	failFast = flag.Bool("test.failfast", false, "do not start new tests after the first test failure")
	outputDir = flag.String("test.outputdir", "", "write profiles to `dir`")
	flag.Var(&chattyMode, "test.v", "verbose: print additional output")
	count = flag.Uint("test.count", 1, "run tests and benchmarks `n` times")
	listPattern = flag.String("test.list", "", "list tests, examples, and benchmarks matching `regexp` then exit")
	runPattern = flag.String("test.run", "", "run only tests and examples matching `regexp`")
	skipPattern = flag.String("test.skip", "", "do not list or run tests matching `regexp`")
	timeout = flag.Duration("test.timeout", 0, "panic test binary after duration `d` (default 0, timeout disabled)")
	cpuText = flag.String("test.cpu", "", "comma-separated `list` of cpu counts to run each test with")
	parallel = flag.Int("test.parallel", runtime.GOMAXPROCS(0), "run at most `n` tests in parallel")
	shuffle = flag.String("test.shuffle", "off", "randomize the execution order of tests and benchmarks")
	fullPath = flag.Bool("test.fullpath", false, "show full file names in error messages")
	benchPattern = flag.String("test.bench", "", "run only benchmarks matching `regexp`")
	benchMemory = flag.Bool("test.benchmem", false, "print memory allocations for benchmarks")
	flag.Var(&benchTime, "test.benchtime", "run each benchmark for duration `d` or N times if `d` is of the form Nx")
	fuzzPattern = flag.String("test.fuzz", "", "run the fuzz test matching `regexp`")
	for i, name := range []string{"testlogfile", "gocoverdir", "coverprofile", "cpuprofile", "memprofile", "trace", "blockprofile", "mutexprofile"} {
		flag.StringVar(&ignoredString[i], "test."+name, "", "accepted, without effect")
	}
	flag.BoolVar(&ignoredBool[0], "test.paniconexit0", false, "accepted, without effect")
	flag.BoolVar(&ignoredBool[1], "test.artifacts", false, "accepted, without effect")
}

// chattyFlag is -test.v: false, true or test2json.
type chattyFlag struct {
	on   bool
	json bool // each line of the framework's own begins with a byte that the reader looks for
}

func (*chattyFlag) IsBoolFlag() bool { return true }

func (f *chattyFlag) Set(s string) error {
	switch s {
	case "true", "test2json":
		f.on, f.json = true, s == "test2json"
	case "false":
		f.on, f.json = false, false
	default:
		return fmt.Errorf("invalid flag -test.v=%s", s)
	}
	return nil
}

func (f *chattyFlag) String() string {
	if f.json {
		return "test2json"
	}
	return strconv.FormatBool(f.on)
}

func (f *chattyFlag) Get() any {
	if f.json {
		return "test2json"
	}
	return f.on
}

// amount is -test.benchtime: a duration, or a number of iterations.
type amount struct {
	duration time.Duration
	n        int
}

func (a *amount) String() string {
	if a.n > 0 {
		return strconv.Itoa(a.n) + "x"
	}
	return a.duration.String()
}

func (a *amount) Set(s string) error {
	if digits, ok := strings.CutSuffix(s, "x"); ok {
		n, err := strconv.ParseInt(digits, 10, 0)
		if err != nil || n < 0 {
			return fmt.Errorf("invalid count")
		}
		*a = amount{n: int(n)}
		return nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return fmt.Errorf("invalid duration")
	}
	*a = amount{duration: d}
	return nil
}

// Short reports whether -test.short is set.
func Short() bool {
	if short == nil {
		panic("testing: Short called before Init")
	}
	if !flag.Parsed() {
		panic("testing: Short called before Parse")
	}
	return *short
}

// Verbose reports whether -test.v is set.
func Verbose() bool {
	if !initialised {
		panic("testing: Verbose called before Init")
	}
	if !flag.Parsed() {
		panic("testing: Verbose called before Parse")
	}
	return chattyMode.on
}

// Testing reports whether this program is a test that `morestack test` runs.
func Testing() bool { return len(os.Args) > 0 && strings.HasSuffix(os.Args[0], ".test") }

// CoverMode returns the mode of coverage, which there is none of.
func CoverMode() string { return "" }

// Coverage returns the fraction of the code that has run, 0 without coverage.
func Coverage() float64 { return 0 }

// parseCPUList reads -test.cpu.
func parseCPUList() {
	for text := range strings.SplitSeq(*cpuText, ",") {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n <= 0 {
			fmt.Fprintf(os.Stderr, "testing: invalid value %q for -test.cpu\n", text)
			os.Exit(1)
		}
		cpuList = append(cpuList, n)
	}
	if cpuList == nil {
		cpuList = []int{runtime.GOMAXPROCS(-1)}
	}
}
