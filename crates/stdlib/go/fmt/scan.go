package fmt

import (
	"errors"
	"io"
	"os"
	"reflect"
	"unicode/utf8"
)

// ScanState is what a Scanner gets to read from.
type ScanState interface {
	// ReadRune reads a character. In Scanln and its like it gives io.EOF after a newline, always after the width.
	ReadRune() (r rune, size int, err error)
	// UnreadRune makes the next ReadRune return the same character.
	UnreadRune() error
	// SkipSpace skips white space.
	SkipSpace()
	// Token skips space if asked to, then returns the characters up to the first that does not satisfy f (nil: that is
	// no space). The result is valid until the next call.
	Token(skipSpace bool, f func(rune) bool) (token []byte, err error)
	// Width is the verb's width, if it has one.
	Width() (wid int, ok bool)
	// Read is not to be called.
	Read(buf []byte) (n int, err error)
}

// Scanner reads its own text.
type Scanner interface {
	Scan(state ScanState, verb rune) error
}

// Scan reads from standard input values separated by white space.
func Scan(a ...any) (n int, err error) { return Fscan(os.Stdin, a...) }

// Scanln is Scan that stops at a newline, which must follow the last value.
func Scanln(a ...any) (n int, err error) { return Fscanln(os.Stdin, a...) }

// Scanf reads from standard input as the format says.
func Scanf(format string, a ...any) (n int, err error) { return Fscanf(os.Stdin, format, a...) }

// stringReader reads a string.
type stringReader string

func (r *stringReader) Read(b []byte) (n int, err error) {
	n = copy(b, *r)
	*r = (*r)[n:]
	if n == 0 {
		err = io.EOF
	}
	return n, err
}

// Sscan is Scan from a string.
func Sscan(str string, a ...any) (n int, err error) { return Fscan((*stringReader)(&str), a...) }

// Sscanln is Scanln from a string.
func Sscanln(str string, a ...any) (n int, err error) { return Fscanln((*stringReader)(&str), a...) }

// Sscanf is Scanf from a string.
func Sscanf(str string, format string, a ...any) (n int, err error) {
	return Fscanf((*stringReader)(&str), format, a...)
}

// Fscan is Scan from r. Unless r is an io.RuneScanner, one character after the last value may be lost.
func Fscan(r io.Reader, a ...any) (n int, err error) {
	s := newScanner(r, true, false)
	n, err = s.scan(a)
	s.release()
	return n, err
}

// Fscanln is Scanln from r.
func Fscanln(r io.Reader, a ...any) (n int, err error) {
	s := newScanner(r, false, true)
	n, err = s.scan(a)
	s.release()
	return n, err
}

// Fscanf is Scanf from r.
func Fscanf(r io.Reader, format string, a ...any) (n int, err error) {
	s := newScanner(r, false, false)
	n, err = s.scanf(format, a)
	s.release()
	return n, err
}

// eof is what read returns at the end.
const eof = -1

const unlimited = 1 << 30

// scanner is the state of one call of Scan.
type scanner struct {
	rs             io.RuneScanner
	buf            []byte // the current token
	count          int    // characters read
	limit          int    // count may not exceed it
	verbLimit      int    // as the verb's width says
	maxWidth       int
	atEOF          bool
	newlineIsSpace bool
	newlineIsEnd   bool
	nested         *scanner // this Scan was called by a Scanner of that one
}

// scanError carries an error to the call of Scan.
type scanError struct{ err error }

// scanf may have been called, by a Scanner, on a ScanState: then its position goes on, with new rules for newlines.
func newScanner(r io.Reader, newlineIsSpace, newlineIsEnd bool) *scanner {
	s := &scanner{limit: unlimited, verbLimit: unlimited, maxWidth: unlimited, newlineIsSpace: newlineIsSpace, newlineIsEnd: newlineIsEnd}
	if outer, ok := r.(*scanner); ok {
		s.nested = outer
		s.rs = outer.rs
		s.limit, s.verbLimit = outer.limit-outer.count, outer.limit-outer.count
		return s
	}
	if rs, ok := r.(io.RuneScanner); ok {
		s.rs = rs
	} else {
		s.rs = &runeReader{reader: r, peeked: -1}
	}
	return s
}

