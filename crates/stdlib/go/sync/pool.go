package sync

import "sync/atomic"

// gcCycles returns where the number of collections so far is kept.
func gcCycles() *uint32

var cycles = gcCycles()

// Pool keeps values for reuse. A value that was not taken over two collections is dropped.
type Pool struct {
	_      noCopy
	m      Mutex
	cycle  uint32
	fresh  []any // put since the last collection
	victim []any // put before it
	// New makes a value when there is none to reuse; Get returns nil without it.
	New func() any
}

// age moves what is kept one collection on. The lock is held.
func (p *Pool) age() {
	if now := atomic.LoadUint32(cycles); now != p.cycle {
		p.collected(now)
	}
}

func (p *Pool) collected(now uint32) {
	if now == p.cycle+1 {
		p.victim = p.fresh
	} else {
		p.victim = nil
	}
	p.fresh = nil
	p.cycle = now
}

// Put adds x.
func (p *Pool) Put(x any) {
	if x == nil {
		return
	}
	p.m.Lock()
	p.age()
	p.fresh = append(p.fresh, x)
	p.m.Unlock()
}

// Get takes any value out of the pool, or makes one.
func (p *Pool) Get() any {
	p.m.Lock()
	p.age()
	from := &p.fresh
	if len(*from) == 0 {
		from = &p.victim
	}
	var x any
	if last := len(*from) - 1; last >= 0 {
		x = (*from)[last]
		(*from)[last] = nil
		*from = (*from)[:last]
	}
	p.m.Unlock()
	if x == nil && p.New != nil {
		x = p.New()
	}
	return x
}
