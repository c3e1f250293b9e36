package sync

// gcCycle returns the number of collections so far.
func gcCycle() uint32

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
	if now := gcCycle(); now != p.cycle {
		if now == p.cycle+1 {
			p.victim = p.fresh
		} else {
			p.victim = nil
		}
		p.fresh = nil
		p.cycle = now
	}
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

func pop(from *[]any) any {
	last := len(*from) - 1
	if last < 0 {
		return nil
	}
	x := (*from)[last]
	(*from)[last] = nil
	*from = (*from)[:last]
	return x
}

// Get takes any value out of the pool, or makes one.
func (p *Pool) Get() any {
	p.m.Lock()
	p.age()
	x := pop(&p.fresh)
	if x == nil {
		x = pop(&p.victim)
	}
	p.m.Unlock()
	if x == nil && p.New != nil {
		x = p.New()
	}
	return x
}
