package sync

import "sync/atomic"

// Once does something once.
type Once struct {
	_    noCopy
	done uint32
	m    Mutex
}

// Do calls f if this is the first call of Do for o; in any case f has returned when Do does.
func (o *Once) Do(f func()) {
	if atomic.LoadUint32(&o.done) == 0 {
		o.doSlow(f)
	}
}

func (o *Once) doSlow(f func()) {
	o.m.Lock()
	defer o.m.Unlock()
	if o.done == 0 {
		defer atomic.StoreUint32(&o.done, 1)
		f()
	}
}

// onceCall runs a function once and remembers how it ended.
type onceCall struct {
	once     Once
	returned bool
	panicked any
}

func (c *onceCall) do(f func()) {
	c.once.Do(func() {
		defer func() {
			if !c.returned {
				// The panic goes on from here, so that the first one's trace starts in f.
				c.panicked = recover()
				panic(c.panicked)
			}
		}()
		f()
		c.returned = true
	})
	if !c.returned {
		panic(c.panicked)
	}
}

// OnceFunc returns a function that calls f the first time. If f panics, so does every call, with the same value.
func OnceFunc(f func()) func() {
	c := new(onceCall)
	return func() {
		c.do(func() {
			g := f
			f = nil
			g()
		})
	}
}

// OnceValue returns a function that calls f the first time and always returns what f returned then.
func OnceValue[T any](f func() T) func() T {
	c := new(onceCall)
	var v T
	return func() T {
		c.do(func() {
			g := f
			f = nil
			v = g()
		})
		return v
	}
}

// OnceValues is OnceValue for two results.
func OnceValues[T1, T2 any](f func() (T1, T2)) func() (T1, T2) {
	c := new(onceCall)
	var v1 T1
	var v2 T2
	return func() (T1, T2) {
		c.do(func() {
			g := f
			f = nil
			v1, v2 = g()
		})
		return v1, v2
	}
}
