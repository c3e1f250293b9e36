// Package iter has the types of iterators and turns them inside out.
package iter

import "runtime"

// Seq is an iterator over values: it calls yield for each until yield returns false.
type Seq[V any] func(yield func(V) bool)

// Seq2 is an iterator over pairs.
type Seq2[K, V any] func(yield func(K, V) bool)

// puller runs an iterator on a goroutine of its own, which runs only while next or stop waits for it.
type puller struct {
	waiting  uintptr // the goroutine that waits for the other one
	keepOn   bool    // to the iterator: go on, or stop
	started  bool
	done     bool // no more values: next and yield say so
	ended    bool // the iterator's goroutine is at its end
	inside   bool // the iterator is running
	panicked bool
	goexit   bool
	value    any // what it panicked with
}

// await waits for the other goroutine to hand over.
func await(waiting *uintptr)

// handOver lets the other goroutine run, and waits for it to hand over.
func handOver(waiting *uintptr)

// leave lets the other goroutine run, and does not wait.
func leave(waiting *uintptr)

// step lets the iterator run to its next yield or its end. body runs the iterator.
func (p *puller) step(keepOn bool, body func()) {
	p.inside = true
	if !p.started {
		p.started = true
		go p.run(body)
	}
	p.keepOn = keepOn
	handOver(&p.waiting)
	p.inside = false
	p.rethrow()
}

func (p *puller) run(body func()) {
	p.goexit = true
	p.panicked = true
	defer func() {
		if p.goexit {
			// Neither a return nor a panic: runtime.Goexit.
			if v := recover(); v != nil {
				p.goexit = false
				p.value = v
			}
		} else {
			p.panicked = false
		}
		p.done, p.ended = true, true
		leave(&p.waiting)
	}()
	await(&p.waiting)
	body()
	p.goexit = false
}

// rethrow passes on what ended the iterator, once.
func (p *puller) rethrow() {
	if !p.ended || !p.panicked {
		return
	}
	p.panicked = false
	if p.goexit {
		runtime.Goexit()
	}
	panic(p.value)
}

// suspend is called in the iterator, with a value stored; it reports whether to go on.
func (p *puller) suspend(name string) bool {
	if p.done {
		return false
	}
	if !p.inside {
		panic("iter." + name + ": yield called again before next")
	}
	handOver(&p.waiting)
	return p.keepOn
}

// Pull turns an iterator into two functions: next returns the next value and whether there is one, stop ends the
// iteration. They must not be called by several goroutines at once.
func Pull[V any](seq Seq[V]) (next func() (V, bool), stop func()) {
	var (
		v  V
		ok bool
	)
	p := &puller{}
	body := func() {
		seq(func(v1 V) bool {
			v, ok = v1, true
			return p.suspend("Pull")
		})
		p.done = true
	}
	next = func() (v1 V, ok1 bool) {
		if p.inside {
			panic("iter.Pull: next called again before yield")
		}
		if p.done {
			return
		}
		p.step(true, body)
		v1, ok1 = v, ok
		var zero V
		v, ok = zero, false
		return v1, ok1
	}
	stop = func() { p.stop("Pull") }
	return next, stop
}

// Pull2 is Pull for iterators over pairs.
func Pull2[K, V any](seq Seq2[K, V]) (next func() (K, V, bool), stop func()) {
	var (
		k  K
		v  V
		ok bool
	)
	p := &puller{}
	body := func() {
		seq(func(k1 K, v1 V) bool {
			k, v, ok = k1, v1, true
			return p.suspend("Pull2")
		})
		p.done = true
	}
	next = func() (k1 K, v1 V, ok1 bool) {
		if p.inside {
			panic("iter.Pull2: next called again before yield")
		}
		if p.done {
			return
		}
		p.step(true, body)
		k1, v1, ok1 = k, v, ok
		var (
			noKey   K
			noValue V
		)
		k, v, ok = noKey, noValue, false
		return k1, v1, ok1
	}
	stop = func() { p.stop("Pull2") }
	return next, stop
}

func (p *puller) stop(name string) {
	if p.done {
		return
	}
	if p.inside {
		panic("iter." + name + ": next called again before yield")
	}
	if !p.started {
		p.done = true
		return
	}
	p.done = true
	p.step(false, nil)
}
