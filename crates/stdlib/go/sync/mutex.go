// Package sync has locks and other means by which goroutines wait for each other.
//
// Everything is built on two natives, semacquire and semrelease, and on sync/atomic.
package sync

import "sync/atomic"

// Why a goroutine waits, as a traceback shows it; the numbers are known to the native.
const (
	waitSema = iota
	waitMutex
	waitRLock
	waitWLock
	waitGroup
	waitCond
)

// semacquire waits until *addr > 0 and then decrements it. Waiters are served in their order.
func semacquire(addr *uint32, reason int)

// semrelease increments *addr and wakes a waiter if there is one, to which it yields at once if handoff is set.
func semrelease(addr *uint32, handoff bool)

// fatal ends the program with "fatal error: " and text; it cannot be recovered from.
func fatal(text string)

// noCopy makes vet complain about copies.
type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}

// Locker is something that can be locked and unlocked.
type Locker interface {
	Lock()
	Unlock()
}

// Mutex is a lock held by one at a time; its zero value is unlocked.
//
// A waiter that was woken competes with newcomers. If it loses, it makes the mutex *starving*: then Unlock hands the
// mutex over to the longest waiter and newcomers queue, so nobody waits for ever.
type Mutex struct {
	state int32 // the bits below, and the number of waiters above them
	sema  uint32
}

const (
	mutexLocked   = 1
	mutexWoken    = 2 // a woken waiter is on its way; Unlock need not wake another
	mutexStarving = 4
	mutexWaiter   = 8
)

// Lock waits until the mutex is free and takes it.
func (m *Mutex) Lock() {
	if !atomic.CompareAndSwapInt32(&m.state, 0, mutexLocked) {
		m.lockSlow()
	}
}

// TryLock takes the mutex if it is free, and reports whether it was.
func (m *Mutex) TryLock() bool {
	old := atomic.LoadInt32(&m.state)
	return old&(mutexLocked|mutexStarving) == 0 && atomic.CompareAndSwapInt32(&m.state, old, old|mutexLocked)
}

func (m *Mutex) lockSlow() {
	woken, lost := false, false
	for {
		old := atomic.LoadInt32(&m.state)
		new := old
		if old&mutexStarving == 0 {
			new |= mutexLocked
		}
		if old&(mutexLocked|mutexStarving) != 0 {
			new += mutexWaiter
		}
		if lost && old&mutexLocked != 0 {
			new |= mutexStarving
		}
		if woken {
			new &^= mutexWoken
		}
		if !atomic.CompareAndSwapInt32(&m.state, old, new) {
			continue
		}
		if old&(mutexLocked|mutexStarving) == 0 {
			return
		}
		semacquire(&m.sema, waitMutex)
		if atomic.LoadInt32(&m.state)&mutexStarving != 0 {
			// Handed over: the locked bit is clear, but nobody else may set it.
			atomic.AddInt32(&m.state, mutexLocked-mutexWaiter-mutexStarving)
			return
		}
		lost = woken
		woken = true
	}
}

// Unlock frees the mutex. Unlocking a free mutex is a fatal error.
func (m *Mutex) Unlock() {
	if new := atomic.AddInt32(&m.state, -mutexLocked); new != 0 {
		m.unlockSlow(new)
	}
}

func (m *Mutex) unlockSlow(state int32) {
	if (state+mutexLocked)&mutexLocked == 0 {
		fatal("sync: unlock of unlocked mutex")
	}
	if state&mutexStarving != 0 {
		semrelease(&m.sema, true)
		return
	}
	for {
		if state < mutexWaiter || state&(mutexLocked|mutexWoken|mutexStarving) != 0 {
			return
		}
		if atomic.CompareAndSwapInt32(&m.state, state, (state-mutexWaiter)|mutexWoken) {
			semrelease(&m.sema, false)
			return
		}
		state = atomic.LoadInt32(&m.state)
	}
}
