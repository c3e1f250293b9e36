package rand

import (
	"errors"
	"math/bits"
)

func appendBig(b []byte, x uint64) []byte {
	for shift := 56; shift >= 0; shift -= 8 {
		b = append(b, byte(x>>shift))
	}
	return b
}

func big(b []byte) uint64 {
	var x uint64
	for _, c := range b[:8] {
		x = x<<8 | uint64(c)
	}
	return x
}

// PCG is O'Neill's permuted congruential generator with 128 bits of state and the DXSM output function.
type PCG struct{ hi, lo uint64 }

// NewPCG returns a PCG with that state.
func NewPCG(seed1, seed2 uint64) *PCG { return &PCG{seed1, seed2} }

// Seed sets the state.
func (p *PCG) Seed(seed1, seed2 uint64) { p.hi, p.lo = seed1, seed2 }

// Uint64 returns the next number.
func (p *PCG) Uint64() uint64 {
	const (
		mulHi = 2549297995355413924
		mulLo = 4865540595714422341
		incHi = 6364136223846793005
		incLo = 1442695040888963407
	)
	hi, lo := bits.Mul64(p.lo, mulLo)
	hi += p.hi*mulLo + p.lo*mulHi
	lo, carry := bits.Add64(lo, incLo, 0)
	hi += incHi + carry
	p.hi, p.lo = hi, lo

	hi ^= hi >> 32
	hi *= 0xda942042e4dd58b5
	hi ^= hi >> 48
	return hi * (lo | 1)
}

// AppendBinary appends the state.
func (p *PCG) AppendBinary(b []byte) ([]byte, error) {
	return appendBig(appendBig(append(b, "pcg:"...), p.hi), p.lo), nil
}

// MarshalBinary returns the state.
func (p *PCG) MarshalBinary() ([]byte, error) { return p.AppendBinary(make([]byte, 0, 20)) }

// UnmarshalBinary sets the state.
func (p *PCG) UnmarshalBinary(data []byte) error {
	if len(data) != 20 || string(data[:4]) != "pcg:" {
		return errors.New("invalid PCG encoding")
	}
	p.hi, p.lo = big(data[4:]), big(data[12:])
	return nil
}

// ChaCha8 is a strong generator: Bernstein's stream cipher with 8 rounds, which makes itself a new key after 16 blocks.
// Four blocks are made at a time and interleaved, word by word.
type ChaCha8 struct {
	buf     [32]uint64
	seed    [4]uint64
	next    int    // in buf
	end     int    // of what may be handed out; after the last blocks of a key, the rest is the new one
	counter uint32 // of blocks

	rest    [8]byte // of the number that Read has begun
	restLen int
}

const (
	chunk   = 32 // numbers in four blocks
	newKey  = 4  // of which these are kept for the next key
	perKey  = 16 // blocks
	perFill = 4
)

// NewChaCha8 returns a ChaCha8 with a seed.
func NewChaCha8(seed [32]byte) *ChaCha8 {
	c := new(ChaCha8)
	c.Seed(seed)
	return c
}

// Seed starts the generator anew.
func (c *ChaCha8) Seed(seed [32]byte) {
	for i := range c.seed {
		c.seed[i] = little(seed[i*8:])
	}
	c.restLen = 0
	c.fill(0)
}

func little(b []byte) uint64 { return bits.ReverseBytes64(big(b)) }

// fill makes the blocks from counter on.
func (c *ChaCha8) fill(counter uint32) {
	c.counter = counter
	c.next, c.end = 0, chunk
	if counter == perKey-perFill {
		c.end = chunk - newKey
	}
	for block := uint32(0); block < 4; block++ {
		x := chacha8(&c.seed, counter+block)
		for i, word := range x {
			at := 2*i + int(block)/2
			if block&1 == 0 {
				c.buf[at] = uint64(word)
			} else {
				c.buf[at] |= uint64(word) << 32
			}
		}
	}
}

