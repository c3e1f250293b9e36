package bytes

import (
	"errors"
	"io"
	"unicode/utf8"
)

// MinRead is the least room that ReadFrom gives to a Read.
const MinRead = 512

// ErrTooLarge is what a Buffer panics with when it cannot grow.
var ErrTooLarge = errors.New("bytes.Buffer: too large")

var errNegativeRead = errors.New("bytes.Buffer: reader returned negative count from Read")

// last is what the latest operation was, for the Unread methods: a rune's length, or
const (
	lastOther int8 = 0
	lastRead  int8 = -1
)

// Buffer holds bytes that are written at its end and read from its beginning. The zero value is empty.
type Buffer struct {
	buf  []byte // unread: buf[off:]
	off  int
	last int8
}

// NewBuffer returns a Buffer that holds, and from now on owns, buf.
func NewBuffer(buf []byte) *Buffer { return &Buffer{buf: buf} }

// NewBufferString returns a Buffer that holds s.
func NewBufferString(s string) *Buffer { return &Buffer{buf: []byte(s)} }

// Bytes returns the unread bytes, valid until the next change.
func (b *Buffer) Bytes() []byte { return b.buf[b.off:] }

// AvailableBuffer returns an empty slice with the free capacity, to be appended to and written at once.
func (b *Buffer) AvailableBuffer() []byte { return b.buf[len(b.buf):] }

// String returns the unread bytes as a string; "<nil>" for a nil pointer.
func (b *Buffer) String() string {
	if b == nil {
		return "<nil>"
	}
	return string(b.buf[b.off:])
}

// Peek returns the next n bytes without reading them, fewer with io.EOF.
func (b *Buffer) Peek(n int) ([]byte, error) {
	if b.Len() < n {
		return b.buf[b.off:], io.EOF
	}
	return b.buf[b.off : b.off+n], nil
}

// Len returns the number of unread bytes.
func (b *Buffer) Len() int { return len(b.buf) - b.off }

// Cap returns the capacity of the memory held.
func (b *Buffer) Cap() int { return cap(b.buf) }

// Available returns the number of bytes that fit without growing.
func (b *Buffer) Available() int { return cap(b.buf) - len(b.buf) }

// Truncate drops all but the first n unread bytes.
func (b *Buffer) Truncate(n int) {
	if n == 0 {
		b.Reset()
		return
	}
	b.last = lastOther
	if n < 0 || n > b.Len() {
		panic("bytes.Buffer: truncation out of range")
	}
	b.buf = b.buf[:b.off+n]
}

// Reset makes the Buffer empty and keeps its memory.
func (b *Buffer) Reset() {
	b.buf = b.buf[:0]
	b.off = 0
	b.last = lastOther
}

// extend makes room for n bytes at the end, within the length, and returns where it begins.
func (b *Buffer) extend(n int) int {
	if b.off > 0 && b.off == len(b.buf) {
		b.Reset()
	}
	end := len(b.buf)
	if n <= cap(b.buf)-end {
		b.buf = b.buf[:end+n]
		return end
	}
	unread := end - b.off
	switch {
	case b.buf == nil && n <= 64:
		b.buf = make([]byte, n, 64)
		return 0
	case n <= cap(b.buf)/2-unread:
		// Sliding down frees enough for this not to happen at every write.
		copy(b.buf, b.buf[b.off:])
	case cap(b.buf) > int(^uint(0)>>1)-cap(b.buf)-n:
		panic(ErrTooLarge)
	default:
		b.buf = enlarge(b.buf[b.off:], b.off+n)
	}
	b.off = 0
	b.buf = b.buf[:unread+n]
	return unread
}

// enlarge returns a copy of b with room for n more bytes and at least twice the capacity.
func enlarge(b []byte, n int) []byte {
	defer func() {
		if recover() != nil {
			panic(ErrTooLarge)
		}
	}()
	grown := append([]byte(nil), make([]byte, max(len(b)+n, 2*cap(b)))...)
	return grown[:copy(grown, b)]
}

// Grow makes room for n more bytes.
func (b *Buffer) Grow(n int) {
	if n < 0 {
		panic("bytes.Buffer.Grow: negative count")
	}
	at := b.extend(n)
	b.buf = b.buf[:at]
}

// Write appends p. It never fails.
func (b *Buffer) Write(p []byte) (n int, err error) {
	b.last = lastOther
	if len(p) <= cap(b.buf)-len(b.buf) && b.off == 0 {
		b.buf = append(b.buf, p...)
		return len(p), nil
	}
	at := b.extend(len(p))
	return copy(b.buf[at:], p), nil
}

