// Package base64 converts bytes to and from base64 (RFC 4648).
package base64

import (
	"io"
	"slices"
	"strconv"
	"unsafe"
)

// What stands at the end of an encoding whose length is no multiple of 4.
const (
	StdPadding rune = '='
	NoPadding  rune = -1
)

// none is what a byte outside of the alphabet stands for.
const none = 255

// Encoding is an alphabet of 64 characters with its rules.
type Encoding struct {
	alphabet string
	values   [256]byte // what a character stands for; 255 for those outside of the alphabet
	pad      rune
	strict   bool
}

// StdEncoding is the usual encoding.
var StdEncoding = NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")

// URLEncoding is the encoding for URLs and file names.
var URLEncoding = NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")

// RawStdEncoding is StdEncoding without padding.
var RawStdEncoding = StdEncoding.WithPadding(NoPadding)

// RawURLEncoding is URLEncoding without padding.
var RawURLEncoding = URLEncoding.WithPadding(NoPadding)

// fill makes the table of an alphabet of at most 64 bytes; false if they are not all different.
func fill(values *[256]byte, alphabet string) bool

// encode writes the characters for as many groups of three bytes of src as there are.
//
//go:noescape
func encode(dst, src []byte, alphabet string)

// decode writes the bytes that groups of four characters of src stand for, until another character or one of the slices ends, and returns the number of groups.
//
//go:noescape
func decode(dst, src []byte, values *[256]byte) int

// CorruptInputError says at which byte the input is wrong.
type CorruptInputError int64

func (e CorruptInputError) Error() string {
	return "illegal base64 data at input byte " + strconv.FormatInt(int64(e), 10)
}

// NewEncoding returns a padded encoding with that alphabet. It panics if that is not 64 different bytes without line
// breaks.
func NewEncoding(encoder string) *Encoding {
	if len(encoder) != 64 {
		panic("encoding alphabet is not 64-bytes long")
	}
	enc := &Encoding{alphabet: encoder, pad: StdPadding}
	different := fill(&enc.values, encoder)
	if enc.values['\n'] != none || enc.values['\r'] != none {
		panic("encoding alphabet contains newline character")
	}
	if !different {
		panic("encoding alphabet includes duplicate symbols")
	}
	return enc
}

// WithPadding returns the encoding with another padding character, or NoPadding. It panics if that is not a byte outside
// the alphabet.
func (enc Encoding) WithPadding(padding rune) *Encoding {
	switch {
	case padding < NoPadding || padding == '\r' || padding == '\n' || padding > 0xff:
		panic("invalid padding")
	case padding != NoPadding && enc.values[byte(padding)] != none:
		panic("padding contained in alphabet")
	}
	enc.pad = padding
	return &enc
}

// Strict returns the encoding with the demand that unused bits are zero.
func (enc Encoding) Strict() *Encoding {
	enc.strict = true
	return &enc
}

// EncodedLen returns the length of the encoding of n bytes.
func (enc *Encoding) EncodedLen(n int) int {
	if enc.pad == NoPadding {
		return n/3*4 + (n%3*8+5)/6
	}
	return (n + 2) / 3 * 4
}

// DecodedLen returns the greatest number of bytes that n characters stand for.
func (enc *Encoding) DecodedLen(n int) int {
	if enc.pad == NoPadding {
		return n/4*3 + n%4*6/8
	}
	return n / 4 * 3
}

// AppendEncode appends the encoding of src.
func (enc *Encoding) AppendEncode(dst, src []byte) []byte {
	at, n := len(dst), enc.EncodedLen(len(src))
	dst = slices.Grow(dst, n)[:at+n]
	enc.Encode(dst[at:], src)
	return dst
}

// Encode writes the encoding of src, EncodedLen(len(src)) bytes, to dst.
func (enc *Encoding) Encode(dst, src []byte) {
	if len(src) == 0 {
		return
	}
	if len(dst) < enc.EncodedLen(len(src)) {
		_ = dst[len(dst)]
	}
	a := enc.alphabet
	encode(dst, src, a)
	groups := len(src) / 3
	dst, src = dst[groups*4:], src[groups*3:]
	switch len(src) {
	case 1:
		v := uint(src[0])
		dst[0], dst[1] = a[v>>2], a[v<<4&0x3F]
		if enc.pad != NoPadding {
			dst[2], dst[3] = byte(enc.pad), byte(enc.pad)
		}
	case 2:
		v := uint(src[0])<<8 | uint(src[1])
		dst[0], dst[1], dst[2] = a[v>>10], a[v>>4&0x3F], a[v<<2&0x3F]
		if enc.pad != NoPadding {
			dst[3] = byte(enc.pad)
		}
	}
}

// EncodeToString returns the encoding of src.
func (enc *Encoding) EncodeToString(src []byte) string {
	dst := make([]byte, enc.EncodedLen(len(src)))
	enc.Encode(dst, src)
	return unsafe.String(unsafe.SliceData(dst), len(dst))
}

func lineBreak(c byte) bool { return c == '\n' || c == '\r' }

