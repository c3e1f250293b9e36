package testing

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"
)

// TB is what T, B and F have in common.
type TB interface {
	ArtifactDir() string
	Attr(key, value string)
	Chdir(dir string)
	Cleanup(func())
	Context() context.Context
	Error(args ...any)
	Errorf(format string, args ...any)
	Fail()
	FailNow()
	Failed() bool
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Helper()
	Log(args ...any)
	Logf(format string, args ...any)
	Name() string
	Output() io.Writer
	Setenv(key, value string)
	Skip(args ...any)
	SkipNow()
	Skipf(format string, args ...any)
	Skipped() bool
	TempDir() string

	// Only this package implements it, so that methods can be added.
	private()
}

var (
	_ TB = (*T)(nil)
	_ TB = (*B)(nil)
	_ TB = (*F)(nil)
)

// common is the part that tests and benchmarks share.
type common struct {
	mu      sync.RWMutex // protects what follows up to the next empty line
	output  []byte       // what has been logged, and the reports of subtests
	failed  bool
	skipped bool
	done    bool // it has ended, and so have all its subtests
	ran     bool // it ran, or one of its subtests did
	helpers map[string]struct{}
	cleanup []func()
	tempDir string
	tempSeq int

	name     string
	parent   *common
	level    int // 0 for the root
	w        io.Writer
	chatty   *chattyPrinter // nil unless -test.v
	bench    bool
	runner   string    // the name of the function that runs the test
	creator  []uintptr // where Run was called
	start    time.Time
	duration time.Duration
	barrier  chan bool // closed when parallel subtests may go on
	signal   chan bool // tells the parent that it has ended or become parallel; false: end the parent too
	subs     []*T      // parallel subtests

	finished        bool // it ran to its end, or ended itself by FailNow or SkipNow
	hasSub          atomic.Bool
	inCleanup       atomic.Bool
	cleanupStarted  bool
	ctx             context.Context
	cancel          context.CancelFunc
	partial         []byte // what was written to Output after its last newline
	isParallel      bool
	deniesParallel  bool // Setenv or Chdir was used
	artifactDirPath string
}

// failures counts failed tests, for -test.failfast.
var failures atomic.Int32

func shouldFailFast() bool { return *failFast && failures.Load() > 0 }

// chattyPrinter prints what -test.v shows at once. It notes which test its last line was about, so that a line about another one can be told apart.
type chattyPrinter struct {
	mu   sync.Mutex
	w    io.Writer
	last string
	json bool
}

func newChattyPrinter(w io.Writer) *chattyPrinter { return &chattyPrinter{w: w, json: chattyMode.json} }

// marker is what the reader of -test.v=test2json recognises the framework's lines by.
const marker = "\x16"

func (p *chattyPrinter) prefix() string {
	if p != nil && p.json {
		return marker
	}
	return ""
}

// update prints a line that names its test itself.
func (p *chattyPrinter) update(name, format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = name
	fmt.Fprintf(p.w, p.prefix()+format, args...)
}

// print prints text of a test, naming it before if the last line was of another one.
func (p *chattyPrinter) print(name, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last != name && p.last != "" {
		fmt.Fprintf(p.w, "%s=== NAME  %s\n", p.prefix(), name)
	}
	p.last = name
	io.WriteString(p.w, text)
}

// fmtDuration is how a report gives a duration.
func fmtDuration(d time.Duration) string { return fmt.Sprintf("%.2fs", d.Seconds()) }

// indent puts four spaces before each line.
func indent(text []byte) []byte {
	var out []byte
	for len(text) > 0 {
		end := len(text)
		for i, c := range text {
			if c == '\n' {
				end = i + 1
				break
			}
		}
		line := text[:end]
		// The marker stays at the line's beginning.
		if line[0] == marker[0] {
			out = append(out, marker...)
			line = line[1:]
		}
		out = append(append(out, "    "...), line...)
		text = text[end:]
	}
	return out
}