func (s *scanner) release() {
	if s.nested != nil {
		s.nested.count += s.count
	}
	if r, ok := s.rs.(*runeReader); ok && s.nested == nil {
		r.giveBack()
	}
}

// runeReader reads characters from a reader byte by byte, since it must not read ahead.
type runeReader struct {
	reader  io.Reader
	buf     [utf8.UTFMax]byte
	pending int // bytes in buf that were read but belong to no character yet
	last    rune
	peeked  rune // a character that was unread, or -1
	one     [1]byte
}

func (r *runeReader) giveBack() {
	if r.peeked >= 0 {
		if seeker, ok := r.reader.(*stringReader); ok {
			*seeker = stringReader(string(r.peeked)) + *seeker
		}
	}
}

func (r *runeReader) readByte() (byte, error) {
	n, err := io.ReadFull(r.reader, r.one[:])
	if n != 1 {
		return 0, err
	}
	return r.one[0], nil
}

func (r *runeReader) ReadRune() (c rune, size int, err error) {
	if r.peeked >= 0 {
		c = r.peeked
		r.peeked = -1
		return c, utf8.RuneLen(c), nil
	}
	if r.pending == 0 {
		b, err := r.readByte()
		if err != nil {
			return 0, 0, err
		}
		if b < utf8.RuneSelf {
			r.last = rune(b)
			return r.last, 1, nil
		}
		r.buf[0], r.pending = b, 1
	}
	for r.pending < utf8.UTFMax && !utf8.FullRune(r.buf[:r.pending]) {
		b, err := r.readByte()
		if err != nil {
			if err == io.EOF {
				break
			}
			return 0, 0, err
		}
		r.buf[r.pending] = b
		r.pending++
	}
	c, size = utf8.DecodeRune(r.buf[:r.pending])
	copy(r.buf[:], r.buf[size:r.pending])
	r.pending -= size
	r.last = c
	return c, size, nil
}

func (r *runeReader) UnreadRune() error {
	if r.peeked >= 0 {
		return errors.New("fmt: scanning called UnreadRune with no rune available")
	}
	r.peeked = r.last
	return nil
}

func (s *scanner) Read(buf []byte) (n int, err error) {
	return 0, errors.New("ScanState's Read should not be called. Use ReadRune")
}

func (s *scanner) ReadRune() (r rune, size int, err error) {
	if s.atEOF || s.count >= s.verbLimit {
		return 0, 0, io.EOF
	}
	r, size, err = s.rs.ReadRune()
	if err == nil {
		s.count++
		if s.newlineIsEnd && r == '\n' {
			s.atEOF = true
		}
	} else if err == io.EOF {
		s.atEOF = true
	}
	return r, size, err
}

func (s *scanner) UnreadRune() error {
	s.rs.UnreadRune()
	s.atEOF = false
	s.count--
	return nil
}

func (s *scanner) Width() (wid int, ok bool) {
	if s.maxWidth == unlimited {
		return 0, false
	}
	return s.maxWidth, true
}

func (s *scanner) SkipSpace() {
	for {
		r := s.read()
		switch {
		case r == eof:
			return
		case r == '\r' && s.peek("\n"):
		case r == '\n':
			if !s.newlineIsSpace {
				s.failText("unexpected newline")
			}
		case !isSpace(r):
			s.UnreadRune()
			return
		}
	}
}