// decode appends what src stands for, until an error. Line breaks are skipped.
func (enc *Encoding) decode(dst, src []byte) ([]byte, error) {
	for at := 0; ; {
		groups := decode(dst[len(dst):cap(dst)], src[at:], &enc.values)
		dst = dst[:len(dst)+groups*3]
		at += groups * 4
		var v uint
		n, last := 0, false
		for n < 4 {
			if at == len(src) {
				if n == 0 {
					return dst, nil
				}
				if n == 1 || enc.pad != NoPadding {
					return dst, CorruptInputError(at - n)
				}
				last = true
				break
			}
			c := src[at]
			at++
			if d := enc.values[c]; d != none {
				v = v<<6 | uint(d)
				n++
				continue
			}
			if lineBreak(c) {
				continue
			}
			if rune(c) != enc.pad || n < 2 {
				return dst, CorruptInputError(at - 1)
			}
			if n == 2 {
				// A second padding character follows.
				for at < len(src) && lineBreak(src[at]) {
					at++
				}
				if at == len(src) {
					return dst, CorruptInputError(len(src))
				}
				if rune(src[at]) != enc.pad {
					return dst, CorruptInputError(at - 1)
				}
				at++
			}
			last = true
			break
		}
		var trailing error
		if last {
			for at < len(src) && lineBreak(src[at]) {
				at++
			}
			if at < len(src) {
				trailing = CorruptInputError(at)
			}
		}
		v <<= uint(4-n) * 6
		switch n {
		case 4:
			dst = append(dst, byte(v>>16), byte(v>>8), byte(v))
		case 3:
			if enc.strict && byte(v) != 0 {
				return dst, CorruptInputError(at - 1)
			}
			dst = append(dst, byte(v>>16), byte(v>>8))
		case 2:
			if enc.strict && v&0xFFFF != 0 {
				return dst, CorruptInputError(at - 2)
			}
			dst = append(dst, byte(v>>16))
		}
		if last {
			return dst, trailing
		}
	}
}

// AppendDecode appends what src stands for, until an error.
func (enc *Encoding) AppendDecode(dst, src []byte) ([]byte, error) {
	return enc.decode(slices.Grow(dst, enc.DecodedLen(len(src))), src)
}

// Decode writes what src stands for to dst, until an error, and returns its length.
func (enc *Encoding) Decode(dst, src []byte) (n int, err error) {
	dst = dst[:len(dst):len(dst)]
	b, err := enc.decode(dst[:0], src)
	// If there was no room, b is elsewhere.
	_ = dst[:len(b)]
	return len(b), err
}

// DecodeString returns what s stands for, until an error.
func (enc *Encoding) DecodeString(s string) ([]byte, error) {
	return enc.decode(make([]byte, 0, enc.DecodedLen(len(s))), unsafe.Slice(unsafe.StringData(s), len(s)))
}

type encoder struct {
	enc  *Encoding
	w    io.Writer
	err  error
	rest []byte // up to two bytes that do not make four characters yet
}

// NewEncoder returns a WriteCloser that writes the encoding of what is written to it to w. It must be closed.
func NewEncoder(enc *Encoding, w io.Writer) io.WriteCloser { return &encoder{enc: enc, w: w} }

func (e *encoder) Write(p []byte) (n int, err error) {
	if e.err != nil {
		return 0, e.err
	}
	data := append(e.rest, p...)
	whole := len(data) / 3 * 3
	if whole > 0 {
		_, e.err = e.w.Write(e.enc.AppendEncode(nil, data[:whole]))
		if e.err != nil {
			return 0, e.err
		}
	}
	e.rest = append([]byte(nil), data[whole:]...)
	return len(p), nil
}

func (e *encoder) Close() error {
	if e.err == nil && len(e.rest) > 0 {
		_, e.err = e.w.Write(e.enc.AppendEncode(nil, e.rest))
		e.rest = nil
	}
	return e.err
}

type decoder struct {
	enc  *Encoding
	r    io.Reader
	err  error
	in   []byte // read, without line breaks, not yet decoded
	out  []byte // decoded, not yet returned
	done bool   // padding has been seen or the input has ended
}

// NewDecoder returns a Reader of what the characters read from r stand for.
func NewDecoder(enc *Encoding, r io.Reader) io.Reader { return &decoder{enc: enc, r: r} }

func (d *decoder) Read(p []byte) (n int, err error) {
	for len(d.out) == 0 {
		if d.err != nil {
			return 0, d.err
		}
		var room [1024]byte
		n, err := d.r.Read(room[:])
		for _, c := range room[:n] {
			if !lineBreak(c) {
				d.in = append(d.in, c)
			}
		}
		whole := len(d.in) / 4 * 4
		if err != nil {
			if err == io.EOF && len(d.in) > whole && d.enc.pad != NoPadding {
				err = io.ErrUnexpectedEOF
			} else {
				whole = len(d.in)
			}
			d.err = err
		}
		var bad error
		d.out, bad = d.enc.decode(d.out, d.in[:whole])
		if bad != nil {
			d.err = bad
		}
		d.in = append([]byte(nil), d.in[whole:]...)
		if len(p) == 0 {
			break
		}
	}
	n = copy(p, d.out)
	d.out = d.out[n:]
	return n, nil
}