// WriteString appends s. It never fails.
func (b *Buffer) WriteString(s string) (n int, err error) {
	b.last = lastOther
	if len(s) <= cap(b.buf)-len(b.buf) && b.off == 0 {
		b.buf = append(b.buf, s...)
		return len(s), nil
	}
	at := b.extend(len(s))
	return copy(b.buf[at:], s), nil
}

// WriteByte appends c. It never fails.
func (b *Buffer) WriteByte(c byte) error {
	b.last = lastOther
	at := b.extend(1)
	b.buf[at] = c
	return nil
}

// WriteRune appends r's UTF-8. It never fails.
func (b *Buffer) WriteRune(r rune) (n int, err error) {
	if uint32(r) < utf8.RuneSelf {
		b.WriteByte(byte(r))
		return 1, nil
	}
	b.last = lastOther
	at := b.extend(utf8.UTFMax)
	b.buf = utf8.AppendRune(b.buf[:at], r)
	return len(b.buf) - at, nil
}

// ReadFrom appends all of r.
func (b *Buffer) ReadFrom(r io.Reader) (n int64, err error) {
	b.last = lastOther
	for {
		at := b.extend(MinRead)
		b.buf = b.buf[:at]
		m, err := r.Read(b.buf[at:cap(b.buf)])
		if m < 0 {
			panic(errNegativeRead)
		}
		b.buf = b.buf[:at+m]
		n += int64(m)
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
}

// WriteTo writes all unread bytes to w.
func (b *Buffer) WriteTo(w io.Writer) (n int64, err error) {
	b.last = lastOther
	if unread := b.Len(); unread > 0 {
		m, err := w.Write(b.buf[b.off:])
		if m > unread {
			panic("bytes.Buffer.WriteTo: invalid Write count")
		}
		b.off += m
		n = int64(m)
		if err != nil {
			return n, err
		}
		if m != unread {
			return n, io.ErrShortWrite
		}
	}
	b.Reset()
	return n, nil
}

// Read reads the next bytes; io.EOF when there are none and p is not empty.
func (b *Buffer) Read(p []byte) (n int, err error) {
	b.last = lastOther
	if b.off >= len(b.buf) {
		b.Reset()
		if len(p) == 0 {
			return 0, nil
		}
		return 0, io.EOF
	}
	n = copy(p, b.buf[b.off:])
	b.off += n
	if n > 0 {
		b.last = lastRead
	}
	return n, nil
}

// Next reads the next n bytes, or all that there are, valid until the next change.
func (b *Buffer) Next(n int) []byte {
	b.last = lastOther
	n = min(n, b.Len())
	data := b.buf[b.off : b.off+n]
	b.off += n
	if n > 0 {
		b.last = lastRead
	}
	return data
}

// ReadByte reads the next byte.
func (b *Buffer) ReadByte() (byte, error) {
	if b.off >= len(b.buf) {
		b.Reset()
		return 0, io.EOF
	}
	c := b.buf[b.off]
	b.off++
	b.last = lastRead
	return c, nil
}

// ReadRune reads the next rune.
func (b *Buffer) ReadRune() (r rune, size int, err error) {
	if b.off >= len(b.buf) {
		b.Reset()
		return 0, 0, io.EOF
	}
	r, size = utf8.DecodeRune(b.buf[b.off:])
	b.off += size
	b.last = int8(size)
	return r, size, nil
}

// UnreadRune gives back what the last operation, a ReadRune, read.
func (b *Buffer) UnreadRune() error {
	if b.last <= lastOther {
		return errors.New("bytes.Buffer: UnreadRune: previous operation was not a successful ReadRune")
	}
	if b.off >= int(b.last) {
		b.off -= int(b.last)
	}
	b.last = lastOther
	return nil
}

// UnreadByte gives back the last byte that the last operation, a read, read.
func (b *Buffer) UnreadByte() error {
	if b.last == lastOther {
		return errors.New("bytes.Buffer: UnreadByte: previous operation was not a successful read")
	}
	b.last = lastOther
	if b.off > 0 {
		b.off--
	}
	return nil
}

func (b *Buffer) readTo(delim byte) (line []byte, err error) {
	end := len(b.buf)
	if i := IndexByte(b.buf[b.off:], delim); i >= 0 {
		end = b.off + i + 1
	} else {
		err = io.EOF
	}
	line = b.buf[b.off:end]
	b.off = end
	b.last = lastRead
	return line, err
}

// ReadBytes reads to the first delim, or all with io.EOF.
func (b *Buffer) ReadBytes(delim byte) (line []byte, err error) {
	slice, err := b.readTo(delim)
	return append(line, slice...), err
}

// ReadString reads to the first delim, or all with io.EOF.
func (b *Buffer) ReadString(delim byte) (line string, err error) {
	slice, err := b.readTo(delim)
	return string(slice), err
}