// report gives a line and the test's output to the parent: the root prints them, another one keeps them until it reports.
func (c *common) report(format string, args ...any) {
	c.flushPartial()
	p := c.parent
	p.mu.Lock()
	defer p.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	text := append([]byte(c.chatty.prefix()+fmt.Sprintf(format, args...)), c.output...)
	c.output = nil
	switch {
	case p.level > 0:
		p.output = append(p.output, indent(text)...)
	case c.chatty != nil:
		c.chatty.mu.Lock()
		defer c.chatty.mu.Unlock()
		c.chatty.last = c.name
		c.chatty.w.Write(text)
	default:
		p.w.Write(text)
	}
}

func (c *common) private() {}

// Name returns the name of the test or benchmark with those of its parents.
func (c *common) Name() string { return c.name }

func (c *common) setRan() {
	for p := c; p != nil; p = p.parent {
		p.mu.Lock()
		p.ran = true
		p.mu.Unlock()
	}
}

// Fail marks the test as failed and lets it go on.
func (c *common) Fail() {
	if c.parent != nil {
		c.parent.Fail()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done {
		panic("Fail in goroutine after " + c.name + " has completed")
	}
	if !c.failed {
		c.failed = true
		if c.parent != nil && !c.bench {
			failures.Add(1)
		}
	}
}

// Failed reports whether the test has failed.
func (c *common) Failed() bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.failed
}

// FailNow marks the test as failed and ends it by runtime.Goexit. It must be called by the goroutine that runs the test.
func (c *common) FailNow() {
	c.Fail()
	c.finish()
	runtime.Goexit()
}

func (c *common) finish() {
	c.mu.Lock()
	c.finished = true
	c.mu.Unlock()
}

// Skipped reports whether the test was skipped.
func (c *common) Skipped() bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.skipped
}

// SkipNow marks the test as skipped and ends it by runtime.Goexit. It must be called by the goroutine that runs the test.
func (c *common) SkipNow() {
	c.mu.Lock()
	c.skipped = true
	c.finished = true
	c.mu.Unlock()
	runtime.Goexit()
}

// Helper marks the calling function as a helper, which is left out when a line's place is looked for.
func (c *common) Helper() {
	if _, name, ok := callerName(1); ok {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.helpers == nil {
			c.helpers = map[string]struct{}{}
		}
		c.helpers[name] = struct{}{}
	}
}

// callerName returns the pc and the name of the function skip frames above the caller.
func callerName(skip int) (pc uintptr, name string, ok bool) {
	var pcs [1]uintptr
	if runtime.Callers(skip+2, pcs[:]) == 0 {
		return 0, "", false
	}
	frame, _ := runtime.CallersFrames(pcs[:]).Next()
	return pcs[0], funcName(frame), true
}

// funcName returns a frame's function; the body of a range over a function counts as the function around it.
func funcName(frame runtime.Frame) string {
	name, _, _ := strings.Cut(frame.Function, "-range")
	return name
}

// place returns where a line was logged: the first frame above skip that is no helper. If that passes the test function of a subtest, the search goes on
// where the parent called Run.
func (c *common) place(skip int) (file string, line int) {
	var buffer [50]uintptr
	pcs := buffer[:runtime.Callers(skip+2, buffer[:])]
	var first, previous runtime.Frame
search:
	for t := c; t != nil && len(pcs) > 0; t = t.parent {
		frames := runtime.CallersFrames(pcs)
		for more := true; more; {
			var frame runtime.Frame
			frame, more = frames.Next()
			if frame.Function == "" {
				continue
			}
			if first.PC == 0 {
				first = frame
			}
			name := funcName(frame)
			if name == t.runner {
				if t.level > 1 {
					pcs = t.creator
					continue search
				}
				return previous.File, previous.Line
			}
			previous = frame
			if !t.isHelper(name, t == c) {
				return frame.File, frame.Line
			}
		}
		break
	}
	return first.File, first.Line
}

// isHelper reports whether a function has called Helper; locked: the test's lock is held.
func (c *common) isHelper(name string, locked bool) bool {
	if !locked {
		c.mu.RLock()
		defer c.mu.RUnlock()
	}
	_, helper := c.helpers[name]
	return helper
}

