package time

// machineTimer is a timer of the virtual machine, which knows this layout (natives/time.rs).
type machineTimer struct {
	id     uint64 // 0 when it is not set
	when   int64  // on the monotonic clock
	period int64
	c      chan Time // gets the time unless its buffer is full
	f      func()    // else runs on a goroutine of its own
	loc    *Location // of the times that are sent
}

// startTimer sets a timer.
func startTimer(t *machineTimer)

// stopTimer unsets a timer and reports whether it was set.
func stopTimer(t *machineTimer) bool

// sleep parks the goroutine for d nanoseconds.
func sleep(d int64)

// Sleep returns after at least d.
func Sleep(d Duration) {
	if d > 0 {
		sleep(int64(d))
	}
}

// due returns when d from now is, on the monotonic clock.
func due(d Duration) int64 {
	_, _, mono := now()
	if d <= 0 {
		return mono
	}
	if t := mono + int64(d); t > 0 {
		return t
	}
	return 1<<63 - 1
}

// Timer is one event in the future. It must be made by NewTimer or AfterFunc.
type Timer struct {
	C <-chan Time
	t machineTimer
}

// NewTimer returns a timer that sends the time on its channel after d.
func NewTimer(d Duration) *Timer {
	c := make(chan Time, 1)
	t := &Timer{C: c, t: machineTimer{when: due(d), c: c, loc: Local}}
	startTimer(&t.t)
	return t
}

// AfterFunc calls f on a goroutine of its own after d.
func AfterFunc(d Duration, f func()) *Timer {
	t := &Timer{t: machineTimer{when: due(d), f: f}}
	startTimer(&t.t)
	return t
}

// After returns a channel that gets the time after d.
func After(d Duration) <-chan Time { return NewTimer(d).C }

// drain takes a value that was sent but not received yet: after Stop or Reset nobody gets it.
func (t *machineTimer) drain() bool {
	if t.c == nil {
		return false
	}
	select {
	case <-t.c:
		return true
	default:
		return false
	}
}

// Stop keeps the timer from firing, and reports whether it would have.
func (t *Timer) Stop() bool {
	if t.t.c == nil && t.t.f == nil {
		panic("time: Stop called on uninitialized Timer")
	}
	active := stopTimer(&t.t)
	return t.t.drain() || active
}

// Reset makes the timer fire after d from now, and reports whether it was still to fire.
func (t *Timer) Reset(d Duration) bool {
	if t.t.c == nil && t.t.f == nil {
		panic("time: Reset called on uninitialized Timer")
	}
	active := stopTimer(&t.t)
	active = t.t.drain() || active
	t.t.when = due(d)
	startTimer(&t.t)
	return active
}

// Ticker sends the time on its channel at intervals; ticks that nobody receives in time are dropped.
type Ticker struct {
	C <-chan Time
	t machineTimer
}

// NewTicker returns a Ticker with the given interval.
func NewTicker(d Duration) *Ticker {
	if d <= 0 {
		panic("non-positive interval for NewTicker")
	}
	c := make(chan Time, 1)
	t := &Ticker{C: c, t: machineTimer{when: due(d), period: int64(d), c: c, loc: Local}}
	startTimer(&t.t)
	return t
}

// Stop ends the ticks. The channel stays open.
func (t *Ticker) Stop() {
	if t.t.c != nil {
		stopTimer(&t.t)
		t.t.drain()
	}
}

// Reset starts anew with the given interval.
func (t *Ticker) Reset(d Duration) {
	if d <= 0 {
		panic("non-positive interval for Ticker.Reset")
	}
	if t.t.c == nil {
		panic("time: Reset called on uninitialized Ticker")
	}
	stopTimer(&t.t)
	t.t.drain()
	t.t.when, t.t.period = due(d), int64(d)
	startTimer(&t.t)
}

// Tick returns the channel of a new Ticker, nil if d is not positive.
func Tick(d Duration) <-chan Time {
	if d <= 0 {
		return nil
	}
	return NewTicker(d).C
}
