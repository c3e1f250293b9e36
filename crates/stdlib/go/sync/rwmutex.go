package sync

import "sync/atomic"

// maxReaders is subtracted from RWMutex.readers while a writer holds or waits for the lock.
const maxReaders = 1 << 30

// RWMutex is a lock held by many readers or one writer; its zero value is unlocked. A waiting writer keeps new readers out.
type RWMutex struct {
	w         Mutex  // held by the writer
	writerSem uint32 // the writer waits here for readers
	readerSem uint32 // readers wait here for the writer
	readers   int32  // how many hold it or wait; less maxReaders while there is a writer
	leaving   int32  // how many readers the waiting writer waits for
}

// RLock takes the lock for reading.
func (rw *RWMutex) RLock() {
	if atomic.AddInt32(&rw.readers, 1) < 0 {
		semacquire(&rw.readerSem, waitRLock, false)
	}
}

// TryRLock takes the lock for reading if that needs no waiting.
func (rw *RWMutex) TryRLock() bool {
	for {
		n := atomic.LoadInt32(&rw.readers)
		if n < 0 {
			return false
		}
		if atomic.CompareAndSwapInt32(&rw.readers, n, n+1) {
			return true
		}
	}
}

// RUnlock undoes one RLock.
func (rw *RWMutex) RUnlock() {
	n := atomic.AddInt32(&rw.readers, -1)
	if n >= 0 {
		return
	}
	if n+1 == 0 || n+1 == -maxReaders {
		fatal("sync: RUnlock of unlocked RWMutex")
	}
	if atomic.AddInt32(&rw.leaving, -1) == 0 {
		semrelease(&rw.writerSem, false)
	}
}

// Lock takes the lock for writing.
func (rw *RWMutex) Lock() {
	rw.w.Lock()
	n := atomic.AddInt32(&rw.readers, -maxReaders) + maxReaders
	if n != 0 && atomic.AddInt32(&rw.leaving, n) != 0 {
		semacquire(&rw.writerSem, waitWLock, false)
	}
}

// TryLock takes the lock for writing if that needs no waiting.
func (rw *RWMutex) TryLock() bool {
	if !rw.w.TryLock() {
		return false
	}
	if !atomic.CompareAndSwapInt32(&rw.readers, 0, -maxReaders) {
		rw.w.Unlock()
		return false
	}
	return true
}

// Unlock undoes Lock.
func (rw *RWMutex) Unlock() {
	n := atomic.AddInt32(&rw.readers, maxReaders)
	if n >= maxReaders {
		fatal("sync: Unlock of unlocked RWMutex")
	}
	for ; n > 0; n-- {
		semrelease(&rw.readerSem, false)
	}
	rw.w.Unlock()
}

type readLocker RWMutex

func (r *readLocker) Lock()   { (*RWMutex)(r).RLock() }
func (r *readLocker) Unlock() { (*RWMutex)(r).RUnlock() }

// RLocker returns a Locker whose methods are RLock and RUnlock.
func (rw *RWMutex) RLocker() Locker { return (*readLocker)(rw) }
