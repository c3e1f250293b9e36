// Package fnv has the hash functions of Fowler, Noll and Vo.
package fnv

import (
	"errors"
	"hash"
	"math/bits"
)

const (
	offset32    = 2166136261
	offset64    = 14695981039346656037
	offset128Hi = 0x6c62272e07bb0142
	offset128Lo = 0x62b821756295c58d
	prime32     = 16777619
	prime64     = 1099511628211
	prime128Lo  = 0x13b // the prime is 1<<88 + prime128Lo
)

type (
	sum32   uint32
	sum32a  uint32
	sum64   uint64
	sum64a  uint64
	sum128  [2]uint64
	sum128a [2]uint64
)

// New32 returns FNV-1 of 32 bits.
func New32() hash.Hash32 {
	s := sum32(offset32)
	return &s
}

// New32a returns FNV-1a of 32 bits.
func New32a() hash.Hash32 {
	s := sum32a(offset32)
	return &s
}

// New64 returns FNV-1 of 64 bits.
func New64() hash.Hash64 {
	s := sum64(offset64)
	return &s
}

// New64a returns FNV-1a of 64 bits.
func New64a() hash.Hash64 {
	s := sum64a(offset64)
	return &s
}

// New128 returns FNV-1 of 128 bits.
func New128() hash.Hash { return &sum128{offset128Hi, offset128Lo} }

// New128a returns FNV-1a of 128 bits.
func New128a() hash.Hash { return &sum128a{offset128Hi, offset128Lo} }

func (s *sum32) Reset()   { *s = offset32 }
func (s *sum32a) Reset()  { *s = offset32 }
func (s *sum64) Reset()   { *s = offset64 }
func (s *sum64a) Reset()  { *s = offset64 }
func (s *sum128) Reset()  { *s = sum128{offset128Hi, offset128Lo} }
func (s *sum128a) Reset() { *s = sum128a{offset128Hi, offset128Lo} }

func (s *sum32) Sum32() uint32  { return uint32(*s) }
func (s *sum32a) Sum32() uint32 { return uint32(*s) }
func (s *sum64) Sum64() uint64  { return uint64(*s) }
func (s *sum64a) Sum64() uint64 { return uint64(*s) }

func (s *sum32) Write(data []byte) (int, error) {
	h := *s
	for _, c := range data {
		h = h*prime32 ^ sum32(c)
	}
	*s = h
	return len(data), nil
}

func (s *sum32a) Write(data []byte) (int, error) {
	h := *s
	for _, c := range data {
		h = (h ^ sum32a(c)) * prime32
	}
	*s = h
	return len(data), nil
}

func (s *sum64) Write(data []byte) (int, error) {
	h := *s
	for _, c := range data {
		h = h*prime64 ^ sum64(c)
	}
	*s = h
	return len(data), nil
}

func (s *sum64a) Write(data []byte) (int, error) {
	h := *s
	for _, c := range data {
		h = (h ^ sum64a(c)) * prime64
	}
	*s = h
	return len(data), nil
}

func times128(hi, lo uint64) (uint64, uint64) {
	h, l := bits.Mul64(lo, prime128Lo)
	return h + hi*prime128Lo + lo<<24, l
}

func (s *sum128) Write(data []byte) (int, error) {
	for _, c := range data {
		s[0], s[1] = times128(s[0], s[1])
		s[1] ^= uint64(c)
	}
	return len(data), nil
}

func (s *sum128a) Write(data []byte) (int, error) {
	for _, c := range data {
		s[0], s[1] = times128(s[0], s[1]^uint64(c))
	}
	return len(data), nil
}

func (s *sum32) Size() int   { return 4 }
func (s *sum32a) Size() int  { return 4 }
func (s *sum64) Size() int   { return 8 }
func (s *sum64a) Size() int  { return 8 }
func (s *sum128) Size() int  { return 16 }
func (s *sum128a) Size() int { return 16 }

func (s *sum32) BlockSize() int   { return 1 }
func (s *sum32a) BlockSize() int  { return 1 }
func (s *sum64) BlockSize() int   { return 1 }
func (s *sum64a) BlockSize() int  { return 1 }
func (s *sum128) BlockSize() int  { return 1 }
func (s *sum128a) BlockSize() int { return 1 }

