package strings

import (
	"unicode/utf8"
	"unsafe"
)

// Builder builds a string by appending. The zero value is empty; a used one must not be copied.
type Builder struct {
	self *Builder // where the first write found it, to notice copies
	buf  []byte
}

// claim notes the Builder's address at its first use and panics when a copy is used.
func (b *Builder) claim() {
	if b.self != nil {
		panic("strings: illegal use of non-zero Builder copied by value")
	}
	// The detour over uintptr keeps this pointer to itself from forcing every Builder onto the heap.
	b.self = (*Builder)(unsafe.Pointer(uintptr(unsafe.Pointer(b)) ^ 0))
}

// String returns what was written.
func (b *Builder) String() string { return unsafe.String(unsafe.SliceData(b.buf), len(b.buf)) }

// Len returns the number of bytes written.
func (b *Builder) Len() int { return len(b.buf) }

// Cap returns the capacity of the memory held.
func (b *Builder) Cap() int { return cap(b.buf) }

// Reset makes the Builder empty.
func (b *Builder) Reset() {
	b.self = nil
	b.buf = nil
}

// Grow makes room for n more bytes.
func (b *Builder) Grow(n int) {
	if b.self != b {
		b.claim()
	}
	if n < 0 {
		panic("strings.Builder.Grow: negative count")
	}
	if cap(b.buf)-len(b.buf) < n {
		grown := append([]byte(nil), make([]byte, 2*cap(b.buf)+n)...)
		b.buf = grown[:copy(grown, b.buf)]
	}
}

// Write appends p. It never fails.
func (b *Builder) Write(p []byte) (int, error) {
	if b.self != b {
		b.claim()
	}
	b.buf = append(b.buf, p...)
	return len(p), nil
}

// WriteByte appends c. It never fails.
func (b *Builder) WriteByte(c byte) error {
	if b.self != b {
		b.claim()
	}
	b.buf = append(b.buf, c)
	return nil
}

// WriteRune appends r's UTF-8 and returns its length. It never fails.
func (b *Builder) WriteRune(r rune) (int, error) {
	if b.self != b {
		b.claim()
	}
	if uint32(r) < utf8.RuneSelf {
		b.buf = append(b.buf, byte(r))
		return 1, nil
	}
	n := len(b.buf)
	b.buf = utf8.AppendRune(b.buf, r)
	return len(b.buf) - n, nil
}

// WriteString appends s. It never fails.
func (b *Builder) WriteString(s string) (int, error) {
	if b.self != b {
		b.claim()
	}
	b.buf = append(b.buf, s...)
	return len(s), nil
}
