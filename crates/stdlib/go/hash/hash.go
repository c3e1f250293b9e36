// Package hash has the interfaces of hash functions.
package hash

import "io"

// Hash takes bytes by Write, which never fails, and gives their hash.
type Hash interface {
	io.Writer
	Sum(b []byte) []byte // appends the hash, without changing the state
	Reset()
	Size() int      // of the hash in bytes
	BlockSize() int // writes of multiples of it are fast
}

// Hash32 is a hash of 32 bits.
type Hash32 interface {
	Hash
	Sum32() uint32
}

// Hash64 is a hash of 64 bits.
type Hash64 interface {
	Hash
	Sum64() uint64
}

// Cloner is a hash that can be copied with its state.
type Cloner interface {
	Hash
	Clone() (Cloner, error)
}

// XOF is a function whose output has any length.
type XOF interface {
	io.Writer
	io.Reader
	Reset()
	BlockSize() int
}
