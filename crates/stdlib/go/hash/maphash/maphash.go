// Package maphash hashes bytes and values that can be compared, as maps do: well spread, different for each seed.
package maphash

import (
	"encoding/binary"
	"hash"
	"unsafe"
)

// Seed chooses a hash function. The zero Seed is none: seeds come from MakeSeed.
type Seed struct{ s uint64 }

// random returns a random number.
func random() uint64

// hashBytes returns the hash of b.
//
//go:noescape
func hashBytes(seed uint64, b []byte) uint64

// hashValue returns the hash of what pointer, a pointer, points to. It panics if that holds an interface whose type has no ==.
//
//go:noescape
func hashValue(seed uint64, pointer any) uint64

// MakeSeed returns a new random seed.
func MakeSeed() Seed {
	for {
		if s := random(); s != 0 {
			return Seed{s}
		}
	}
}

func (seed Seed) check() {
	if seed.s == 0 {
		panic("maphash: use of uninitialized Seed")
	}
}

// blockSize is how many bytes are hashed at once. A hash of more goes on with the hash of what came before as its seed; the last block is empty only if there is no
// other.
const blockSize = 128

func bytes(state uint64, b []byte) uint64 {
	for len(b) > blockSize {
		state = hashBytes(state, b[:blockSize])
		b = b[blockSize:]
	}
	return hashBytes(state, b)
}

// Bytes returns the hash of b.
func Bytes(seed Seed, b []byte) uint64 {
	seed.check()
	return bytes(seed.s, b)
}

// String returns the hash of s, which is that of its bytes.
func String(seed Seed, s string) uint64 {
	seed.check()
	return bytes(seed.s, unsafe.Slice(unsafe.StringData(s), len(s)))
}

// Comparable returns the hash of v: equal values have the same. It panics if v holds an interface whose type has no ==.
func Comparable[T comparable](seed Seed, v T) uint64 {
	seed.check()
	return hashValue(seed.s, &v)
}

// WriteComparable adds x to what h is the hash of.
func WriteComparable[T comparable](h *Hash, x T) {
	h.start()
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], hashValue(h.seed.s, &x))
	h.Write(b[:])
}

// Hash computes the hash of the bytes written to it. The zero Hash takes a random seed when it is first used.
type Hash struct {
	_     [0]func() // cannot be compared
	seed  Seed
	state uint64 // the hash of what came before buf
	buf   [blockSize]byte
	n     int // of buf
}

// start gives h a seed if it has none.
func (h *Hash) start() {
	if h.seed.s == 0 {
		h.SetSeed(MakeSeed())
	}
}

// add is Write; it keeps back a block, which may be the last.
func (h *Hash) add(b []byte) {
	h.start()
	if len(b) > blockSize-h.n {
		if h.n > 0 {
			k := copy(h.buf[h.n:], b)
			b = b[k:]
			h.state = hashBytes(h.state, h.buf[:])
			h.n = 0
		}
		for len(b) > blockSize {
			h.state = hashBytes(h.state, b[:blockSize])
			b = b[blockSize:]
		}
	}
	h.n += copy(h.buf[h.n:], b)
}

// Write adds b. It never fails.
func (h *Hash) Write(b []byte) (int, error) {
	h.add(b)
	return len(b), nil
}

// WriteString adds s. It never fails.
func (h *Hash) WriteString(s string) (int, error) {
	h.add(unsafe.Slice(unsafe.StringData(s), len(s)))
	return len(s), nil
}

// WriteByte adds b. It never fails.
func (h *Hash) WriteByte(b byte) error {
	if h.n < blockSize && h.seed.s != 0 {
		h.buf[h.n] = b
		h.n++
		return nil
	}
	one := [1]byte{b}
	h.add(one[:])
	return nil
}

// Seed returns the seed.
func (h *Hash) Seed() Seed {
	h.start()
	return h.seed
}

// SetSeed forgets what was added and takes another seed.
func (h *Hash) SetSeed(seed Seed) {
	seed.check()
	h.seed = seed
	h.state = seed.s
	h.n = 0
}

// Reset forgets what was added.
func (h *Hash) Reset() {
	h.start()
	h.state = h.seed.s
	h.n = 0
}

// Sum64 returns the hash of what was added.
func (h *Hash) Sum64() uint64 {
	h.start()
	return hashBytes(h.state, h.buf[:h.n])
}

// Sum appends the hash of what was added.
func (h *Hash) Sum(b []byte) []byte { return binary.LittleEndian.AppendUint64(b, h.Sum64()) }

// Size returns the size of a hash in bytes.
func (h *Hash) Size() int { return 8 }

// BlockSize returns how many bytes are hashed at once.
func (h *Hash) BlockSize() int { return blockSize }

// Clone returns a copy.
func (h *Hash) Clone() (hash.Cloner, error) {
	h.start()
	c := *h
	return &c, nil
}

// Hasher is a hash function and an equality that go together: equal values add the same to a Hash.
type Hasher[T any] interface {
	Hash(*Hash, T)
	Equal(x, y T) bool
}

// ComparableHasher is the Hasher of ==.
type ComparableHasher[T comparable] struct {
	_ [0]func(T) // converts to no other
}

// Hash adds v to h.
func (ComparableHasher[T]) Hash(h *Hash, v T) { WriteComparable(h, v) }

// Equal is ==.
func (ComparableHasher[T]) Equal(x, y T) bool { return x == y }
