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

// semacquire waits until *addr > 0 and then decrements it. Waiters are served in their order, but for those that push to the front.
func semacquire(addr *uint32, reason int, front bool)

// semrelease increments *addr and wakes a waiter if there is one, to which it yields at once if handoff is set.
func semrelease(addr *uint32, handoff bool)

// spin waits for the blink of an eye, the round-th time, and reports true; false if that would be in vain: no other processor
// could free the lock meanwhile, or there are goroutines that this one could run instead.
func spin(round int) bool

// nanotime is a clock that never goes back.
func nanotime() int64

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
// A waiter that was woken competes with newcomers, which mostly win: they run already. That is good for all, as long as it does not last:
// a waiter that finds the mutex taken a millisecond after it has begun to wait makes it *starving*. Then Unlock hands the mutex over to
// the longest waiter and newcomers queue, until a waiter gets it that is the last one or has not waited that long.
type Mutex struct {
	state int32 // the bits below, and the number of waiters above them
	sema  uint32
}

const (
	mutexLocked   = 1
	mutexWoken    = 2 // a woken waiter is on its way; Unlock need not wake another
	mutexStarving = 4
	mutexWaiter   = 8

	starvesAfter = 1_000_000 // nanoseconds
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
	var since int64 // when it first queued
	woken, starved := false, false
	round := 0
	for {
		old := atomic.LoadInt32(&m.state)
		if old&(mutexLocked|mutexStarving) == mutexLocked && spin(round) {
			round++
			// Unlock need not wake anybody while this goroutine is awake.
			if !woken && old >= mutexWaiter && old&mutexWoken == 0 {
				woken = atomic.CompareAndSwapInt32(&m.state, old, old|mutexWoken)
			}
			continue
		}
		free := old&(mutexLocked|mutexStarving) == 0
		new := old
		if free {
			new |= mutexLocked
		} else {
			new += mutexWaiter
			if starved && old&mutexLocked != 0 {
				new |= mutexStarving
			}
		}
		if woken {
			new &^= mutexWoken
		}
		if !atomic.CompareAndSwapInt32(&m.state, old, new) {
			continue
		}
		if free {
			return
		}
		again := since != 0
		if !again {
			since = nanotime()
		}
		semacquire(&m.sema, waitMutex, again)
		starved = starved || nanotime()-since > starvesAfter
		if now := atomic.LoadInt32(&m.state); now&mutexStarving != 0 {
			// Handed over: the locked bit is clear, but nobody else may set it.
			taken := int32(mutexLocked - mutexWaiter)
			if !starved || now/mutexWaiter == 1 {
				taken -= mutexStarving
			}
			atomic.AddInt32(&m.state, taken)
			return
		}
		woken, round = true, 0
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
