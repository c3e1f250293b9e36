package strings

// New strings from old: case, replacement, repetition, mapping.

import (
	"internal/unicode"
	"unicode/utf8"
	"unsafe"
)

// asString makes b a string without copying; b must not change any more.
func asString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// Clone returns a copy of s in memory of its own.
func Clone(s string) string {
	if s == "" {
		return ""
	}
	return string(append([]byte(nil), s...))
}

// ToUpper returns s in upper case.
func ToUpper(s string) string

// ToLower returns s in lower case.
func ToLower(s string) string

// ToTitle returns s in title case.
func ToTitle(s string) string { return Map(unicode.ToTitle, s) }

// ToUpperSpecial returns s in upper case, c's conversions first.
func ToUpperSpecial(c unicode.SpecialCase, s string) string { return Map(c.ToUpper, s) }

// ToLowerSpecial returns s in lower case, c's conversions first.
func ToLowerSpecial(c unicode.SpecialCase, s string) string { return Map(c.ToLower, s) }

// ToTitleSpecial returns s in title case, c's conversions first.
func ToTitleSpecial(c unicode.SpecialCase, s string) string { return Map(c.ToTitle, s) }

// Map returns s with each rune replaced by mapping's answer, or dropped where that is negative.
func Map(mapping func(rune) rune, s string) string {
	var b []byte
	changed := false
	for i, r := range s {
		m := mapping(r)
		if !changed {
			if m == r {
				if r != utf8.RuneError {
					continue
				}
				// An invalid byte becomes a proper U+FFFD, which is a change.
				if _, n := utf8.DecodeRuneInString(s[i:]); n != 1 {
					continue
				}
			}
			changed = true
			b = make([]byte, i, len(s)+utf8.UTFMax)
			copy(b, s)
		}
		switch {
		case 0 <= m && m < utf8.RuneSelf:
			b = append(b, byte(m))
		case m >= 0:
			b = utf8.AppendRune(b, m)
		}
	}
	if !changed {
		return s
	}
	return asString(b)
}

// Repeat returns count copies of s. It panics if count is negative or the result is too long.
func Repeat(s string, count int) string {
	switch {
	case count < 0:
		panic("strings: negative Repeat count")
	case count == 0 || s == "":
		return ""
	case count == 1:
		return s
	}
	if len(s) > int(^uint(0)>>1)/count {
		panic("strings: Repeat output length overflow")
	}
	n := len(s) * count
	b := make([]byte, n)
	// Each copy doubles what is filled.
	for filled := copy(b, s); filled < n; filled *= 2 {
		copy(b[filled:], b[:filled])
	}
	return asString(b)
}

// Replace returns s with the first n (all, if negative) olds replaced by new. An empty old stands before and after
// every rune.
func Replace(s, old, new string, n int) string {
	if old == new || n == 0 {
		return s
	}
	found := Count(s, old)
	if found == 0 {
		return s
	}
	if n < 0 || n > found {
		n = found
	}
	b := make([]byte, 0, len(s)+n*(len(new)-len(old)))
	done := 0
	for i := 0; i < n; i++ {
		at := done
		if old == "" {
			if i > 0 {
				_, size := utf8.DecodeRuneInString(s[done:])
				at += size
			}
		} else {
			at += Index(s[done:], old)
		}
		b = append(b, s[done:at]...)
		b = append(b, new...)
		done = at + len(old)
	}
	b = append(b, s[done:]...)
	return asString(b)
}

// ReplaceAll is Replace(s, old, new, -1).
func ReplaceAll(s, old, new string) string { return Replace(s, old, new, -1) }

// ToValidUTF8 returns s with each run of invalid bytes replaced.
func ToValidUTF8(s, replacement string) string {
	if utf8.ValidString(s) {
		return s
	}
	b := make([]byte, 0, len(s)+len(replacement))
	inRun := false
	for i := 0; i < len(s); {
		n := 1
		if s[i] >= utf8.RuneSelf {
			if _, n = utf8.DecodeRuneInString(s[i:]); n == 1 {
				if !inRun {
					b = append(b, replacement...)
				}
				inRun = true
				i++
				continue
			}
		}
		inRun = false
		b = append(b, s[i:i+n]...)
		i += n
	}
	return asString(b)
}

// separates reports whether a word may begin after r, as Title sees it.
func separates(r rune) bool {
	if r < utf8.RuneSelf {
		return !(unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_')
	}
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && unicode.IsSpace(r)
}

// Title returns s with the first letter of each word in title case.
//
// Deprecated: its idea of words is too simple for punctuation in Unicode.
func Title(s string) string {
	before := ' '
	return Map(func(r rune) rune {
		first := separates(before)
		before = r
		if first {
			return unicode.ToTitle(r)
		}
		return r
	}, s)
}
