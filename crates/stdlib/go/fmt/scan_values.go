package fmt

import (
	"math"
	"strconv"
	"unicode/utf8"
)

// How each kind of value is read.

// checkVerb fails unless verb is one of those for the type.
func (s *scanner) checkVerb(verb rune, verbs, what string) {
	if !contains(verbs, verb) {
		s.failText("bad verb '%" + string(verb) + "' for " + what)
	}
}

func (s *scanner) scanBool(verb rune) bool {
	s.SkipSpace()
	s.notEOF()
	s.checkVerb(verb, "tv", "boolean")
	switch s.read() {
	case '0':
		return false
	case '1':
		return true
	case 't', 'T':
		if s.accept("rR") && (!s.accept("uU") || !s.accept("eE")) {
			s.failText("syntax error scanning boolean")
		}
		return true
	case 'f', 'F':
		if s.accept("aA") && (!s.accept("lL") || !s.accept("sS") || !s.accept("eE")) {
			s.failText("syntax error scanning boolean")
		}
		return false
	}
	return false
}

// baseOf returns the base that a verb says and its digits.
func (s *scanner) baseOf(verb rune) (base int, digits string) {
	s.checkVerb(verb, "bdoUxXv", "integer")
	switch verb {
	case 'b':
		return 2, "01"
	case 'o':
		return 8, "01234567"
	case 'x', 'X', 'U':
		return 16, "0123456789aAbBcCdDeEfF"
	}
	return 10, "0123456789"
}

// integerToken reads digits after what is in the token.
func (s *scanner) integerToken(digits string, haveDigits bool) string {
	if !haveDigits {
		s.notEOF()
		if !s.accept(digits) {
			s.failText("expected integer")
		}
	}
	for s.accept(digits) {
	}
	return string(s.buf)
}

// prefix reads a number's prefix, and reports whether a digit (0) was read.
func (s *scanner) prefix() (base int, digits string, zero bool) {
	if !s.peek("0") {
		return 0, "0123456789_", false
	}
	s.accept("0")
	switch {
	case s.peek("bB"):
		s.accept("bB")
		return 0, "01_", true
	case s.peek("oO"):
		s.accept("oO")
		return 0, "01234567_", true
	case s.peek("xX"):
		s.accept("xX")
		return 0, "0123456789aAbBcCdDeEfF_", true
	}
	return 0, "01234567_", true
}

func (s *scanner) scanRune(bits int) int64 {
	s.notEOF()
	r := int64(s.read())
	if x := r << (64 - bits) >> (64 - bits); x != r {
		s.failText("overflow on character value " + string(rune(r)))
	}
	return r
}

func (s *scanner) scanInt(verb rune, bits int) int64 {
	if verb == 'c' {
		return s.scanRune(bits)
	}
	s.SkipSpace()
	s.notEOF()
	base, digits := s.baseOf(verb)
	haveDigits := false
	if verb == 'U' {
		if !s.acceptText("U+") {
			s.failText("bad unicode format ")
		}
	} else {
		s.accept("+-")
		if verb == 'v' {
			base, digits, haveDigits = s.prefix()
		}
	}
	token := s.integerToken(digits, haveDigits)
	i, err := strconv.ParseInt(token, base, 64)
	if err != nil {
		s.fail(err)
	}
	if i<<(64-bits)>>(64-bits) != i {
		s.failText("integer overflow on token " + token)
	}
	return i
}

func (s *scanner) scanUint(verb rune, bits int) uint64 {
	if verb == 'c' {
		return uint64(s.scanRune(bits))
	}
	s.SkipSpace()
	s.notEOF()
	base, digits := s.baseOf(verb)
	haveDigits := false
	if verb == 'U' {
		if !s.acceptText("U+") {
			s.failText("bad unicode format ")
		}
	} else if verb == 'v' {
		base, digits, haveDigits = s.prefix()
	}
	token := s.integerToken(digits, haveDigits)
	i, err := strconv.ParseUint(token, base, 64)
	if err != nil {
		s.fail(err)
	}
	if i<<(64-bits)>>(64-bits) != i {
		s.failText("unsigned integer overflow on token " + token)
	}
	return i
}

// acceptText skips the characters of text, without adding them to the token.
func (s *scanner) acceptText(text string) bool {
	for _, c := range text {
		if !s.accept(string(c)) {
			return false
		}
	}
	s.buf = s.buf[:0]
	return true
}

