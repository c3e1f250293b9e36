package rtype

import "unsafe"

// Blocking channel operations: the machine's own instructions need the element type when they are compiled. So these retry
// an attempt that does not block, parked in between until the channel changes.

// ChanWait parks until a send (or receive) on c might go ahead. It may return early.
func ChanWait(c unsafe.Pointer, send bool)

// ChanWaitAny parks until an operation on one of the channels might go ahead; sends[i] says whether to send on the i'th.
// Nil channels are ignored. It may return early.
func ChanWaitAny(chans []unsafe.Pointer, sends []bool)

// ChanSend sends *elem, waiting as long as it takes.
func ChanSend(t *Type, c, elem unsafe.Pointer) {
	for c == nil || !ChanTrySend(t, c, elem) {
		ChanWait(c, true)
	}
}

// ChanRecv receives into *elem and reports whether it was sent (not the zero value of a closed channel).
func ChanRecv(t *Type, c, elem unsafe.Pointer) bool {
	for {
		if c != nil {
			if got := ChanTryRecv(t, c, elem); got != 0 {
				return got == 1
			}
		}
		ChanWait(c, false)
	}
}
