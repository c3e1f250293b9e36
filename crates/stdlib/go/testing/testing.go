package testing

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"
)

// T is what a test is given.
type T struct {
	common
	state *testState
}

// InternalTest is a test by its name.
type InternalTest struct {
	Name string
	F    func(*T)
}

var errNoEnd = errors.New("test executed panic(nil) or runtime.Goexit")

// testState is shared by all tests of a run: which of them are chosen, and how many run in parallel.
type testState struct {
	match    *matcher
	deadline time.Time

	mu       sync.Mutex
	running  int // those that run: the sequential one and the parallel ones
	waiting  int
	limit    int
	mayStart chan bool
}

func newTestState(limit int, m *matcher) *testState {
	return &testState{match: m, limit: limit, running: 1, mayStart: make(chan bool)}
}

// acquire waits until fewer than limit tests run.
func (s *testState) acquire() {
	s.mu.Lock()
	if s.running < s.limit {
		s.running++
		s.mu.Unlock()
		return
	}
	s.waiting++
	s.mu.Unlock()
	<-s.mayStart
}

// release lets another test run.
func (s *testState) release() {
	s.mu.Lock()
	if s.waiting == 0 {
		s.running--
		s.mu.Unlock()
		return
	}
	s.waiting--
	s.mu.Unlock()
	s.mayStart <- true
}

// running holds what runs, with the time of its start, for the report when time is out.
var running sync.Map

// Deadline returns when -test.timeout ends the tests; ok is false if it does not.
func (t *T) Deadline() (deadline time.Time, ok bool) {
	deadline = t.state.deadline
	return deadline, !deadline.IsZero()
}

const parallelConflict = "testing: test using t.Setenv, t.Chdir, or cryptotest.SetGlobalRandom can not use t.Parallel"

// Setenv sets an environment variable for the time of the test, which cannot be a parallel one.
func (t *T) Setenv(key, value string) {
	t.denyParallel()
	t.common.Setenv(key, value)
}

// Chdir changes the working directory for the time of the test, which cannot be a parallel one.
func (t *T) Chdir(dir string) {
	t.denyParallel()
	t.common.Chdir(dir)
}

func (t *T) denyParallel() {
	for c := &t.common; c != nil; c = c.parent {
		if c.isParallel {
			panic(parallelConflict)
		}
	}
	t.deniesParallel = true
}

// Parallel lets the test go on together with other parallel tests, when the sequential part of its parent has ended.
func (t *T) Parallel() {
	if t.isParallel {
		panic("testing: t.Parallel called multiple times")
	}
	if t.deniesParallel {
		panic(parallelConflict)
	}
	t.isParallel = true
	if t.parent.barrier == nil {
		// A fuzz target's seeds.
		return
	}
	t.duration += time.Since(t.start)
	t.parent.mu.Lock()
	t.parent.subs = append(t.parent.subs, t)
	t.parent.mu.Unlock()
	if t.chatty != nil {
		t.chatty.update(t.name, "=== PAUSE %s\n", t.name)
	}
	running.Delete(t.name)
	t.signal <- true
	<-t.parent.barrier
	t.state.acquire()
	if t.chatty != nil {
		t.chatty.update(t.name, "=== CONT  %s\n", t.name)
	}
	t.start = time.Now()
	running.Store(t.name, t.start)
}

// Run runs f as a subtest and reports whether it succeeded. It returns when f ends, or becomes parallel.
func (t *T) Run(name string, f func(t *T)) bool {
	if t.cleanupStarted {
		panic("testing: t.Run called during t.Cleanup")
	}
	t.hasSub.Store(true)
	name, ok, _ := t.state.match.fullName(&t.common, name)
	if !ok || shouldFailFast() {
		return true
	}
	var pcs [50]uintptr
	n := runtime.Callers(2, pcs[:])
	sub := &T{
		common: common{
			name:    name,
			parent:  &t.common,
			level:   t.level + 1,
			creator: pcs[:n],
			chatty:  t.chatty,
			barrier: make(chan bool),
			signal:  make(chan bool, 1),
		},
		state: t.state,
	}
	sub.ctx, sub.cancel = context.WithCancel(context.Background())
	if t.chatty != nil {
		t.chatty.update(name, "=== RUN   %s\n", name)
	}
	running.Store(name, time.Now())
	go tRunner(sub, f)
	if !<-sub.signal {
		// The subtest ended this test.
		runtime.Goexit()
	}
	if t.chatty != nil && t.chatty.json {
		t.chatty.update(t.name, "=== NAME  %s\n", t.name)
	}
	return !sub.Failed()
}

// tRunner runs a test on its goroutine.
func tRunner(t *T, f func(*T)) {
	_, t.runner, _ = callerName(0)
	defer t.end()
	defer func() {
		// Parallel subtests that have not run yet keep cleanup waiting.
		if len(t.subs) == 0 {
			t.cleanupStarted = true
			t.runCleanup()
		}
	}()
	t.start = time.Now()
	f(t)
	t.finish()
}

// end is deferred by tRunner: it waits for parallel subtests, reports, and tells the parent.
func (t *T) end() {
	value := recover()
	signal := true
	t.duration += time.Since(t.start)
	t.mu.RLock()
	finished := t.finished
	t.mu.RUnlock()
	if !finished && value == nil {
		value = errNoEnd
		for p := t.parent; p != nil; p = p.parent {
			p.mu.RLock()
			over := p.finished
			p.mu.RUnlock()
			if over {
				if !t.isParallel {
					t.Errorf("%v: subtest may have called FailNow on a parent test", value)
					value = nil
				}
				signal = false
				break
			}
		}
	}
	if value != nil {
		t.die(value)
	}
	// The parent goes on even if a cleanup function ends the goroutine.
	defer func() { t.signal <- signal }()
	if len(t.subs) > 0 {
		t.state.release()
		close(t.barrier)
		for _, sub := range t.subs {
			<-sub.signal
		}
		began := time.Now()
		t.cleanupStarted = true
		value := t.cleanupPanic()
		t.duration += time.Since(began)
		if value != nil {
			t.die(value)
		}
		if !t.isParallel {
			t.state.acquire()
		}
	} else if t.isParallel {
		t.state.release()
	}
	t.reportResult()
	running.Delete(t.name)
	t.mu.Lock()
	t.done = true
	t.mu.Unlock()
	if t.parent != nil && !t.hasSub.Load() {
		t.setRan()
	}
}

// die reports a test that panicked, with all above it, and panics again.
func (t *T) die(value any) {
	t.Fail()
	if again := t.cleanupPanic(); again != nil {
		t.Logf("cleanup panicked with %v", again)
	}
	for c := &t.common; c.parent != nil; c = c.parent {
		c.mu.Lock()
		d := c.duration
		c.mu.Unlock()
		c.report("--- FAIL: %s (%s)\n", c.name, fmtDuration(d))
	}
	panic(value)
}

// reportResult reports the test's end; without -test.v only a failure.
func (t *T) reportResult() {
	if t.parent == nil {
		return
	}
	const format = "--- %s: %s (%s)\n"
	d := fmtDuration(t.duration)
	switch {
	case t.Failed():
		t.report(format, "FAIL", t.name, d)
	case t.chatty == nil:
		t.flushPartial()
	case t.Skipped():
		t.report(format, "SKIP", t.name, d)
	default:
		t.report(format, "PASS", t.name, d)
	}
}
