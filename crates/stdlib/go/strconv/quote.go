package strconv

// Quoting and unquoting of Go literals.

import (
	"internal/unicode"
	"unicode/utf8"
)

// IsPrint reports whether r is printable: a letter, mark, number, punctuation, symbol or the ASCII space.
func IsPrint(r rune) bool { return unicode.IsPrint(r) }

// IsGraphic is IsPrint with all spaces of Unicode's category Zs.
func IsGraphic(r rune) bool { return unicode.IsGraphic(r) }

// Which runes a quoted text shows as they are.
type shown int

const (
	printable shown = iota
	ascii
	graphic
)

// plain reports whether the byte can stand in a text between such quotes as it is.
func plain(c, quote byte) bool {
	return ' ' <= c && c < 0x7F && c != quote && c != '\\'
}

func appendQuoted(buf []byte, s string, quote byte, show shown) []byte {
	buf = append(buf, quote)
	done := 0
	for i := 0; i < len(s); {
		c := s[i]
		if plain(c, quote) {
			i++
			continue
		}
		buf = append(buf, s[done:i]...)
		r, n := rune(c), 1
		if c >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s[i:])
			if n == 1 {
				buf = append(buf, '\\', 'x', lowerDigits[c>>4], lowerDigits[c&0xF])
				i++
				done = i
				continue
			}
		}
		buf = appendRune(buf, r, quote, show)
		i += n
		done = i
	}
	buf = append(buf, s[done:]...)
	return append(buf, quote)
}

// appendRune appends r, escaped if need be.
func appendRune(buf []byte, r rune, quote byte, show shown) []byte {
	if r == rune(quote) || r == '\\' {
		return append(buf, '\\', byte(r))
	}
	switch {
	case r < utf8.RuneSelf:
		if ' ' <= r && r < 0x7F {
			return append(buf, byte(r))
		}
	case show == ascii:
	case unicode.IsPrint(r), show == graphic && unicode.IsGraphic(r):
		return utf8.AppendRune(buf, r)
	}
	switch r {
	case '\a':
		return append(buf, `\a`...)
	case '\b':
		return append(buf, `\b`...)
	case '\f':
		return append(buf, `\f`...)
	case '\n':
		return append(buf, `\n`...)
	case '\r':
		return append(buf, `\r`...)
	case '\t':
		return append(buf, `\t`...)
	case '\v':
		return append(buf, `\v`...)
	}
	digits := 8
	switch {
	case r < ' ' || r == 0x7F:
		buf = append(buf, `\x`...)
		digits = 2
	case r < 0x10000:
		buf = append(buf, `\u`...)
		digits = 4
	default:
		buf = append(buf, `\U`...)
	}
	for shift := digits*4 - 4; shift >= 0; shift -= 4 {
		buf = append(buf, lowerDigits[r>>uint(shift)&0xF])
	}
	return buf
}

func appendQuotedRune(buf []byte, r rune, show shown) []byte {
	if !utf8.ValidRune(r) {
		r = utf8.RuneError
	}
	buf = append(buf, '\'')
	buf = appendRune(buf, r, '\'', show)
	return append(buf, '\'')
}

func quoted(s string, show shown) string {
	return string(appendQuoted(make([]byte, 0, len(s)+len(s)/2+2), s, '"', show))
}

// Quote returns s as a Go string literal with escapes for control and non-printable characters.
func Quote(s string) string { return quoted(s, printable) }

// AppendQuote appends Quote(s).
func AppendQuote(dst []byte, s string) []byte { return appendQuoted(dst, s, '"', printable) }

// QuoteToASCII is Quote with escapes for all that is not ASCII.
func QuoteToASCII(s string) string { return quoted(s, ascii) }

// AppendQuoteToASCII appends QuoteToASCII(s).
func AppendQuoteToASCII(dst []byte, s string) []byte { return appendQuoted(dst, s, '"', ascii) }

// QuoteToGraphic is Quote that leaves all graphic characters as they are.
func QuoteToGraphic(s string) string { return quoted(s, graphic) }

// AppendQuoteToGraphic appends QuoteToGraphic(s).
func AppendQuoteToGraphic(dst []byte, s string) []byte { return appendQuoted(dst, s, '"', graphic) }

// QuoteRune returns r as a Go rune literal; an invalid one becomes U+FFFD.
func QuoteRune(r rune) string { return string(appendQuotedRune(nil, r, printable)) }

// AppendQuoteRune appends QuoteRune(r).
func AppendQuoteRune(dst []byte, r rune) []byte { return appendQuotedRune(dst, r, printable) }

// QuoteRuneToASCII is QuoteRune with an escape for what is not ASCII.
func QuoteRuneToASCII(r rune) string { return string(appendQuotedRune(nil, r, ascii)) }

// AppendQuoteRuneToASCII appends QuoteRuneToASCII(r).
func AppendQuoteRuneToASCII(dst []byte, r rune) []byte { return appendQuotedRune(dst, r, ascii) }

// QuoteRuneToGraphic is QuoteRune that leaves a graphic character as it is.
func QuoteRuneToGraphic(r rune) string { return string(appendQuotedRune(nil, r, graphic)) }

// AppendQuoteRuneToGraphic appends QuoteRuneToGraphic(r).
func AppendQuoteRuneToGraphic(dst []byte, r rune) []byte { return appendQuotedRune(dst, r, graphic) }