func (s *scanner) Token(skipSpace bool, f func(rune) bool) (tok []byte, err error) {
	defer catchScan(&err)
	if f == nil {
		f = notSpace
	}
	s.buf = s.buf[:0]
	if skipSpace {
		s.SkipSpace()
	}
	for {
		r := s.read()
		if r == eof {
			break
		}
		if !f(r) {
			s.UnreadRune()
			break
		}
		s.buf = utf8.AppendRune(s.buf, r)
	}
	return s.buf, nil
}

// isSpace is unicode.IsSpace without the tables.
func isSpace(r rune) bool {
	switch {
	case r < 0x100:
		return r == ' ' || '\t' <= r && r <= '\r' || r == 0x85 || r == 0xa0
	case 0x2000 <= r && r <= 0x200a:
		return true
	}
	return r == 0x1680 || r == 0x2028 || r == 0x2029 || r == 0x202f || r == 0x205f || r == 0x3000
}

func notSpace(r rune) bool { return !isSpace(r) }

func (s *scanner) fail(err error)       { panic(scanError{err}) }
func (s *scanner) failText(text string) { panic(scanError{errors.New(text)}) }

// catchScan turns the panic of fail into an error.
func catchScan(errp *error) {
	if e := recover(); e != nil {
		if se, ok := e.(scanError); ok {
			*errp = se.err
		} else if err, ok := e.(error); ok && err == io.EOF {
			*errp = err
		} else {
			panic(e)
		}
	}
}

// read returns the next character, or eof.
func (s *scanner) read() rune {
	r, _, err := s.ReadRune()
	if err != nil {
		if err == io.EOF {
			return eof
		}
		s.fail(err)
	}
	return r
}

// mustRead returns the next character, which must exist.
func (s *scanner) mustRead() rune {
	r := s.read()
	if r == eof {
		s.fail(io.ErrUnexpectedEOF)
	}
	return r
}

// notEOF fails with io.EOF at the end of the input.
func (s *scanner) notEOF() {
	if s.read() == eof {
		panic(io.EOF)
	}
	s.UnreadRune()
}

func contains(set string, r rune) bool {
	for _, c := range set {
		if c == r {
			return true
		}
	}
	return false
}

// accept adds the next character to the token if it is in set.
func (s *scanner) accept(set string) bool {
	r := s.read()
	if r == eof {
		return false
	}
	if contains(set, r) {
		s.buf = utf8.AppendRune(s.buf, r)
		return true
	}
	s.UnreadRune()
	return false
}

// peek reports whether the next character is in set.
func (s *scanner) peek(set string) bool {
	r := s.read()
	if r != eof {
		s.UnreadRune()
	}
	return r != eof && contains(set, r)
}

// one scans one value.
func (s *scanner) one(verb rune, arg any) {
	s.buf = s.buf[:0]
	if v, ok := arg.(Scanner); ok {
		if err := v.Scan(s, verb); err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			s.fail(err)
		}
		return
	}
	switch v := arg.(type) {
	case *int:
		*v = int(s.scanInt(verb, 64))
	case *string:
		*v = s.scanString(verb)
	case *float64:
		*v = s.scanFloat(verb, 64)
	case *[]byte:
		*v = []byte(s.scanString(verb))
	default:
		s.oneReflected(verb, arg)
	}
}

func (s *scanner) oneReflected(verb rune, arg any) {
	ptr := reflect.ValueOf(arg)
	if ptr.Kind() != reflect.Pointer {
		s.failText("type not a pointer: " + ptr.Type().String())
	}
	v := ptr.Elem()
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(s.scanBool(verb))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(s.scanInt(verb, v.Type().Bits()))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		v.SetUint(s.scanUint(verb, v.Type().Bits()))
	case reflect.String:
		v.SetString(s.scanString(verb))
	case reflect.Slice:
		if v.Type().Elem().Kind() != reflect.Uint8 {
			s.failText("can't scan type: " + ptr.Type().String())
		}
		text := s.scanString(verb)
		v.Set(reflect.MakeSlice(v.Type(), len(text), len(text)))
		for i := range len(text) {
			v.Index(i).SetUint(uint64(text[i]))
		}
	case reflect.Float32, reflect.Float64:
		v.SetFloat(s.scanFloat(verb, v.Type().Bits()))
	case reflect.Complex64, reflect.Complex128:
		v.SetComplex(s.scanComplex(verb, v.Type().Bits()))
	default:
		s.failText("can't scan type: " + ptr.Type().String())
	}
}

