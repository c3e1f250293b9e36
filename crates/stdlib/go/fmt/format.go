package fmt

import (
	"strconv"
	"unicode/utf8"
)

const (
	lowerDigits = "0123456789abcdefx"
	upperDigits = "0123456789ABCDEFX"
)

// flags are a verb's flags, width and precision.
type flags struct {
	hasWidth     bool
	hasPrecision bool
	minus        bool
	plus         bool
	sharp        bool
	space        bool
	zero         bool
	plusV        bool // %+v
	sharpV       bool // %#v
	width        int
	precision    int
}

// pad appends n fill characters.
func (p *printer) pad(n int) {
	fill := byte(' ')
	if p.zero && !p.minus {
		fill = '0'
	}
	for ; n > 0; n-- {
		p.buf = append(p.buf, fill)
	}
}

// appendPadded appends s, padded to the width.
func (p *printer) appendPadded(s string) {
	if !p.hasWidth || p.width == 0 {
		p.buf = append(p.buf, s...)
		return
	}
	n := p.width - utf8.RuneCountInString(s)
	if !p.minus {
		p.pad(n)
		p.buf = append(p.buf, s...)
	} else {
		p.buf = append(p.buf, s...)
		p.pad(n)
	}
}

// paddedFrom pads what was appended since the buffer was start bytes long.
func (p *printer) paddedFrom(start int) {
	if !p.hasWidth || p.width == 0 {
		return
	}
	s := string(p.buf[start:])
	p.buf = p.buf[:start]
	p.appendPadded(s)
}

// integer formats u, a signed number's bits if signed, in a base.
func (p *printer) integer(u uint64, base int, signed bool, verb rune, digits string) {
	if !p.hasWidth && !p.hasPrecision && !p.plus && !p.space && !p.sharp && base == 10 && verb != 'O' {
		if signed {
			p.buf = strconv.AppendInt(p.buf, int64(u), 10)
		} else {
			p.buf = strconv.AppendUint(p.buf, u, 10)
		}
		return
	}
	negative := signed && int64(u) < 0
	if negative {
		u = -u
	}
	// The number is written from its end: 64 binary digits, a sign, a prefix of two, and what width or precision ask for.
	var fixed [68 + 3]byte
	buf := fixed[:]
	if p.hasWidth || p.hasPrecision {
		if n := 3 + max(p.width, 0) + max(p.precision, 0); n > len(buf) {
			buf = make([]byte, n)
		}
	}
	least := 0
	if p.hasPrecision {
		least = p.precision
		if least == 0 && u == 0 {
			// No digits at all, and blanks even for zero padding.
			zero := p.zero
			p.zero = false
			if p.hasWidth {
				p.pad(p.width)
			}
			p.zero = zero
			return
		}
	} else if p.zero && !p.minus && p.hasWidth {
		least = p.width
		if negative || p.plus || p.space {
			least--
		}
	}
	i := len(buf)
	switch base {
	case 10:
		for u >= 10 {
			i--
			next := u / 10
			buf[i] = byte('0' + u - next*10)
			u = next
		}
	case 16:
		for u >= 16 {
			i--
			buf[i] = digits[u&15]
			u >>= 4
		}
	case 8:
		for u >= 8 {
			i--
			buf[i] = byte('0' + u&7)
			u >>= 3
		}
	case 2:
		for u >= 2 {
			i--
			buf[i] = byte('0' + u&1)
			u >>= 1
		}
	default:
		panic("fmt: unknown base; can't happen")
	}
	i--
	buf[i] = digits[u]
	for i > 0 && least > len(buf)-i {
		i--
		buf[i] = '0'
	}
	if p.sharp {
		switch base {
		case 2:
			i -= 2
			buf[i], buf[i+1] = '0', 'b'
		case 8:
			if buf[i] != '0' {
				i--
				buf[i] = '0'
			}
		case 16:
			i -= 2
			buf[i], buf[i+1] = '0', digits[16]
		}
	}
	if verb == 'O' {
		i -= 2
		buf[i], buf[i+1] = '0', 'o'
	}
	sign := byte(0)
	switch {
	case negative:
		sign = '-'
	case p.plus:
		sign = '+'
	case p.space:
		sign = ' '
	}
	if sign != 0 {
		i--
		buf[i] = sign
	}
	// Zeros were put in above; what is left to pad is blank.
	zero := p.zero
	p.zero = false
	p.appendPadded(string(buf[i:]))
	p.zero = zero
}

// unicode formats u as U+0078, with the character in quotes under the # flag.
func (p *printer) unicode(u uint64) {
	start := len(p.buf)
	p.buf = append(p.buf, "U+"...)
	least := 4
	if p.hasPrecision && p.precision > 4 {
		least = p.precision
	}
	hex := strconv.FormatUint(u, 16)
	for n := least - len(hex); n > 0; n-- {
		p.buf = append(p.buf, '0')
	}
	for i := range len(hex) {
		c := hex[i]
		if c >= 'a' {
			c -= 'a' - 'A'
		}
		p.buf = append(p.buf, c)
	}
	if p.sharp && u <= utf8.MaxRune && strconv.IsPrint(rune(u)) {
		p.buf = append(p.buf, " '"...)
		p.buf = utf8.AppendRune(p.buf, rune(u))
		p.buf = append(p.buf, '\'')
	}
	zero := p.zero
	p.zero = false
	p.paddedFrom(start)
	p.zero = zero
}

func toRune(u uint64) rune {
	if u > utf8.MaxRune {
		return utf8.RuneError
	}
	return rune(u)
}