// log logs a message of the caller skip frames above.
func (c *common) log(text string, skip int) {
	c.flushPartial()
	c.mu.Lock()
	defer c.mu.Unlock()
	file, line := c.place(skip + 1)
	if file == "" {
		file, line = "???", 1
	} else if !*fullPath {
		file = file[strings.LastIndexByte(file, '/')+1:]
	}
	// Further lines stand deeper than the first.
	text = strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n        ")
	c.emit(fmt.Sprintf("    %s:%d: %s\n", file, line, text), text)
}

// emit prints or keeps a line; c.mu is locked.
func (c *common) emit(line, text string) {
	if c.done {
		// The message belongs to a test that has ended: its nearest parent that goes on gets it.
		for p := c.parent; p != nil; p = p.parent {
			p.mu.Lock()
			going := !p.done
			if going {
				p.output = append(p.output, line...)
			}
			p.mu.Unlock()
			if going {
				return
			}
		}
		panic("Log in goroutine after " + c.name + " has completed: " + text)
	}
	switch {
	case c.chatty == nil:
		c.output = append(c.output, line...)
	case c.bench:
		// Benchmarks run one at a time.
		io.WriteString(c.chatty.w, line)
	default:
		c.chatty.print(c.name, line)
	}
}

// outputWriter is what Output returns.
type outputWriter struct{ c *common }

func (w outputWriter) Write(b []byte) (int, error) {
	c := w.c
	c.mu.Lock()
	defer c.mu.Unlock()
	text := append(c.partial, b...)
	for {
		at := strings.IndexByte(string(text), '\n')
		if at < 0 {
			break
		}
		line := "    " + string(text[:at+1])
		c.emit(line, line)
		text = text[at+1:]
	}
	c.partial = append([]byte(nil), text...)
	return len(b), nil
}

func (c *common) flushPartial() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.partial) > 0 {
		line := "    " + string(c.partial) + "\n"
		c.partial = nil
		c.emit(line, line)
	}
}

// Output returns a writer of the test's output: lines without a place.
func (c *common) Output() io.Writer { return outputWriter{c} }

// Attr emits an attribute of the test, a key without spaces and a value without newlines.
func (c *common) Attr(key, value string) {
	if strings.ContainsFunc(key, unicode.IsSpace) {
		c.log(fmt.Sprintf("disallowed whitespace in attribute key %q", key), 1)
		c.Fail()
		return
	}
	if strings.ContainsAny(value, "\r\n") {
		c.log(fmt.Sprintf("disallowed newline in attribute value %q", value), 1)
		c.Fail()
		return
	}
	if c.chatty != nil {
		c.chatty.update(c.name, "=== ATTR  %s %v %v\n", c.name, key, value)
	}
}

// Log logs a line formed as by fmt.Println. Tests show it if they fail or with -test.v, benchmarks always.
func (c *common) Log(args ...any) { c.log(fmt.Sprintln(args...), 1) }

// Logf logs a line formed as by fmt.Printf.
func (c *common) Logf(format string, args ...any) { c.log(fmt.Sprintf(format, args...), 1) }

// Error is Log, then Fail.
func (c *common) Error(args ...any) {
	c.log(fmt.Sprintln(args...), 1)
	c.Fail()
}

// Errorf is Logf, then Fail.
func (c *common) Errorf(format string, args ...any) {
	c.log(fmt.Sprintf(format, args...), 1)
	c.Fail()
}

// Fatal is Log, then FailNow.
func (c *common) Fatal(args ...any) {
	c.log(fmt.Sprintln(args...), 1)
	c.FailNow()
}

// Fatalf is Logf, then FailNow.
func (c *common) Fatalf(format string, args ...any) {
	c.log(fmt.Sprintf(format, args...), 1)
	c.FailNow()
}

// Skip is Log, then SkipNow.
func (c *common) Skip(args ...any) {
	c.log(fmt.Sprintln(args...), 1)
	c.SkipNow()
}

