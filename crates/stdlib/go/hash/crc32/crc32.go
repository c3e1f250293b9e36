// Package crc32 computes cyclic redundancy checks of 32 bits.
package crc32

import (
	"errors"
	"hash"
	"sync/atomic"
)

// Size is the size of a checksum in bytes.
const Size = 4

// Polynomials, with their bits reversed.
const (
	IEEE       = 0xedb88320
	Castagnoli = 0x82f63b78
	Koopman    = 0xeb31d82e
)

// Table is a polynomial's table, one entry for each byte.
type Table [256]uint32

// fill makes the table of a polynomial.
func fill(table *Table, poly uint32)

// update adds p to a checksum.
//
//go:noescape
func update(crc uint32, table *Table, p []byte) uint32

// updateIEEE is update with IEEE's table.
//
//go:noescape
func updateIEEE(crc uint32, p []byte) uint32

// updateCastagnoli is update with Castagnoli's table.
//
//go:noescape
func updateCastagnoli(crc uint32, p []byte) uint32

func makeTable(poly uint32) *Table {
	t := new(Table)
	fill(t, poly)
	return t
}

// IEEETable is the table of IEEE.
var IEEETable = makeTable(IEEE)

// castagnoli is the table of Castagnoli once it has been asked for.
var castagnoli atomic.Pointer[Table]

// MakeTable returns a polynomial's table, which must not be changed.
func MakeTable(poly uint32) *Table {
	switch poly {
	case IEEE:
		return IEEETable
	case Castagnoli:
		if castagnoli.Load() == nil {
			castagnoli.CompareAndSwap(nil, makeTable(poly))
		}
		return castagnoli.Load()
	}
	return makeTable(poly)
}

// Update returns the checksum of what crc is the checksum of, and p.
func Update(crc uint32, tab *Table, p []byte) uint32 {
	switch {
	case tab == IEEETable:
		return updateIEEE(crc, p)
	case tab == castagnoli.Load() && tab != nil:
		return updateCastagnoli(crc, p)
	}
	return update(crc, tab, p)
}

// Checksum returns the checksum of data.
func Checksum(data []byte, tab *Table) uint32 { return Update(0, tab, data) }

// ChecksumIEEE returns the checksum of data by IEEE.
func ChecksumIEEE(data []byte) uint32 { return updateIEEE(0, data) }

type digest struct {
	crc uint32
	tab *Table
}

// New returns a hash that computes a checksum.
func New(tab *Table) hash.Hash32 { return &digest{0, tab} }

// NewIEEE returns a hash that computes a checksum by IEEE.
func NewIEEE() hash.Hash32 { return New(IEEETable) }

func (d *digest) Size() int      { return Size }
func (d *digest) BlockSize() int { return 1 }
func (d *digest) Reset()         { d.crc = 0 }
func (d *digest) Sum32() uint32  { return d.crc }

func (d *digest) Write(p []byte) (n int, err error) {
	d.crc = Update(d.crc, d.tab, p)
	return len(p), nil
}

func big(b []byte, v uint32) []byte {
	return append(b, byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
}

func (d *digest) Sum(in []byte) []byte { return big(in, d.crc) }

const magic = "crc\x01"

// AppendBinary appends the state: what it is, the table's checksum, and the checksum.
func (d *digest) AppendBinary(b []byte) ([]byte, error) {
	b = append(b, magic...)
	b = big(b, tableSum(d.tab))
	return big(b, d.crc), nil
}

func (d *digest) MarshalBinary() ([]byte, error) { return d.AppendBinary(nil) }

func (d *digest) UnmarshalBinary(b []byte) error {
	if len(b) < len(magic) || string(b[:len(magic)]) != magic {
		return errors.New("hash/crc32: invalid hash state identifier")
	}
	if len(b) != len(magic)+8 {
		return errors.New("hash/crc32: invalid hash state size")
	}
	if string(big(nil, tableSum(d.tab))) != string(b[4:8]) {
		return errors.New("hash/crc32: tables do not match")
	}
	d.crc = uint32(b[8])<<24 | uint32(b[9])<<16 | uint32(b[10])<<8 | uint32(b[11])
	return nil
}

func (d *digest) Clone() (hash.Cloner, error) {
	c := *d
	return &c, nil
}

// tableSum is the checksum of a table.
func tableSum(t *Table) uint32 {
	var b []byte
	if t != nil {
		for _, x := range t {
			b = big(b, x)
		}
	}
	return ChecksumIEEE(b)
}
