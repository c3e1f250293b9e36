package sync

// Cond is where goroutines wait for a condition that the lock L guards.
type Cond struct {
	_           noCopy
	L           Locker
	m           Mutex // guards the queue
	first, last *condWaiter
	self        *Cond // set at the first use, to find copies
}

type condWaiter struct {
	sema uint32
	next *condWaiter
}

// NewCond returns a Cond with lock l.
func NewCond(l Locker) *Cond { return &Cond{L: l} }

func (c *Cond) check() {
	if c.self == nil {
		c.self = c
	}
	if c.self != c {
		panic("sync.Cond is copied")
	}
}

// Wait unlocks c.L, waits for Signal or Broadcast, and locks c.L again.
func (c *Cond) Wait() {
	w := new(condWaiter)
	c.m.Lock()
	c.check()
	if c.last == nil {
		c.first = w
	} else {
		c.last.next = w
	}
	c.last = w
	c.m.Unlock()
	c.L.Unlock()
	semacquire(&w.sema, waitCond, false)
	c.L.Lock()
}

// Signal wakes the goroutine that has waited longest, if any.
func (c *Cond) Signal() {
	c.m.Lock()
	c.check()
	w := c.first
	if w != nil {
		if c.first = w.next; c.first == nil {
			c.last = nil
		}
	}
	c.m.Unlock()
	if w != nil {
		semrelease(&w.sema, false)
	}
}

// Broadcast wakes all waiting goroutines.
func (c *Cond) Broadcast() {
	c.m.Lock()
	c.check()
	w := c.first
	c.first, c.last = nil, nil
	c.m.Unlock()
	for w != nil {
		next := w.next
		semrelease(&w.sema, false)
		w = next
	}
}