// Skipf is Logf, then SkipNow.
func (c *common) Skipf(format string, args ...any) {
	c.log(fmt.Sprintf(format, args...), 1)
	c.SkipNow()
}

// Cleanup has a function called when the test and all its subtests have ended: the last one first.
func (c *common) Cleanup(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cleanup = append(c.cleanup, f)
}

// runCleanup calls the cleanup functions. Each runs although one before it panicked or ended the goroutine.
func (c *common) runCleanup() {
	c.inCleanup.Store(true)
	defer c.inCleanup.Store(false)
	if c.cancel != nil {
		c.cancel()
	}
	// One function after the other; what a deferred call goes on with survives a panic and Goexit.
	defer func() {
		c.mu.Lock()
		more := len(c.cleanup) > 0
		c.mu.Unlock()
		if more {
			c.runCleanup()
		}
	}()
	for {
		var f func()
		c.mu.Lock()
		if last := len(c.cleanup) - 1; last >= 0 {
			f = c.cleanup[last]
			c.cleanup = c.cleanup[:last]
		}
		c.mu.Unlock()
		if f == nil {
			return
		}
		f()
	}
}

// cleanupPanic is runCleanup that returns what it panicked with.
func (c *common) cleanupPanic() (value any) {
	defer func() { value = recover() }()
	c.runCleanup()
	return nil
}

// Context returns a context that is cancelled just before the cleanup functions run.
func (c *common) Context() context.Context { return c.ctx }

// TempDir returns a new directory, removed at the test's cleanup.
func (c *common) TempDir() string {
	c.mu.Lock()
	dir := c.tempDir
	c.mu.Unlock()
	if dir == "" {
		pattern := strings.Map(func(r rune) rune {
			if r < utf8.RuneSelf {
				if strings.ContainsRune("-_", r) || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
					return r
				}
			} else if unicode.IsLetter(r) || unicode.IsNumber(r) {
				return r
			}
			return -1
		}, c.name)
		made, err := os.MkdirTemp(os.Getenv("GOTMPDIR"), pattern)
		if err != nil {
			c.Fatalf("TempDir: %v", err)
		}
		dir = made
		c.mu.Lock()
		c.tempDir = dir
		c.mu.Unlock()
		c.Cleanup(func() {
			if err := os.RemoveAll(dir); err != nil {
				c.Errorf("TempDir RemoveAll cleanup: %v", err)
			}
		})
	}
	c.mu.Lock()
	c.tempSeq++
	dir = fmt.Sprintf("%s/%03d", dir, c.tempSeq)
	c.mu.Unlock()
	if err := os.Mkdir(dir, 0o777); err != nil {
		c.Fatalf("TempDir: %v", err)
	}
	return dir
}

// ArtifactDir returns a directory for files that a test wants to leave behind; they are removed at its end as yet.
func (c *common) ArtifactDir() string {
	if c.artifactDirPath == "" {
		c.artifactDirPath = c.TempDir()
	}
	return c.artifactDirPath
}

// Setenv sets an environment variable for the time of the test.
func (c *common) Setenv(key, value string) {
	old, had := os.LookupEnv(key)
	if err := os.Setenv(key, value); err != nil {
		c.Fatalf("cannot set environment variable: %v", err)
	}
	c.Cleanup(func() {
		if had {
			os.Setenv(key, old)
		} else {
			os.Unsetenv(key)
		}
	})
}

// Chdir changes the working directory for the time of the test.
func (c *common) Chdir(dir string) {
	old, err := os.Open(".")
	if err != nil {
		c.Fatal(err)
	}
	if err := os.Chdir(dir); err != nil {
		c.Fatal(err)
	}
	// PWD follows.
	if !strings.HasPrefix(dir, "/") {
		if dir, err = os.Getwd(); err != nil {
			c.Fatal(err)
		}
	}
	c.Setenv("PWD", dir)
	c.Cleanup(func() {
		err := old.Chdir()
		old.Close()
		if err != nil {
			panic("testing.Chdir: " + err.Error())
		}
	})
}