func (s *scanner) scan(a []any) (done int, err error) {
	defer catchScan(&err)
	for _, v := range a {
		s.one('v', v)
		done++
	}
	if s.newlineIsEnd {
		for {
			r := s.read()
			if r == '\n' || r == eof {
				break
			}
			if !isSpace(r) {
				s.failText("expected newline")
			}
		}
	}
	return done, nil
}

// advance matches the input with the format up to the next verb and returns how much of the format that is: -1 when the
// input does not match.
func (s *scanner) advance(format string) (i int) {
	for i < len(format) {
		c, w := utf8.DecodeRuneInString(format[i:])
		if isSpace(c) {
			// A run of spaces: newlines in it match newlines, each after any spaces; spaces match any number.
			newlines := 0
			trailing := false
			for isSpace(c) && i < len(format) {
				if c == '\n' {
					newlines++
					trailing = false
				} else {
					trailing = true
				}
				i += w
				c, w = utf8.DecodeRuneInString(format[i:])
			}
			for range newlines {
				r := s.read()
				for isSpace(r) && r != '\n' {
					r = s.read()
				}
				if r != '\n' && r != eof {
					s.failText("newline in format does not match input")
				}
			}
			if trailing {
				r := s.read()
				if newlines == 0 {
					// After a word a space in the format wants one in the input, or its end.
					if !isSpace(r) && r != eof {
						s.failText("expected space in input to match format")
					}
					if r == '\n' {
						s.failText("newline in input does not match format")
					}
				}
				for isSpace(r) && r != '\n' {
					r = s.read()
				}
				if r != eof {
					s.UnreadRune()
				}
			}
			continue
		}
		if c == '%' {
			if i+w == len(format) {
				s.failText("missing verb: % at end of format string")
			}
			if next, _ := utf8.DecodeRuneInString(format[i+w:]); next != '%' {
				return i
			}
			i += w
			s.SkipSpace()
			if s.mustRead() != '%' {
				s.UnreadRune()
				s.failText("missing literal %")
			}
			i++
			continue
		}
		if s.mustRead() != c {
			s.UnreadRune()
			return -1
		}
		i += w
	}
	return i
}

func (s *scanner) scanf(format string, a []any) (done int, err error) {
	defer catchScan(&err)
	end := len(format) - 1
	for i := 0; i <= end; {
		w := s.advance(format[i:])
		if w > 0 {
			i += w
			continue
		}
		if w < 0 {
			s.failText("input does not match format")
		}
		// Either the verb or the end.
		if format[i] != '%' {
			break
		}
		i++
		var hasWidth bool
		s.maxWidth, hasWidth, i = number(format, i, len(format))
		if !hasWidth {
			s.maxWidth = unlimited
		}
		c, size := utf8.DecodeRuneInString(format[i:])
		i += size
		if c != 'c' {
			s.SkipSpace()
		}
		if c == '%' {
			s.percent()
			continue
		}
		s.verbLimit = s.limit
		if limit := s.count + s.maxWidth; limit < s.verbLimit {
			s.verbLimit = limit
		}
		if done >= len(a) {
			s.failText("too few operands for format '%" + format[i-size:] + "'")
		}
		s.one(c, a[done])
		done++
		s.verbLimit = s.limit
	}
	if done < len(a) {
		s.failText("too many operands")
	}
	return done, nil
}

// percent matches a percent sign.
func (s *scanner) percent() {
	s.SkipSpace()
	s.notEOF()
	if !s.accept("%") {
		s.failText("missing literal %")
	}
}
