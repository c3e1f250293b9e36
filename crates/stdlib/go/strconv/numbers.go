// Package strconv converts basic types to and from text.
package strconv

import "errors"

// IntSize is the size of int in bits.
const IntSize = 64

// ErrRange says that a value is out of the range of its type.
var ErrRange = errors.New("value out of range")

// ErrSyntax says that the text has the wrong form.
var ErrSyntax = errors.New("invalid syntax")

// NumError is the error of a failed conversion.
type NumError struct {
	Func string // the function that failed
	Num  string // its input
	Err  error  // why
}

func (e *NumError) Error() string {
	return "strconv." + e.Func + ": parsing " + Quote(e.Num) + ": " + e.Err.Error()
}

// Unwrap returns the reason.
func (e *NumError) Unwrap() error { return e.Err }

// What a native parser says of its input.
const (
	statusOK = iota
	statusSyntax
	statusRange
)

func failure(fn, s string, status int) error {
	switch status {
	case statusOK:
		return nil
	case statusSyntax:
		return &NumError{fn, s, ErrSyntax}
	}
	return &NumError{fn, s, ErrRange}
}

// ParseBool reads 1, t, T, TRUE, true, True, 0, f, F, FALSE, false, False.
func ParseBool(str string) (bool, error) {
	switch str {
	case "1", "t", "T", "true", "TRUE", "True":
		return true, nil
	case "0", "f", "F", "false", "FALSE", "False":
		return false, nil
	}
	return false, failure("ParseBool", str, statusSyntax)
}