// char formats a character.
func (p *printer) char(u uint64) {
	p.appendPadded(string(toRune(u)))
}

// quotedChar formats a character in single quotes.
func (p *printer) quotedChar(u uint64) {
	start := len(p.buf)
	if p.plus {
		p.buf = strconv.AppendQuoteRuneToASCII(p.buf, toRune(u))
	} else {
		p.buf = strconv.AppendQuoteRune(p.buf, toRune(u))
	}
	p.paddedFrom(start)
}

// truncated cuts s to the precision, counted in runes.
func (p *printer) truncated(s string) string {
	if p.hasPrecision {
		n := p.precision
		for i := range s {
			n--
			if n < 0 {
				return s[:i]
			}
		}
	}
	return s
}

// hexString formats the bytes of s (or of b, if s is empty) in hexadecimal.
func (p *printer) hexString(s string, b []byte, digits string) {
	length := len(b)
	if b == nil {
		length = len(s)
	}
	if p.hasPrecision && p.precision < length {
		length = p.precision
	}
	width := 2 * length
	if width > 0 {
		if p.space {
			// Each byte gets its own prefix under # and they are separated.
			if p.sharp {
				width *= 2
			}
			width += length - 1
		} else if p.sharp {
			width += 2
		}
	} else {
		if p.hasWidth {
			p.pad(p.width)
		}
		return
	}
	if p.hasWidth && p.width > width && !p.minus {
		p.pad(p.width - width)
	}
	if p.sharp {
		p.buf = append(p.buf, '0', digits[16])
	}
	for i := range length {
		if p.space && i > 0 {
			p.buf = append(p.buf, ' ')
			if p.sharp {
				p.buf = append(p.buf, '0', digits[16])
			}
		}
		var c byte
		if b != nil {
			c = b[i]
		} else {
			c = s[i]
		}
		p.buf = append(p.buf, digits[c>>4], digits[c&15])
	}
	if p.hasWidth && p.width > width && p.minus {
		p.pad(p.width - width)
	}
}

// quoted formats s as a Go string literal: in back quotes under # if that is possible, in ASCII under +.
func (p *printer) quoted(s string) {
	s = p.truncated(s)
	if p.sharp && strconv.CanBackquote(s) {
		p.appendPadded("`" + s + "`")
		return
	}
	start := len(p.buf)
	if p.plus {
		p.buf = strconv.AppendQuoteToASCII(p.buf, s)
	} else {
		p.buf = strconv.AppendQuote(p.buf, s)
	}
	p.paddedFrom(start)
}

// float formats v by a verb of strconv.FormatFloat; precision is what holds without an explicit one.
func (p *printer) float(v float64, size int, verb byte, precision int) {
	if p.hasPrecision {
		precision = p.precision
	} else if !p.hasWidth && !p.plus && !p.space && !p.sharp {
		p.buf = strconv.AppendFloat(p.buf, v, verb, precision, size)
		return
	}
	var space [40]byte
	num := strconv.AppendFloat(space[:1], v, verb, precision, size)
	if num[1] == '-' || num[1] == '+' {
		num = num[1:]
	} else {
		num[0] = '+'
	}
	if p.space && num[0] == '+' && !p.plus {
		num[0] = ' '
	}
	if num[1] == 'I' || num[1] == 'N' {
		// Infinities and NaN are never padded with zeros.
		zero := p.zero
		p.zero = false
		if num[1] == 'N' && !p.space && !p.plus {
			num = num[1:]
		}
		p.appendPadded(string(num))
		p.zero = zero
		return
	}
	if p.sharp && verb != 'b' {
		num = sharpFloat(num, verb, precision)
	}
	if p.plus || num[0] != '+' {
		// With zeros the sign goes before them.
		if p.zero && !p.minus && p.hasWidth && p.width > len(num) {
			p.buf = append(p.buf, num[0])
			p.pad(p.width - len(num))
			p.buf = append(p.buf, num[1:]...)
			return
		}
		p.appendPadded(string(num))
		return
	}
	p.appendPadded(string(num[1:]))
}

// sharpFloat makes a number with its sign keep its decimal point and, for %g, its trailing zeros.
func sharpFloat(num []byte, verb byte, precision int) []byte {
	digits := 0
	switch verb {
	case 'g', 'G', 'x':
		digits = precision
		if digits < 0 {
			digits = 6
		}
	}
	var tail []byte
	point, nonzero := false, false
scan:
	for i := 1; i < len(num); i++ {
		switch c := num[i]; {
		case c == '.':
			point = true
		case c == 'p' || c == 'P' || (c == 'e' || c == 'E') && verb != 'x' && verb != 'X':
			tail = append(tail, num[i:]...)
			num = num[:i]
			break scan
		default:
			if c != '0' {
				nonzero = true
			}
			if nonzero {
				digits--
			}
		}
	}
	if !point {
		if len(num) == 2 && num[1] == '0' {
			digits--
		}
		num = append(num, '.')
	}
	for ; digits > 0; digits-- {
		num = append(num, '0')
	}
	return append(num, tail...)
}

// complex formats v as (re+imi).
func (p *printer) complex(v complex128, size int, verb rune) {
	switch verb {
	case 'v', 'b', 'g', 'G', 'x', 'X', 'f', 'F', 'e', 'E':
		plus := p.plus
		p.buf = append(p.buf, '(')
		p.floatVerb(real(v), size/2, verb)
		p.plus = true
		p.floatVerb(imag(v), size/2, verb)
		p.buf = append(p.buf, "i)"...)
		p.plus = plus
	default:
		p.badVerb(verb)
	}
}