// CanBackquote reports whether s can be a raw string on one line: valid UTF-8, no back quote, no control character
// but the tab, no byte order mark.
func CanBackquote(s string) bool {
	for i, r := range s {
		switch {
		case r < ' ' && r != '\t', r == '`', r == 0x7F, r == '\uFEFF':
			return false
		case r == utf8.RuneError:
			if _, n := utf8.DecodeRuneInString(s[i:]); n == 1 {
				return false
			}
		}
	}
	return true
}

func hexDigit(c byte) (rune, bool) {
	switch {
	case '0' <= c && c <= '9':
		return rune(c - '0'), true
	case 'a' <= c && c <= 'f':
		return rune(c-'a') + 10, true
	case 'A' <= c && c <= 'F':
		return rune(c-'A') + 10, true
	}
	return 0, false
}

// UnquoteChar decodes the first character or escape of s, which stands between such quotes (0: both quotes may be
// escaped and stand unescaped). multibyte says whether the value needs more than one byte in UTF-8.
func UnquoteChar(s string, quote byte) (value rune, multibyte bool, tail string, err error) {
	if s == "" {
		return 0, false, "", ErrSyntax
	}
	c := s[0]
	switch {
	case c == quote && (quote == '\'' || quote == '"'):
		return 0, false, "", ErrSyntax
	case c >= utf8.RuneSelf:
		r, n := utf8.DecodeRuneInString(s)
		return r, true, s[n:], nil
	case c != '\\':
		return rune(c), false, s[1:], nil
	}
	if len(s) < 2 {
		return 0, false, "", ErrSyntax
	}
	c, s = s[1], s[2:]
	switch c {
	case 'a':
		value = '\a'
	case 'b':
		value = '\b'
	case 'f':
		value = '\f'
	case 'n':
		value = '\n'
	case 'r':
		value = '\r'
	case 't':
		value = '\t'
	case 'v':
		value = '\v'
	case '\\':
		value = '\\'
	case '\'', '"':
		if c != quote {
			return 0, false, "", ErrSyntax
		}
		value = rune(c)
	case 'x', 'u', 'U':
		n := 2
		if c == 'u' {
			n = 4
		} else if c == 'U' {
			n = 8
		}
		if len(s) < n {
			return 0, false, "", ErrSyntax
		}
		for i := 0; i < n; i++ {
			digit, ok := hexDigit(s[i])
			if !ok {
				return 0, false, "", ErrSyntax
			}
			value = value<<4 | digit
		}
		s = s[n:]
		if c != 'x' {
			if !utf8.ValidRune(value) {
				return 0, false, "", ErrSyntax
			}
			multibyte = true
		}
	case '0', '1', '2', '3', '4', '5', '6', '7':
		if len(s) < 2 {
			return 0, false, "", ErrSyntax
		}
		value = rune(c - '0')
		for i := 0; i < 2; i++ {
			if s[i] < '0' || s[i] > '7' {
				return 0, false, "", ErrSyntax
			}
			value = value<<3 | rune(s[i]-'0')
		}
		if value > 255 {
			return 0, false, "", ErrSyntax
		}
		s = s[2:]
	default:
		return 0, false, "", ErrSyntax
	}
	return value, multibyte, s, nil
}

func indexByte(s string, c byte) int {
	for i := 0; i < len(s); i++ {
		if s[i] == c {
			return i
		}
	}
	return -1
}

// literal reads the string or rune literal at the start of s; text is its value (if wanted), n its length.
func literal(s string, wanted bool) (text string, n int, ok bool) {
	if len(s) < 2 {
		return "", 0, false
	}
	quote := s[0]
	switch quote {
	case '`':
		end := indexByte(s[1:], '`')
		if end < 0 {
			return "", 0, false
		}
		text = s[1 : 1+end]
		if wanted && indexByte(text, '\r') >= 0 {
			b := make([]byte, 0, len(text))
			for i := 0; i < len(text); i++ {
				if text[i] != '\r' {
					b = append(b, text[i])
				}
			}
			text = string(b)
		}
		return text, end + 2, true
	case '"', '\'':
		// Mostly nothing is escaped, and the value is a part of s.
		i := 1
		for i < len(s) && plain(s[i], quote) {
			i++
		}
		if i < len(s) && s[i] == quote && quote == '"' {
			return s[1:i], i + 1, true
		}
		if quote == '\'' {
			i = 1
		}
		var b []byte
		if wanted {
			b = append(b, s[1:i]...)
		}
		rest := s[i:]
		for rest != "" && rest[0] != quote {
			if rest[0] == '\n' {
				return "", 0, false
			}
			r, multibyte, tail, err := UnquoteChar(rest, quote)
			if err != nil {
				return "", 0, false
			}
			rest = tail
			if wanted {
				if multibyte {
					b = utf8.AppendRune(b, r)
				} else {
					b = append(b, byte(r))
				}
			}
			if quote == '\'' {
				break
			}
		}
		if rest == "" || rest[0] != quote {
			return "", 0, false
		}
		return string(b), len(s) - len(rest) + 1, true
	}
	return "", 0, false
}

// QuotedPrefix returns the string or rune literal at the start of s.
func QuotedPrefix(s string) (string, error) {
	_, n, ok := literal(s, false)
	if !ok {
		return "", ErrSyntax
	}
	return s[:n], nil
}

// Unquote returns the value of the string or rune literal s.
func Unquote(s string) (string, error) {
	text, n, ok := literal(s, true)
	if !ok || n != len(s) {
		return "", ErrSyntax
	}
	return text, nil
}