// FormatBool returns "true" or "false".
func FormatBool(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

// AppendBool appends "true" or "false".
func AppendBool(dst []byte, b bool) []byte {
	if b {
		return append(dst, "true"...)
	}
	return append(dst, "false"...)
}

// atoi reads an optional sign and up to 18 decimal digits; ok is false for anything else.
func atoi(s string) (n int, ok bool)

// parseUint reads s in a base of 0 or 2 to 36 with at most bitSize (1 to 64) bits.
// Base 0 takes the base from the prefix, and underscores between digits.
// When the value is out of range n is the largest one.
func parseUint(s string, base, bitSize int) (n uint64, status int)

// ParseUint is ParseInt for unsigned numbers, without a sign.
func ParseUint(s string, base int, bitSize int) (uint64, error) {
	return parseUnsigned("ParseUint", s, s, base, bitSize)
}

// parseUnsigned reads digits; input is the whole text for the error.
func parseUnsigned(fn, input, digits string, base, bitSize int) (uint64, error) {
	if digits == "" {
		return 0, failure(fn, input, statusSyntax)
	}
	if base != 0 && (base < 2 || base > 36) {
		return 0, &NumError{fn, input, errors.New("invalid base " + Itoa(base))}
	}
	if bitSize == 0 {
		bitSize = IntSize
	} else if bitSize < 0 || bitSize > 64 {
		return 0, &NumError{fn, input, errors.New("invalid bit size " + Itoa(bitSize))}
	}
	n, status := parseUint(digits, base, bitSize)
	if status != statusOK {
		return n, failure(fn, input, status)
	}
	return n, nil
}

// ParseInt reads s in the given base (0: what the prefix says) as a number of bitSize bits (0: int).
func ParseInt(s string, base int, bitSize int) (i int64, err error) {
	return parseSigned("ParseInt", s, base, bitSize)
}

func parseSigned(fn, s string, base, bitSize int) (int64, error) {
	if s == "" {
		return 0, failure(fn, s, statusSyntax)
	}
	digits, neg := s, false
	if s[0] == '+' || s[0] == '-' {
		digits, neg = s[1:], s[0] == '-'
	}
	n, err := parseUnsigned(fn, s, digits, base, bitSize)
	if err != nil && err.(*NumError).Err != ErrRange {
		return 0, err
	}
	if bitSize == 0 {
		bitSize = IntSize
	}
	limit := uint64(1) << uint(bitSize-1)
	switch {
	case !neg && n >= limit:
		return int64(limit - 1), failure(fn, s, statusRange)
	case neg && n > limit:
		return -int64(limit), failure(fn, s, statusRange)
	case neg:
		return -int64(n), nil
	}
	return int64(n), nil
}

// Atoi is ParseInt(s, 10, 0) as an int.
func Atoi(s string) (int, error) {
	if n, ok := atoi(s); ok {
		return n, nil
	}
	n, err := parseSigned("Atoi", s, 10, 0)
	return int(n), err
}

const lowerDigits = "0123456789abcdefghijklmnopqrstuvwxyz"

const pairs = "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051" +
	"525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899"

// formatUint returns the digits of u in the base (2 to 36), after a minus sign if neg.
func formatUint(u uint64, base int, neg bool) string

func format(u uint64, base int, neg bool) string {
	if base < 2 || base > 36 {
		panic("strconv: illegal AppendInt/FormatInt base")
	}
	return formatUint(u, base, neg)
}

// decimalRoom is the longest decimal number's length, its sign included.
const decimalRoom = 20

// decimal writes the decimal digits of u to the end of buf, after a minus sign if neg, and returns where they begin.
func decimal(buf *[decimalRoom]byte, u uint64, neg bool) int {
	at := decimalRoom
	for u >= 100 {
		rest := u % 100 * 2
		u /= 100
		at -= 2
		buf[at] = pairs[rest]
		buf[at+1] = pairs[rest+1]
	}
	if u >= 10 {
		at--
		buf[at] = pairs[u*2+1]
		u /= 10
	}
	at--
	buf[at] = byte('0' + u)
	if neg {
		at--
		buf[at] = '-'
	}
	return at
}

// small returns the decimal digits of i < 100 without allocating.
func small(i int) string {
	if i < 10 {
		return lowerDigits[i : i+1]
	}
	return pairs[i*2 : i*2+2]
}

// FormatUint returns i in a base of 2 to 36, with the digits a to z after 9.
func FormatUint(i uint64, base int) string {
	if base != 10 {
		return format(i, base, false)
	}
	if i < 100 {
		return small(int(i))
	}
	var buf [decimalRoom]byte
	return string(buf[decimal(&buf, i, false):])
}

// FormatInt returns i in a base of 2 to 36, with the digits a to z after 9.
func FormatInt(i int64, base int) string {
	if base != 10 {
		if i < 0 {
			return format(-uint64(i), base, true)
		}
		return format(uint64(i), base, false)
	}
	if 0 <= i && i < 100 {
		return small(int(i))
	}
	u := uint64(i)
	if i < 0 {
		u = -u
	}
	var buf [decimalRoom]byte
	return string(buf[decimal(&buf, u, i < 0):])
}

// Itoa is FormatInt(int64(i), 10).
func Itoa(i int) string { return FormatInt(int64(i), 10) }

// AppendInt appends FormatInt(i, base).
func AppendInt(dst []byte, i int64, base int) []byte {
	if base != 10 {
		return append(dst, FormatInt(i, base)...)
	}
	u := uint64(i)
	if i < 0 {
		u = -u
	}
	var buf [decimalRoom]byte
	return append(dst, buf[decimal(&buf, u, i < 0):]...)
}

// AppendUint appends FormatUint(i, base).
func AppendUint(dst []byte, i uint64, base int) []byte {
	if base != 10 {
		return append(dst, FormatUint(i, base)...)
	}
	var buf [decimalRoom]byte
	return append(dst, buf[decimal(&buf, i, false):]...)
}

// parseFloat reads the longest prefix of s that is a floating-point number, rounded to bitSize (32 or 64) bits;
// n is its length. When the value is out of range f is an infinity.
func parseFloat(s string, bitSize int) (f float64, n int, status int)

// ParseFloat reads s as a decimal or hexadecimal floating-point number, an infinity or NaN, rounded to 64 bits, or
// to 32 if bitSize is 32.
func ParseFloat(s string, bitSize int) (float64, error) {
	if bitSize != 32 {
		bitSize = 64
	}
	f, n, status := parseFloat(s, bitSize)
	if n != len(s) && status != statusSyntax {
		return 0, failure("ParseFloat", s, statusSyntax)
	}
	if status != statusOK {
		return f, failure("ParseFloat", s, status)
	}
	return f, nil
}

// formatFloat does FormatFloat's work; bitSize is 32 or 64.
func formatFloat(f float64, fmt byte, prec, bitSize int) string

// writeFloat writes what formatFloat returns to dst, if there is room, and returns its length.
//
//go:noescape
func writeFloat(dst []byte, f float64, fmt byte, prec, bitSize int) int

func checkBitSize(bitSize int) {
	if bitSize != 32 && bitSize != 64 {
		panic("strconv: illegal AppendFloat/FormatFloat bitSize")
	}
}

// FormatFloat returns f, rounded as if it came from a value of bitSize (32 or 64) bits, in a format of
// b, e, E, f, g, G, x or X with prec digits, or as few as tell the value when prec is negative.
func FormatFloat(f float64, fmt byte, prec, bitSize int) string {
	checkBitSize(bitSize)
	return formatFloat(f, fmt, prec, bitSize)
}

// AppendFloat appends FormatFloat(f, fmt, prec, bitSize).
func AppendFloat(dst []byte, f float64, fmt byte, prec, bitSize int) []byte {
	checkBitSize(bitSize)
	end := len(dst)
	n := writeFloat(dst[end:cap(dst)], f, fmt, prec, bitSize)
	if n > cap(dst)-end {
		dst = append(dst, make([]byte, n)...)
		writeFloat(dst[end:], f, fmt, prec, bitSize)
	}
	return dst[:end+n]
}

// FormatComplex returns c as (a+bi) with parts formatted as FormatFloat does; bitSize is 64 or 128.
func FormatComplex(c complex128, fmt byte, prec, bitSize int) string {
	if bitSize != 64 && bitSize != 128 {
		panic("invalid bitSize")
	}
	bitSize /= 2
	im := FormatFloat(imag(c), fmt, prec, bitSize)
	if im[0] != '+' && im[0] != '-' {
		im = "+" + im
	}
	return "(" + FormatFloat(real(c), fmt, prec, bitSize) + im + "i)"
}

// ParseComplex reads N, Ni or N±Ni, perhaps in parentheses, where N is what ParseFloat takes; with bitSize 64 the
// parts are rounded to 32 bits.
func ParseComplex(s string, bitSize int) (complex128, error) {
	const fn = "ParseComplex"
	part := 64
	if bitSize == 64 {
		part = 32
	}
	whole := s
	if len(s) >= 2 && s[0] == '(' && s[len(s)-1] == ')' {
		s = s[1 : len(s)-1]
	}
	outOfRange := false
	re, n, status := parseFloat(s, part)
	switch status {
	case statusSyntax:
		return 0, failure(fn, whole, statusSyntax)
	case statusRange:
		outOfRange = true
	}
	s = s[n:]
	result := func(re, im float64) (complex128, error) {
		if outOfRange {
			return complex(re, im), failure(fn, whole, statusRange)
		}
		return complex(re, im), nil
	}
	if s == "" {
		return result(re, 0)
	}
	switch s[0] {
	case '+':
		// NaN takes no sign of its own; a second sign is an error.
		if len(s) > 1 && s[1] != '+' {
			s = s[1:]
		}
	case '-':
	case 'i':
		if len(s) == 1 {
			return result(0, re)
		}
		return 0, failure(fn, whole, statusSyntax)
	default:
		return 0, failure(fn, whole, statusSyntax)
	}
	im, n, status := parseFloat(s, part)
	switch status {
	case statusSyntax:
		return 0, failure(fn, whole, statusSyntax)
	case statusRange:
		outOfRange = true
	}
	if s[n:] != "i" {
		return 0, failure(fn, whole, statusSyntax)
	}
	return result(re, im)
}
