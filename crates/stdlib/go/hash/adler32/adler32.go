// Package adler32 computes the checksum Adler-32 (RFC 1950).
package adler32

import (
	"errors"
	"hash"
)

// Size is the size of a checksum in bytes.
const Size = 4

const (
	modulus = 65521
	// run is how many bytes can be added up before the sums have to be reduced: 255 run (run+1)/2 + (run+1) (modulus-1) fits 32 bits.
	run = 5552
)

// digest is a checksum: the sum of the bytes and one, and above it the sum of those sums.
type digest uint32

func (d digest) update(p []byte) digest {
	low, high := uint32(d)&0xFFFF, uint32(d)>>16
	for len(p) > 0 {
		part := p[:min(len(p), run)]
		p = p[len(part):]
		for len(part) >= 4 {
			a := low + uint32(part[0])
			b := a + uint32(part[1])
			c := b + uint32(part[2])
			low = c + uint32(part[3])
			high += a + b + c + low
			part = part[4:]
		}
		for _, c := range part {
			low += uint32(c)
			high += low
		}
		low %= modulus
		high %= modulus
	}
	return digest(high<<16 | low)
}

// Checksum returns the checksum of data.
func Checksum(data []byte) uint32 { return uint32(digest(1).update(data)) }

// New returns a hash that computes the checksum.
func New() hash.Hash32 {
	d := digest(1)
	return &d
}

func (d *digest) Reset()         { *d = 1 }
func (d *digest) Size() int      { return Size }
func (d *digest) BlockSize() int { return 4 }
func (d *digest) Sum32() uint32  { return uint32(*d) }

func (d *digest) Write(p []byte) (n int, err error) {
	*d = d.update(p)
	return len(p), nil
}

func (d *digest) Sum(in []byte) []byte {
	return append(in, byte(*d>>24), byte(*d>>16), byte(*d>>8), byte(*d))
}

const magic = "adl\x01"

// AppendBinary appends the state: what it is, and the checksum.
func (d *digest) AppendBinary(b []byte) ([]byte, error) { return d.Sum(append(b, magic...)), nil }

func (d *digest) MarshalBinary() ([]byte, error) { return d.AppendBinary(nil) }

func (d *digest) UnmarshalBinary(b []byte) error {
	if len(b) < len(magic) || string(b[:len(magic)]) != magic {
		return errors.New("hash/adler32: invalid hash state identifier")
	}
	if len(b) != len(magic)+Size {
		return errors.New("hash/adler32: invalid hash state size")
	}
	*d = digest(b[4])<<24 | digest(b[5])<<16 | digest(b[6])<<8 | digest(b[7])
	return nil
}

func (d *digest) Clone() (hash.Cloner, error) {
	c := *d
	return &c, nil
}
