// Package utf8 encodes and decodes UTF-8.
package utf8

const (
	RuneError = '\uFFFD'     // stands for what is not valid UTF-8
	RuneSelf  = 0x80         // runes below are one byte long
	MaxRune   = '\U0010FFFF' // the largest rune
	UTFMax    = 4            // the longest encoding of a rune, in bytes
)

const (
	surrogateMin = 0xD800
	surrogateMax = 0xDFFF
)

// need returns the length that first byte c announces (1 for invalid ones) and the bounds of the second byte.
func need(c byte) (n int, lo, hi byte) {
	switch {
	case c < 0xC2:
		return 1, 0, 0
	case c < 0xE0:
		return 2, 0x80, 0xBF
	case c < 0xF0:
		switch c {
		case 0xE0:
			return 3, 0xA0, 0xBF
		case 0xED:
			return 3, 0x80, 0x9F
		}
		return 3, 0x80, 0xBF
	case c < 0xF5:
		switch c {
		case 0xF0:
			return 4, 0x90, 0xBF
		case 0xF4:
			return 4, 0x80, 0x8F
		}
		return 4, 0x80, 0xBF
	}
	return 1, 0, 0
}

// FullRune reports whether p begins with a whole encoding; an invalid one is whole, as an error of one byte.
func FullRune(p []byte) bool {
	if len(p) == 0 {
		return false
	}
	n, lo, hi := need(p[0])
	if len(p) >= n {
		return true
	}
	if len(p) > 1 && (p[1] < lo || p[1] > hi) {
		return true
	}
	return len(p) > 2 && p[2]&0xC0 != 0x80
}

// FullRuneInString is FullRune for a string.
func FullRuneInString(s string) bool {
	if len(s) == 0 {
		return false
	}
	n, lo, hi := need(s[0])
	if len(s) >= n {
		return true
	}
	if len(s) > 1 && (s[1] < lo || s[1] > hi) {
		return true
	}
	return len(s) > 2 && s[2]&0xC0 != 0x80
}

// DecodeRune returns the first rune of p and its length in bytes: (RuneError, 0) when p is empty, (RuneError, 1)
// when the encoding is invalid.
func DecodeRune(p []byte) (rune, int) {
	if len(p) == 0 {
		return RuneError, 0
	}
	c := p[0]
	if c < RuneSelf {
		return rune(c), 1
	}
	if len(p) < 2 {
		return RuneError, 1
	}
	d := p[1]
	if c-0xC2 < 0xE0-0xC2 {
		if d&0xC0 != 0x80 {
			return RuneError, 1
		}
		return rune(c&0x1F)<<6 | rune(d&0x3F), 2
	}
	n, lo, hi := need(c)
	if n == 1 || len(p) < n || d < lo || d > hi {
		return RuneError, 1
	}
	e := p[2]
	if e&0xC0 != 0x80 {
		return RuneError, 1
	}
	if n == 3 {
		return rune(c&0x0F)<<12 | rune(d&0x3F)<<6 | rune(e&0x3F), 3
	}
	f := p[3]
	if f&0xC0 != 0x80 {
		return RuneError, 1
	}
	return rune(c&0x07)<<18 | rune(d&0x3F)<<12 | rune(e&0x3F)<<6 | rune(f&0x3F), 4
}

// DecodeRuneInString is DecodeRune for a string.
func DecodeRuneInString(s string) (rune, int) {
	if len(s) == 0 {
		return RuneError, 0
	}
	c := s[0]
	if c < RuneSelf {
		return rune(c), 1
	}
	if len(s) < 2 {
		return RuneError, 1
	}
	d := s[1]
	if c-0xC2 < 0xE0-0xC2 {
		if d&0xC0 != 0x80 {
			return RuneError, 1
		}
		return rune(c&0x1F)<<6 | rune(d&0x3F), 2
	}
	n, lo, hi := need(c)
	if n == 1 || len(s) < n || d < lo || d > hi {
		return RuneError, 1
	}
	e := s[2]
	if e&0xC0 != 0x80 {
		return RuneError, 1
	}
	if n == 3 {
		return rune(c&0x0F)<<12 | rune(d&0x3F)<<6 | rune(e&0x3F), 3
	}
	f := s[3]
	if f&0xC0 != 0x80 {
		return RuneError, 1
	}
	return rune(c&0x07)<<18 | rune(d&0x3F)<<12 | rune(e&0x3F)<<6 | rune(f&0x3F), 4
}

