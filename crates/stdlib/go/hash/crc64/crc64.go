// Package crc64 computes cyclic redundancy checks of 64 bits.
package crc64

import (
	"encoding/binary"
	"errors"
	"hash"
	"sync/atomic"
)

// Size is the size of a checksum in bytes.
const Size = 8

// Polynomials, with their bits reversed.
const (
	ISO  = 0xD800000000000000
	ECMA = 0xC96C5795D7870F42
)

// Table is a polynomial's table, one entry for each byte.
type Table [256]uint64

// tables are those for eight bytes at a time, the polynomial's own first.
type tables [8]Table

// fill makes the tables of a polynomial, of which there are at least one.
//
//go:noescape
func fill(tables []Table, poly uint64)

// update adds p to a checksum.
//
//go:noescape
func update(crc uint64, table *Table, p []byte) uint64

// updateEight is update with all tables.
//
//go:noescape
func updateEight(crc uint64, tables *tables, p []byte) uint64

// The tables of the polynomials that have a name, once they have been asked for.
var iso, ecma atomic.Pointer[tables]

func named(at *atomic.Pointer[tables], poly uint64) *Table {
	if at.Load() == nil {
		t := new(tables)
		fill(t[:], poly)
		at.CompareAndSwap(nil, t)
	}
	return &at.Load()[0]
}

// MakeTable returns a polynomial's table, which must not be changed.
func MakeTable(poly uint64) *Table {
	switch poly {
	case ISO:
		return named(&iso, poly)
	case ECMA:
		return named(&ecma, poly)
	}
	t := make([]Table, 1)
	fill(t, poly)
	return &t[0]
}

// Update returns the checksum of what crc is the checksum of, and p.
func Update(crc uint64, tab *Table, p []byte) uint64 {
	for _, at := range [...]*atomic.Pointer[tables]{&ecma, &iso} {
		if t := at.Load(); t != nil && tab == &t[0] {
			return updateEight(crc, t, p)
		}
	}
	return update(crc, tab, p)
}

// Checksum returns the checksum of data.
func Checksum(data []byte, tab *Table) uint64 { return Update(0, tab, data) }

type digest struct {
	crc uint64
	tab *Table
}

// New returns a hash that computes a checksum.
func New(tab *Table) hash.Hash64 { return &digest{0, tab} }

func (d *digest) Size() int      { return Size }
func (d *digest) BlockSize() int { return 1 }
func (d *digest) Reset()         { d.crc = 0 }
func (d *digest) Sum64() uint64  { return d.crc }

func (d *digest) Write(p []byte) (n int, err error) {
	d.crc = Update(d.crc, d.tab, p)
	return len(p), nil
}

func (d *digest) Sum(in []byte) []byte { return binary.BigEndian.AppendUint64(in, d.crc) }

const magic = "crc\x02"

// AppendBinary appends the state: what it is, the table's checksum, and the checksum.
func (d *digest) AppendBinary(b []byte) ([]byte, error) {
	b = append(b, magic...)
	b = binary.BigEndian.AppendUint64(b, tableSum(d.tab))
	return d.Sum(b), nil
}

func (d *digest) MarshalBinary() ([]byte, error) { return d.AppendBinary(nil) }

func (d *digest) UnmarshalBinary(b []byte) error {
	if len(b) < len(magic) || string(b[:len(magic)]) != magic {
		return errors.New("hash/crc64: invalid hash state identifier")
	}
	if len(b) != len(magic)+2*Size {
		return errors.New("hash/crc64: invalid hash state size")
	}
	if tableSum(d.tab) != binary.BigEndian.Uint64(b[4:]) {
		return errors.New("hash/crc64: tables do not match")
	}
	d.crc = binary.BigEndian.Uint64(b[12:])
	return nil
}

func (d *digest) Clone() (hash.Cloner, error) {
	c := *d
	return &c, nil
}

// tableSum is the checksum of a table.
func tableSum(t *Table) uint64 {
	var b []byte
	if t != nil {
		for _, x := range t {
			b = binary.BigEndian.AppendUint64(b, x)
		}
	}
	return Checksum(b, MakeTable(ISO))
}
