package testing

import (
	"context"
	"flag"
	"fmt"
	"math/rand"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"
)

// testDeps is what the generated main function knows of the package under test.
type testDeps interface {
	ImportPath() string
	// SetExitCode keeps what a TestMain that does not call os.Exit leaves to do.
	SetExitCode(code int)
}

// M is what a package's TestMain is given.
type M struct {
	deps       testDeps
	tests      []InternalTest
	benchmarks []InternalBenchmark
	fuzz       []InternalFuzzTarget
	examples   []InternalExample
	alarm      *time.Timer
	exitCode   int
}

// MainStart is called by the main function that `morestack test` generates. It is no part of what programs may rely on.
func MainStart(deps testDeps, tests []InternalTest, benchmarks []InternalBenchmark, fuzzTargets []InternalFuzzTarget, examples []InternalExample) *M {
	Init()
	return &M{deps: deps, tests: tests, benchmarks: benchmarks, fuzz: fuzzTargets, examples: examples}
}

// badPattern ends the program for a pattern that cannot be read.
func badPattern(err error) {
	fmt.Fprintf(os.Stderr, "testing: invalid regexp for %s\n", err)
	os.Exit(1)
}

// Run runs what the flags choose. It returns the code for os.Exit: 0 if all went well.
func (m *M) Run() (code int) {
	defer func() {
		code = m.exitCode
		m.deps.SetExitCode(code)
	}()
	if !flag.Parsed() {
		flag.Parse()
	}
	if *parallel < 1 {
		fmt.Fprintln(os.Stderr, "testing: -parallel can only be given a positive integer")
		flag.Usage()
		m.exitCode = 2
		return
	}
	if *fuzzPattern != "" {
		fmt.Fprintln(os.Stderr, "testing: -fuzz is not supported: only the seeds of fuzz targets can be run")
		m.exitCode = 2
		return
	}
	if *listPattern != "" {
		m.list()
		return
	}
	parseCPUList()
	if *shuffle != "off" && !m.shuffle() {
		m.exitCode = 2
		return
	}
	var deadline time.Time
	if *timeout > 0 {
		deadline = time.Now().Add(*timeout)
		m.alarm = time.AfterFunc(*timeout, timedOut)
	}
	ran, ok := runTests(m.tests, deadline)
	fuzzRan, fuzzOK := runTests(asTests(m.fuzz), deadline)
	exampleRan, exampleOK := runExamples(m.examples)
	if m.alarm != nil {
		m.alarm.Stop()
	}
	if !ran && !exampleRan && !fuzzRan && *benchPattern == "" {
		fmt.Fprintln(os.Stderr, "testing: warning: no tests to run")
	}
	prefix := ""
	if chattyMode.json {
		prefix = marker
	}
	if ok && fuzzOK && exampleOK && runBenchmarks(m.deps.ImportPath(), m.benchmarks) {
		fmt.Print(prefix + "PASS\n")
		return
	}
	fmt.Print(prefix + "FAIL\n")
	m.exitCode = 1
	return
}

// list prints the names that -test.list chooses.
func (m *M) list() {
	var names []string
	for _, t := range m.tests {
		names = append(names, t.Name)
	}
	for _, b := range m.benchmarks {
		names = append(names, b.Name)
	}
	for _, f := range m.fuzz {
		names = append(names, f.Name)
	}
	for _, e := range m.examples {
		names = append(names, e.Name)
	}
	for _, name := range names {
		ok, problem := matchPattern(*listPattern, name)
		if problem != "" {
			fmt.Fprintf(os.Stderr, "testing: invalid regexp in -test.list (%q): %s\n", *listPattern, problem)
			os.Exit(1)
		}
		if ok {
			fmt.Println(name)
		}
	}
}

// shuffle brings tests and benchmarks in the random order that -test.shuffle says.
func (m *M) shuffle() bool {
	seed := time.Now().UnixNano()
	if *shuffle != "on" {
		n, err := strconv.ParseInt(*shuffle, 10, 64)
		if err != nil {
			fmt.Fprintln(os.Stderr, `testing: -shuffle should be "off", "on", or a valid integer:`, err)
			return false
		}
		seed = n
	}
	fmt.Println("-test.shuffle", seed)
	random := rand.New(rand.NewSource(seed))
	random.Shuffle(len(m.tests), func(i, j int) { m.tests[i], m.tests[j] = m.tests[j], m.tests[i] })
	random.Shuffle(len(m.benchmarks), func(i, j int) { m.benchmarks[i], m.benchmarks[j] = m.benchmarks[j], m.benchmarks[i] })
	return true
}

// timedOut ends the program when -test.timeout is over.
func timedOut() {
	var names []string
	running.Range(func(name, start any) bool {
		took := time.Since(start.(time.Time)).Round(time.Second)
		names = append(names, fmt.Sprintf("%s (%v)", name, took))
		return true
	})
	slices.Sort(names)
	list := ""
	if len(names) > 0 {
		list = "\nrunning tests:\n\t" + strings.Join(names, "\n\t")
	}
	debug.SetTraceback("all")
	panic(fmt.Sprintf("test timed out after %v%s", *timeout, list))
}

// RunTests runs the tests that match and reports whether they succeeded.
//
// Deprecated: it is for main functions made by old tools.
func RunTests(matchString func(pat, str string) (bool, error), tests []InternalTest) (ok bool) {
	ran, ok := runTests(tests, time.Time{})
	if !ran {
		fmt.Fprintln(os.Stderr, "testing: warning: no tests to run")
	}
	return ok
}

// parallelState is the state of the tests that run now.
var parallelState *testState

// anyParallel reports whether several tests run at once.
func anyParallel() bool {
	if parallelState == nil {
		return false
	}
	parallelState.mu.Lock()
	defer parallelState.mu.Unlock()
	return parallelState.running > 1
}

func runTests(tests []InternalTest, deadline time.Time) (ran, ok bool) {
	ok = true
	if len(tests) == 0 {
		return false, true
	}
	for _, procs := range cpuList {
		runtime.GOMAXPROCS(procs)
		for i := range *count {
			if shouldFailFast() {
				break
			}
			if i > 0 && !ran {
				// There was nothing to run the first time.
				break
			}
			m, err := newMatcher(*runPattern, "-test.run", *skipPattern)
			if err != nil {
				badPattern(err)
			}
			state := newTestState(*parallel, m)
			state.deadline = deadline
			parallelState = state
			root := &T{
				common: common{
					signal:  make(chan bool, 1),
					barrier: make(chan bool),
					w:       os.Stdout,
				},
				state: state,
			}
			root.ctx, root.cancel = context.WithCancel(context.Background())
			if chattyMode.on {
				root.chatty = newChattyPrinter(root.w)
			}
			tRunner(root, func(t *T) {
				for _, test := range tests {
					t.Run(test.Name, test.F)
				}
			})
			<-root.signal
			ok = ok && !root.Failed()
			ran = ran || root.ran
		}
	}
	return ran, ok
}
