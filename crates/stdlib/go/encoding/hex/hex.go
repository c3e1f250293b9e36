// Package hex converts bytes to and from hexadecimal digits.
package hex

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unsafe"
)

const digits = "0123456789abcdef"

// ErrLength says that the number of digits is odd.
var ErrLength = errors.New("encoding/hex: odd length hex string")

// InvalidByteError says which byte is no digit.
type InvalidByteError byte

func (e InvalidByteError) Error() string {
	return fmt.Sprintf("encoding/hex: invalid byte: %#U", rune(e))
}

// EncodedLen returns the number of digits for n bytes.
func EncodedLen(n int) int { return n * 2 }

// DecodedLen returns the number of bytes for x digits.
func DecodedLen(x int) int { return x / 2 }

// encode writes the digits of as many bytes of src as dst has room for.
//
//go:noescape
func encode(dst, src []byte)

// decode writes the bytes that pairs of digits stand for, until a pair that is not of digits or one of the slices ends, and returns their number.
//
//go:noescape
func decode(dst, src []byte) int

// Encode writes src's digits to dst and returns their number.
func Encode(dst, src []byte) int {
	encode(dst, src)
	for i := len(dst) / 2; i < len(src); i++ {
		dst[2*i] = digits[src[i]>>4]
		dst[2*i+1] = digits[src[i]&0xF]
	}
	return len(src) * 2
}

// AppendEncode appends src's digits.
func AppendEncode(dst, src []byte) []byte {
	n := len(src) * 2
	dst = slices.Grow(dst, n)
	encode(dst[len(dst):len(dst)+n], src)
	return dst[:len(dst)+n]
}

// EncodeToString returns src's digits.
func EncodeToString(src []byte) string {
	dst := make([]byte, len(src)*2)
	encode(dst, src)
	return unsafe.String(unsafe.SliceData(dst), len(dst))
}

func isDigit(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// Decode writes the bytes that src's digits stand for to dst, until an error, and returns their number.
func Decode(dst, src []byte) (int, error) {
	n := decode(dst, src)
	rest := src[2*n:]
	for _, c := range rest[:min(len(rest), 2)] {
		if !isDigit(c) {
			return n, InvalidByteError(c)
		}
	}
	switch len(rest) {
	case 0:
		return n, nil
	case 1:
		return n, ErrLength
	}
	dst[n] = 0 // There is no room.
	return n, nil
}

// AppendDecode appends the bytes that src's digits stand for, until an error.
func AppendDecode(dst, src []byte) ([]byte, error) {
	dst = slices.Grow(dst, len(src)/2)
	n, err := Decode(dst[len(dst):len(dst)+len(src)/2], src)
	return dst[:len(dst)+n], err
}

// DecodeString returns the bytes that s's digits stand for, until an error.
func DecodeString(s string) ([]byte, error) {
	dst := make([]byte, len(s)/2)
	n, err := Decode(dst, unsafe.Slice(unsafe.StringData(s), len(s)))
	return dst[:n], err
}

type encoder struct{ w io.Writer }

// NewEncoder returns a Writer that writes digits to w.
func NewEncoder(w io.Writer) io.Writer { return &encoder{w} }

func (e *encoder) Write(p []byte) (n int, err error) {
	for len(p) > 0 && err == nil {
		part := p[:min(len(p), 512)]
		var written int
		written, err = e.w.Write(AppendEncode(nil, part))
		n += written / 2
		p = p[len(part):]
	}
	return n, err
}

type decoder struct {
	r    io.Reader
	err  error
	in   []byte
	room [1024]byte
}

// NewDecoder returns a Reader of the bytes that the digits read from r stand for.
func NewDecoder(r io.Reader) io.Reader { return &decoder{r: r} }

func (d *decoder) Read(p []byte) (n int, err error) {
	if len(d.in) < 2 && d.err == nil {
		left := copy(d.room[:], d.in)
		var read int
		read, d.err = d.r.Read(d.room[left:])
		d.in = d.room[:left+read]
		if d.err == io.EOF && len(d.in)%2 != 0 {
			if !isDigit(d.in[len(d.in)-1]) {
				d.err = InvalidByteError(d.in[len(d.in)-1])
			} else {
				d.err = io.ErrUnexpectedEOF
			}
		}
	}
	if avail := len(d.in) / 2; len(p) > avail {
		p = p[:avail]
	}
	n, err = Decode(p, d.in[:len(p)*2])
	d.in = d.in[2*n:]
	if err != nil {
		d.in, d.err = nil, err
	}
	if len(d.in) < 2 {
		return n, d.err
	}
	return n, nil
}

// Dump returns a listing of data as hexdump -C prints it.
func Dump(data []byte) string {
	if len(data) == 0 {
		return ""
	}
	var b strings.Builder
	d := Dumper(&b)
	d.Write(data)
	d.Close()
	return b.String()
}

// Dumper returns a WriteCloser that lists what is written to it on w, as hexdump -C does.
func Dumper(w io.Writer) io.WriteCloser { return &dumper{w: w} }

type dumper struct {
	w      io.Writer
	line   []byte // the bytes of the line
	at     uint   // of the line
	closed bool
}

func (d *dumper) Write(data []byte) (n int, err error) {
	if d.closed {
		return 0, errors.New("encoding/hex: dumper closed")
	}
	for _, c := range data {
		d.line = append(d.line, c)
		n++
		if len(d.line) == 16 {
			if err = d.flush(); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

func (d *dumper) flush() error {
	if len(d.line) == 0 {
		return nil
	}
	out := make([]byte, 0, 80)
	for shift := 28; shift >= 0; shift -= 4 {
		out = append(out, digits[d.at>>shift&0xF])
	}
	text := make([]byte, 0, 20)
	for i := 0; i < 16; i++ {
		if i%8 == 0 {
			out = append(out, ' ')
		}
		if i >= len(d.line) {
			out = append(out, "   "...)
			continue
		}
		c := d.line[i]
		out = append(out, ' ', digits[c>>4], digits[c&0xF])
		if c < 32 || c > 126 {
			c = '.'
		}
		text = append(text, c)
	}
	out = append(out, "  |"...)
	out = append(out, text...)
	out = append(out, "|\n"...)
	d.at += uint(len(d.line))
	d.line = d.line[:0]
	_, err := d.w.Write(out)
	return err
}

func (d *dumper) Close() error {
	if d.closed {
		return nil
	}
	d.closed = true
	return d.flush()
}
