// Package weak has pointers that do not keep what they point to alive.
package weak

import "unsafe"

// Pointer points to a value without keeping it alive. Two are equal when they were made from equal pointers, even after the value is gone.
// The zero Pointer is that of nil.
type Pointer[T any] struct {
	_    [0]*T
	cell unsafe.Pointer // holds the address until the value is gone
}

// register returns the cell of an address.
func register(p unsafe.Pointer) (cell unsafe.Pointer)

// value returns what a cell holds.
func value(cell unsafe.Pointer) unsafe.Pointer

// Make returns a weak pointer to *ptr.
func Make[T any](ptr *T) Pointer[T] {
	if ptr == nil {
		return Pointer[T]{}
	}
	return Pointer[T]{cell: register(unsafe.Pointer(ptr))}
}

// Value returns the pointer that p was made from, or nil once the value has been found unreachable.
func (p Pointer[T]) Value() *T {
	if p.cell == nil {
		return nil
	}
	return (*T)(value(p.cell))
}