// DecodeLastRune returns the last rune of p and its length in bytes, with errors as DecodeRune's.
func DecodeLastRune(p []byte) (rune, int) {
	end := len(p)
	if end == 0 {
		return RuneError, 0
	}
	if c := p[end-1]; c < RuneSelf {
		return rune(c), 1
	}
	for start := end - 1; start >= 0 && start >= end-UTFMax; start-- {
		if RuneStart(p[start]) {
			if r, n := DecodeRune(p[start:end]); start+n == end {
				return r, n
			}
			break
		}
	}
	return RuneError, 1
}

// DecodeLastRuneInString is DecodeLastRune for a string.
func DecodeLastRuneInString(s string) (rune, int) {
	end := len(s)
	if end == 0 {
		return RuneError, 0
	}
	if c := s[end-1]; c < RuneSelf {
		return rune(c), 1
	}
	for start := end - 1; start >= 0 && start >= end-UTFMax; start-- {
		if RuneStart(s[start]) {
			if r, n := DecodeRuneInString(s[start:end]); start+n == end {
				return r, n
			}
			break
		}
	}
	return RuneError, 1
}

// RuneLen returns how many bytes r takes, or -1 if r cannot be encoded.
func RuneLen(r rune) int {
	switch {
	case r < 0:
		return -1
	case r < 0x80:
		return 1
	case r < 0x800:
		return 2
	case surrogateMin <= r && r <= surrogateMax:
		return -1
	case r < 0x10000:
		return 3
	case r <= MaxRune:
		return 4
	}
	return -1
}

// EncodeRune writes r (RuneError if r is invalid) to p, which must be long enough, and returns the length written.
func EncodeRune(p []byte, r rune) int {
	if uint32(r) < RuneSelf {
		p[0] = byte(r)
		return 1
	}
	if uint32(r) < 0x800 {
		_ = p[1]
		p[0] = 0xC0 | byte(r>>6)
		p[1] = 0x80 | byte(r)&0x3F
		return 2
	}
	if uint32(r) > MaxRune || surrogateMin <= r && r <= surrogateMax {
		r = RuneError
	}
	if r < 0x10000 {
		_ = p[2]
		p[0] = 0xE0 | byte(r>>12)
		p[1] = 0x80 | byte(r>>6)&0x3F
		p[2] = 0x80 | byte(r)&0x3F
		return 3
	}
	_ = p[3]
	p[0] = 0xF0 | byte(r>>18)
	p[1] = 0x80 | byte(r>>12)&0x3F
	p[2] = 0x80 | byte(r>>6)&0x3F
	p[3] = 0x80 | byte(r)&0x3F
	return 4
}

// AppendRune appends the encoding of r (of RuneError if r is invalid) to p.
func AppendRune(p []byte, r rune) []byte {
	if uint32(r) < RuneSelf {
		return append(p, byte(r))
	}
	if uint32(r) < 0x800 {
		if n := len(p); cap(p)-n >= 2 {
			p = p[:n+2]
			p[n], p[n+1] = 0xC0|byte(r>>6), 0x80|byte(r)&0x3F
			return p
		}
		return append(p, 0xC0|byte(r>>6), 0x80|byte(r)&0x3F)
	}
	if uint32(r) > MaxRune || surrogateMin <= r && r <= surrogateMax {
		r = RuneError
	}
	if r < 0x10000 {
		return append(p, 0xE0|byte(r>>12), 0x80|byte(r>>6)&0x3F, 0x80|byte(r)&0x3F)
	}
	return append(p, 0xF0|byte(r>>18), 0x80|byte(r>>12)&0x3F, 0x80|byte(r>>6)&0x3F, 0x80|byte(r)&0x3F)
}

// RuneCount returns the number of runes in p; each invalid byte counts as one.
func RuneCount(p []byte) int

// RuneCountInString is RuneCount for a string.
func RuneCountInString(s string) int

// RuneStart reports whether b can be the first byte of an encoding.
func RuneStart(b byte) bool { return b&0xC0 != 0x80 }

// Valid reports whether p is all valid UTF-8.
func Valid(p []byte) bool

// ValidString reports whether s is all valid UTF-8.
func ValidString(s string) bool

// ValidRune reports whether r can be encoded: in range and no surrogate half.
func ValidRune(r rune) bool {
	return 0 <= r && r < surrogateMin || surrogateMax < r && r <= MaxRune
}