func big32(b []byte, v uint32) []byte {
	return append(b, byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
}

func big64(b []byte, v uint64) []byte { return big32(big32(b, uint32(v>>32)), uint32(v)) }

func (s *sum32) Sum(in []byte) []byte   { return big32(in, uint32(*s)) }
func (s *sum32a) Sum(in []byte) []byte  { return big32(in, uint32(*s)) }
func (s *sum64) Sum(in []byte) []byte   { return big64(in, uint64(*s)) }
func (s *sum64a) Sum(in []byte) []byte  { return big64(in, uint64(*s)) }
func (s *sum128) Sum(in []byte) []byte  { return big64(big64(in, s[0]), s[1]) }
func (s *sum128a) Sum(in []byte) []byte { return big64(big64(in, s[0]), s[1]) }

// A state in binary form is "fnv", the number of the function, and the sum.

func (s *sum32) AppendBinary(b []byte) ([]byte, error)   { return s.Sum(append(b, "fnv\x01"...)), nil }
func (s *sum32a) AppendBinary(b []byte) ([]byte, error)  { return s.Sum(append(b, "fnv\x02"...)), nil }
func (s *sum64) AppendBinary(b []byte) ([]byte, error)   { return s.Sum(append(b, "fnv\x03"...)), nil }
func (s *sum64a) AppendBinary(b []byte) ([]byte, error)  { return s.Sum(append(b, "fnv\x04"...)), nil }
func (s *sum128) AppendBinary(b []byte) ([]byte, error)  { return s.Sum(append(b, "fnv\x05"...)), nil }
func (s *sum128a) AppendBinary(b []byte) ([]byte, error) { return s.Sum(append(b, "fnv\x06"...)), nil }

func (s *sum32) MarshalBinary() ([]byte, error)   { return s.AppendBinary(nil) }
func (s *sum32a) MarshalBinary() ([]byte, error)  { return s.AppendBinary(nil) }
func (s *sum64) MarshalBinary() ([]byte, error)   { return s.AppendBinary(nil) }
func (s *sum64a) MarshalBinary() ([]byte, error)  { return s.AppendBinary(nil) }
func (s *sum128) MarshalBinary() ([]byte, error)  { return s.AppendBinary(nil) }
func (s *sum128a) MarshalBinary() ([]byte, error) { return s.AppendBinary(nil) }

// state checks a binary form and returns its sum as 128 bits.
func state(b []byte, magic string, size int) (hi, lo uint64, err error) {
	if len(b) < 4 || string(b[:4]) != magic {
		return 0, 0, errors.New("hash/fnv: invalid hash state identifier")
	}
	if len(b) != 4+size {
		return 0, 0, errors.New("hash/fnv: invalid hash state size")
	}
	for _, c := range b[4:] {
		hi, lo = hi<<8|lo>>56, lo<<8|uint64(c)
	}
	return hi, lo, nil
}

func (s *sum32) UnmarshalBinary(b []byte) error {
	_, lo, err := state(b, "fnv\x01", 4)
	if err == nil {
		*s = sum32(lo)
	}
	return err
}

func (s *sum32a) UnmarshalBinary(b []byte) error {
	_, lo, err := state(b, "fnv\x02", 4)
	if err == nil {
		*s = sum32a(lo)
	}
	return err
}

func (s *sum64) UnmarshalBinary(b []byte) error {
	_, lo, err := state(b, "fnv\x03", 8)
	if err == nil {
		*s = sum64(lo)
	}
	return err
}

func (s *sum64a) UnmarshalBinary(b []byte) error {
	_, lo, err := state(b, "fnv\x04", 8)
	if err == nil {
		*s = sum64a(lo)
	}
	return err
}

func (s *sum128) UnmarshalBinary(b []byte) error {
	hi, lo, err := state(b, "fnv\x05", 16)
	if err == nil {
		*s = sum128{hi, lo}
	}
	return err
}

func (s *sum128a) UnmarshalBinary(b []byte) error {
	hi, lo, err := state(b, "fnv\x06", 16)
	if err == nil {
		*s = sum128a{hi, lo}
	}
	return err
}

func (s *sum32) Clone() (hash.Cloner, error) {
	c := *s
	return &c, nil
}

func (s *sum32a) Clone() (hash.Cloner, error) {
	c := *s
	return &c, nil
}

func (s *sum64) Clone() (hash.Cloner, error) {
	c := *s
	return &c, nil
}

func (s *sum64a) Clone() (hash.Cloner, error) {
	c := *s
	return &c, nil
}

func (s *sum128) Clone() (hash.Cloner, error) {
	c := *s
	return &c, nil
}

func (s *sum128a) Clone() (hash.Cloner, error) {
	c := *s
	return &c, nil
}