// chacha8 makes one block; only the key is added to the result of the rounds.
func chacha8(key *[4]uint64, counter uint32) [16]uint32 {
	var x [16]uint32
	x[0], x[1], x[2], x[3] = 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574
	for i, k := range key {
		x[4+2*i], x[5+2*i] = uint32(k), uint32(k>>32)
	}
	x[12] = counter
	quarter := func(a, b, c, d int) {
		p, q, r, s := x[a], x[b], x[c], x[d]
		p += q
		s ^= p
		s = s<<16 | s>>16
		r += s
		q ^= r
		q = q<<12 | q>>20
		p += q
		s ^= p
		s = s<<8 | s>>24
		r += s
		q ^= r
		q = q<<7 | q>>25
		x[a], x[b], x[c], x[d] = p, q, r, s
	}
	for range 4 {
		for i := range 4 {
			quarter(i, 4+i, 8+i, 12+i)
		}
		for i := range 4 {
			quarter(i, 4+(i+1)&3, 8+(i+2)&3, 12+(i+3)&3)
		}
	}
	for i, k := range key {
		x[4+2*i] += uint32(k)
		x[5+2*i] += uint32(k >> 32)
	}
	return x
}

// Uint64 returns the next number.
func (c *ChaCha8) Uint64() uint64 {
	if c.next >= c.end {
		counter := c.counter + perFill
		if counter == perKey {
			copy(c.seed[:], c.buf[chunk-newKey:])
			counter = 0
		}
		c.fill(counter)
	}
	x := c.buf[c.next]
	c.next++
	return x
}

// Read fills p. It never fails.
func (c *ChaCha8) Read(p []byte) (n int, err error) {
	n = copy(p, c.rest[len(c.rest)-c.restLen:])
	c.restLen -= n
	for n < len(p) {
		c.rest = [8]byte{}
		x := c.Uint64()
		for i := range c.rest {
			c.rest[i] = byte(x >> (8 * i))
		}
		m := copy(p[n:], c.rest[:])
		c.restLen = len(c.rest) - m
		n += m
	}
	return n, nil
}

// AppendBinary appends the state.
func (c *ChaCha8) AppendBinary(b []byte) ([]byte, error) {
	if c.restLen > 0 {
		b = append(b, "readbuf:"...)
		b = append(b, byte(c.restLen))
		b = append(b, c.rest[len(c.rest)-c.restLen:]...)
	}
	b = append(b, "chacha8:"...)
	b = appendBig(b, uint64(c.counter/perFill*chunk)+uint64(c.next))
	for _, s := range c.seed {
		b = appendBig(b, bits.ReverseBytes64(s))
	}
	return b, nil
}

// MarshalBinary returns the state.
func (c *ChaCha8) MarshalBinary() ([]byte, error) { return c.AppendBinary(make([]byte, 0, 64)) }

// UnmarshalBinary sets the state.
func (c *ChaCha8) UnmarshalBinary(data []byte) error {
	const readbuf, state = "readbuf:", "chacha8:"
	restLen := 0
	if len(data) >= len(readbuf) && string(data[:len(readbuf)]) == readbuf {
		data = data[len(readbuf):]
		if len(data) == 0 || int(data[0]) > 8 || len(data) < 1+int(data[0]) {
			return errors.New("invalid ChaCha8 Read buffer encoding")
		}
		restLen = int(data[0])
		copy(c.rest[8-restLen:], data[1:1+restLen])
		data = data[1+restLen:]
	}
	c.restLen = restLen
	if len(data) != 48 || string(data[:8]) != state {
		return errors.New("invalid chacha8 encoding")
	}
	used := big(data[8:])
	if used > perKey/perFill*chunk-newKey {
		return errors.New("invalid chacha8 encoding")
	}
	for i := range c.seed {
		c.seed[i] = little(data[16+8*i:])
	}
	c.fill(uint32(used/chunk) * perFill)
	c.next = int(used % chunk)
	return nil
}
