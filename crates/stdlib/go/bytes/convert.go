package bytes

// New slices from old: case, replacement, repetition, mapping.

import (
	"internal/unicode"
	"strings"
	"unicode/utf8"
)

// Clone returns a copy of b; nil for nil.
func Clone(b []byte) []byte {
	if b == nil {
		return nil
	}
	return append([]byte{}, b...)
}

// Runes returns the runes of s.
func Runes(s []byte) []rune { return []rune(view(s)) }

// fresh returns t as a slice that may be changed, where t may share s's memory.
func fresh(t string) []byte { return append([]byte{}, t...) }

// ToUpper returns a copy of s in upper case.
func ToUpper(s []byte) []byte { return fresh(strings.ToUpper(view(s))) }

// ToLower returns a copy of s in lower case.
func ToLower(s []byte) []byte { return fresh(strings.ToLower(view(s))) }

// ToTitle returns a copy of s in title case.
func ToTitle(s []byte) []byte { return Map(unicode.ToTitle, s) }

// ToUpperSpecial returns a copy of s in upper case, c's conversions first.
func ToUpperSpecial(c unicode.SpecialCase, s []byte) []byte { return Map(c.ToUpper, s) }

// ToLowerSpecial returns a copy of s in lower case, c's conversions first.
func ToLowerSpecial(c unicode.SpecialCase, s []byte) []byte { return Map(c.ToLower, s) }

// ToTitleSpecial returns a copy of s in title case, c's conversions first.
func ToTitleSpecial(c unicode.SpecialCase, s []byte) []byte { return Map(c.ToTitle, s) }

// Title returns a copy of s with the first letter of each word in title case.
//
// Deprecated: its idea of words is too simple for punctuation in Unicode.
func Title(s []byte) []byte { return fresh(strings.Title(view(s))) }

// Map returns a copy of s with each rune replaced by mapping's answer, or dropped where that is negative.
func Map(mapping func(r rune) rune, s []byte) []byte {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		r, n := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRune(s[i:])
		}
		if m := mapping(r); m >= 0 {
			b = utf8.AppendRune(b, m)
		}
		i += n
	}
	return b
}

// Repeat returns count copies of b. It panics if count is negative or the result is too long.
func Repeat(b []byte, count int) []byte {
	if count == 0 {
		return []byte{}
	}
	if count < 0 {
		panic("bytes: negative Repeat count")
	}
	if len(b) > int(^uint(0)>>1)/count {
		panic("bytes: Repeat output length overflow")
	}
	n := len(b) * count
	if n == 0 {
		return []byte{}
	}
	r := make([]byte, n)
	// Each copy doubles what is filled.
	for filled := copy(r, b); filled < n; filled *= 2 {
		copy(r[filled:], r[:filled])
	}
	return r
}

// Replace returns a copy of s with the first n (all, if negative) olds replaced by new. An empty old stands before
// and after every rune.
func Replace(s, old, new []byte, n int) []byte {
	found := 0
	if n != 0 {
		found = Count(s, old)
	}
	if found == 0 {
		return append([]byte(nil), s...)
	}
	if n < 0 || n > found {
		n = found
	}
	b := make([]byte, 0, len(s)+n*(len(new)-len(old)))
	done := 0
	for i := 0; i < n; i++ {
		at := done
		if len(old) == 0 {
			if i > 0 {
				_, size := utf8.DecodeRune(s[done:])
				at += size
			}
		} else {
			at += Index(s[done:], old)
		}
		b = append(b, s[done:at]...)
		b = append(b, new...)
		done = at + len(old)
	}
	return append(b, s[done:]...)
}

// ReplaceAll is Replace(s, old, new, -1).
func ReplaceAll(s, old, new []byte) []byte { return Replace(s, old, new, -1) }

// ToValidUTF8 returns a copy of s with each run of invalid bytes replaced.
func ToValidUTF8(s, replacement []byte) []byte {
	return fresh(strings.ToValidUTF8(view(s), view(replacement)))
}
