package os

import (
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// How waiting for a descriptor is done. Pipes, terminals and sockets can be polled: a goroutine that has nothing to read parks until there is something, and
// no thread waits with it. Other descriptors keep a thread in the system call.
const (
	pollUnknown = iota
	pollNot     // system calls block
	pollBefore  // system calls block, but it can be seen beforehand whether they would
	pollAfter   // system calls say EAGAIN
)

// Why a goroutine must not wait any longer.
const (
	stopClosed  = 1
	stopExpired = 2
)

// direction is one side of a file: reading or writing. One goroutine at a time uses it.
type direction struct {
	m       sync.Mutex
	write   bool
	polling int32
	stop    int32 // reasons not to wait
	limit   sync.Mutex
	timer   *time.Timer
}

// pollWait parks the goroutine until the descriptor is ready, unless *stop is set; it returns at once for what can't be polled.
func pollWait(fd int, write bool, stop *int32)

// pollReady reports whether reading would not block.
func pollReady(fd int) bool

// pollWake wakes the goroutine that waits for the descriptor.
func pollWake(fd int, write bool)

// setPolled marks a file whose descriptor does not block.
func (f *file) setPolled() {
	f.in.polling, f.out.polling = pollAfter, pollAfter
}

// kind finds out how to wait.
func (d *direction) kind(fd int) int32 {
	k := atomic.LoadInt32(&d.polling)
	if k == pollUnknown {
		k = pollNot
		var st syscall.Stat_t
		if syscall.Fstat(fd, &st) == nil {
			switch st.Mode & syscall.S_IFMT {
			case syscall.S_IFIFO, syscall.S_IFSOCK, syscall.S_IFCHR:
				if !d.write {
					k = pollBefore
				}
			}
		}
		atomic.StoreInt32(&d.polling, k)
	}
	return k
}

// begin takes the direction for a transfer; with an error it has not.
func (d *direction) begin(f *File) error {
	d.m.Lock()
	if err := d.stopped(); err != nil {
		d.m.Unlock()
		return err
	}
	if d.kind(f.fd) == pollBefore && !pollReady(f.fd) {
		if err := d.wait(f); err != nil {
			d.m.Unlock()
			return err
		}
	}
	return nil
}

func (d *direction) end() { d.m.Unlock() }

// stopped returns why nobody may wait.
func (d *direction) stopped() error {
	switch stop := atomic.LoadInt32(&d.stop); {
	case stop&stopClosed != 0:
		return ErrClosed
	case stop&stopExpired != 0:
		return ErrDeadlineExceeded
	}
	return nil
}

// wait waits until the descriptor is ready.
func (d *direction) wait(f *File) error {
	if err := d.stopped(); err != nil {
		return err
	}
	pollWait(f.fd, d.write, &d.stop)
	return d.stopped()
}

// setStop sets or clears a reason not to wait.
func (d *direction) setStop(reason int32, on bool) {
	for {
		old := atomic.LoadInt32(&d.stop)
		new := old &^ reason
		if on {
			new |= reason
		}
		if atomic.CompareAndSwapInt32(&d.stop, old, new) {
			return
		}
	}
}

// leave makes those who wait for the file go away, before its descriptor is closed.
func (f *File) leave() {
	for _, d := range [...]*direction{&f.in, &f.out} {
		d.setStop(stopClosed, true)
		pollWake(f.fd, d.write)
		if atomic.LoadInt32(&d.polling) == pollAfter {
			// The number must not be given out again while somebody uses it.
			d.m.Lock()
			d.m.Unlock()
		}
	}
}

// setDeadline sets until when goroutines wait; the zero time is for ever.
func (d *direction) setDeadline(f *File, t time.Time) error {
	if err := f.check("set deadline"); err != nil {
		return err
	}
	if atomic.LoadInt32(&d.polling) != pollAfter {
		return &PathError{Op: "set deadline", Path: f.name, Err: ErrNoDeadline}
	}
	d.limit.Lock()
	defer d.limit.Unlock()
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	d.setStop(stopExpired, false)
	if t.IsZero() {
		return nil
	}
	left := time.Until(t)
	if left <= 0 {
		d.expire(f, nil)
		return nil
	}
	var timer *time.Timer
	timer = time.AfterFunc(left, func() {
		d.limit.Lock()
		defer d.limit.Unlock()
		d.expire(f, timer)
	})
	d.timer = timer
	return nil
}

// expire ends the waiting, if the timer is the current one.
func (d *direction) expire(f *File, timer *time.Timer) {
	if d.timer == timer {
		d.setStop(stopExpired, true)
		pollWake(f.fd, d.write)
	}
}

// SetDeadline is SetReadDeadline and SetWriteDeadline. Only pipes have deadlines.
func (f *File) SetDeadline(t time.Time) error {
	if err := f.SetReadDeadline(t); err != nil {
		return err
	}
	return f.SetWriteDeadline(t)
}

// SetReadDeadline sets the time at which reads stop waiting and fail with ErrDeadlineExceeded; the zero time is never.
func (f *File) SetReadDeadline(t time.Time) error {
	if f == nil {
		return ErrInvalid
	}
	return f.in.setDeadline(f, t)
}

// SetWriteDeadline is SetReadDeadline for writes.
func (f *File) SetWriteDeadline(t time.Time) error {
	if f == nil {
		return ErrInvalid
	}
	return f.out.setDeadline(f, t)
}