// floatToken reads what may be a floating-point number.
func (s *scanner) floatToken() string {
	s.buf = s.buf[:0]
	if s.accept("nN") && s.accept("aA") && s.accept("nN") {
		return string(s.buf)
	}
	s.accept("+-")
	if s.accept("iI") && s.accept("nN") && s.accept("fF") {
		return string(s.buf)
	}
	digits, exponent := "0123456789_", "eEpP"
	if s.accept("0") && s.accept("xX") {
		digits, exponent = "0123456789aAbBcCdDeEfF_", "pP"
	}
	for s.accept(digits) {
	}
	if s.accept(".") {
		for s.accept(digits) {
		}
	}
	if s.accept(exponent) {
		s.accept("+-")
		for s.accept("0123456789_") {
		}
	}
	return string(s.buf)
}

// toFloat converts a token; unlike strconv it knows a decimal mantissa with a binary exponent.
func (s *scanner) toFloat(token string, bits int) float64 {
	p := -1
	hex := false
	for i := range len(token) {
		switch token[i] {
		case 'p', 'P':
			if p < 0 {
				p = i
			}
		case 'x', 'X':
			hex = true
		}
	}
	if p >= 0 && !hex {
		f, err := strconv.ParseFloat(token[:p], bits)
		if err != nil {
			if e, ok := err.(*strconv.NumError); ok {
				e.Num = token
			}
			s.fail(err)
		}
		m, err := strconv.Atoi(token[p+1:])
		if err != nil {
			if e, ok := err.(*strconv.NumError); ok {
				e.Num = token
			}
			s.fail(err)
		}
		return math.Ldexp(f, m)
	}
	f, err := strconv.ParseFloat(token, bits)
	if err != nil {
		s.fail(err)
	}
	return f
}

const floatVerbs = "beEfFgGv"

func (s *scanner) scanFloat(verb rune, bits int) float64 {
	s.checkVerb(verb, floatVerbs, "float"+strconv.Itoa(bits))
	s.SkipSpace()
	s.notEOF()
	return s.toFloat(s.floatToken(), bits)
}

func (s *scanner) scanComplex(verb rune, bits int) complex128 {
	s.checkVerb(verb, floatVerbs, "complex")
	s.SkipSpace()
	s.notEOF()
	parens := s.accept("(")
	re := s.floatToken()
	s.buf = s.buf[:0]
	if !s.accept("+-") {
		s.failText("syntax error scanning complex number")
	}
	sign := string(s.buf)
	im := s.floatToken()
	if !s.accept("i") || parens && !s.accept(")") {
		s.failText("syntax error scanning complex number")
	}
	return complex(s.toFloat(re, bits/2), s.toFloat(sign+im, bits/2))
}

func (s *scanner) scanString(verb rune) string {
	s.checkVerb(verb, "svqxX", "string")
	s.SkipSpace()
	s.notEOF()
	switch verb {
	case 'q':
		return s.quotedToken()
	case 'x', 'X':
		return s.hexToken()
	}
	for {
		r := s.read()
		if r == eof {
			break
		}
		if isSpace(r) {
			s.UnreadRune()
			break
		}
		s.buf = utf8.AppendRune(s.buf, r)
	}
	return string(s.buf)
}

func (s *scanner) quotedToken() string {
	quote := s.read()
	switch quote {
	case '`':
		for {
			r := s.mustRead()
			if r == quote {
				return string(s.buf)
			}
			s.buf = utf8.AppendRune(s.buf, r)
		}
	case '"':
		s.buf = append(s.buf, '"')
		for {
			r := s.mustRead()
			s.buf = utf8.AppendRune(s.buf, r)
			if r == '\\' {
				s.buf = utf8.AppendRune(s.buf, s.mustRead())
			} else if r == '"' {
				break
			}
		}
		text, err := strconv.Unquote(string(s.buf))
		if err != nil {
			s.fail(err)
		}
		return text
	}
	s.failText("expected quoted string")
	return ""
}

func hexDigit(r rune) (int, bool) {
	switch {
	case '0' <= r && r <= '9':
		return int(r - '0'), true
	case 'a' <= r && r <= 'f':
		return int(r-'a') + 10, true
	case 'A' <= r && r <= 'F':
		return int(r-'A') + 10, true
	}
	return 0, false
}

func (s *scanner) hexToken() string {
	s.notEOF()
	for {
		r := s.read()
		if r == eof {
			break
		}
		high, ok := hexDigit(r)
		if !ok {
			s.UnreadRune()
			break
		}
		low, ok := hexDigit(s.mustRead())
		if !ok {
			s.failText("illegal hex digit")
		}
		s.buf = append(s.buf, byte(high<<4|low))
	}
	if len(s.buf) == 0 {
		s.failText("no hex data for %x string")
	}
	return string(s.buf)
}
