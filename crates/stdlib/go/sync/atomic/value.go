package atomic

import (
	"internal/rtype"
	"unsafe"
)

// Value holds a value of any one type; its zero value holds none. It must not be copied after its first use.
type Value struct {
	p unsafe.Pointer // *any, never changed behind the pointer
	_ uintptr
}

func (v *Value) current() (p unsafe.Pointer, val any) {
	if p = LoadPointer(&v.p); p != nil {
		val = *(*any)(p)
	}
	return p, val
}

// Load returns the value stored last, nil if there was none.
func (v *Value) Load() (val any) {
	_, val = v.current()
	return val
}

// Store sets the value. It panics on nil and on a type other than the first one.
func (v *Value) Store(val any) {
	v.replace("store", val)
}

// Swap sets the value and returns the previous one, nil if there was none.
func (v *Value) Swap(new any) (old any) {
	return v.replace("swap", new)
}

func (v *Value) replace(what string, val any) any {
	if val == nil {
		panic("sync/atomic: " + what + " of nil value into Value")
	}
	made := unsafe.Pointer(&val)
	for {
		p, old := v.current()
		if p != nil && rtype.Of(old) != rtype.Of(val) {
			panic("sync/atomic: " + what + " of inconsistently typed value into Value")
		}
		if CompareAndSwapPointer(&v.p, p, made) {
			return old
		}
	}
}

// CompareAndSwap sets the value to new if it equals old (nil: if there is none), and reports whether it did.
func (v *Value) CompareAndSwap(old, new any) (swapped bool) {
	if new == nil {
		panic("sync/atomic: compare and swap of nil value into Value")
	}
	if old != nil && rtype.Of(old) != rtype.Of(new) {
		panic("sync/atomic: compare and swap of inconsistently typed values")
	}
	made := unsafe.Pointer(&new)
	for {
		p, now := v.current()
		if p == nil {
			if old != nil {
				return false
			}
		} else {
			if rtype.Of(now) != rtype.Of(new) {
				panic("sync/atomic: compare and swap of inconsistently typed value into Value")
			}
			if now != old {
				return false
			}
		}
		if CompareAndSwapPointer(&v.p, p, made) {
			return true
		}
	}
}
