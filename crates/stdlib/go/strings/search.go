// Package strings works on UTF-8 strings.
package strings

// Searching, comparing and cutting.

import (
	"internal/unicode"
	"unicode/utf8"
)

// Index returns where substr first stands in s, or -1.
func Index(s, substr string) int

// IndexByte returns where c first stands in s, or -1.
func IndexByte(s string, c byte) int

// LastIndex returns where substr last stands in s, or -1.
func LastIndex(s, substr string) int

// LastIndexByte returns where c last stands in s, or -1.
func LastIndexByte(s string, c byte) int

// Count returns how often substr stands in s without overlap; an empty one stands before and after every rune.
func Count(s, substr string) int

// Compare returns -1, 0 or +1 as a is before, equal to or after b in byte order.
func Compare(a, b string) int

// EqualFold reports whether s and t are equal under simple Unicode case folding.
func EqualFold(s, t string) bool {
	n := min(len(s), len(t))
	for i := 0; i < n; i++ {
		a, b := s[i], t[i]
		if a|b >= utf8.RuneSelf {
			return equalFold(s[i:], t[i:])
		}
		if a != b {
			if lower := a | 0x20; a^b != 0x20 || lower < 'a' || lower > 'z' {
				return false
			}
		}
	}
	return len(s) == len(t)
}

func equalFold(s, t string) bool

// Contains reports whether substr stands in s.
func Contains(s, substr string) bool { return Index(s, substr) >= 0 }

// ContainsAny reports whether one of the runes of chars stands in s.
func ContainsAny(s, chars string) bool { return IndexAny(s, chars) >= 0 }

// ContainsRune reports whether r stands in s.
func ContainsRune(s string, r rune) bool { return IndexRune(s, r) >= 0 }

// ContainsFunc reports whether f holds for a rune of s.
func ContainsFunc(s string, f func(rune) bool) bool { return IndexFunc(s, f) >= 0 }

// HasPrefix reports whether s begins with prefix.
func HasPrefix(s, prefix string) bool {
	return len(s) >= len(prefix) && s[:len(prefix)] == prefix
}

// HasSuffix reports whether s ends with suffix.
func HasSuffix(s, suffix string) bool {
	return len(s) >= len(suffix) && s[len(s)-len(suffix):] == suffix
}

// IndexRune returns where r first stands in s, or -1. U+FFFD is found in invalid UTF-8, too.
func IndexRune(s string, r rune) int {
	switch {
	case 0 <= r && r < utf8.RuneSelf:
		return IndexByte(s, byte(r))
	case r == utf8.RuneError:
		for i, c := range s {
			if c == utf8.RuneError {
				return i
			}
		}
		return -1
	case !utf8.ValidRune(r):
		return -1
	}
	return Index(s, string(r))
}

// ascii is a set of ASCII characters.
type ascii struct{ low, high uint64 }

// asciiSet returns the set of the characters of chars; ok is false if there are others.
func asciiSet(chars string) (set ascii, ok bool) {
	for i := 0; i < len(chars); i++ {
		switch c := chars[i]; {
		case c < 64:
			set.low |= 1 << c
		case c < utf8.RuneSelf:
			set.high |= 1 << (c - 64)
		default:
			return set, false
		}
	}
	return set, true
}

func (set ascii) has(c byte) bool {
	if c < 64 {
		return set.low>>c&1 != 0
	}
	return c < utf8.RuneSelf && set.high>>(c-64)&1 != 0
}

// IndexAny returns where a rune of chars first stands in s, or -1.
func IndexAny(s, chars string) int {
	if chars == "" {
		return -1
	}
	if len(chars) == 1 {
		r := rune(chars[0])
		if r >= utf8.RuneSelf {
			r = utf8.RuneError
		}
		return IndexRune(s, r)
	}
	if set, ok := asciiSet(chars); ok {
		for i := 0; i < len(s); i++ {
			if set.has(s[i]) {
				return i
			}
		}
		return -1
	}
	for i, r := range s {
		if IndexRune(chars, r) >= 0 {
			return i
		}
	}
	return -1
}

// LastIndexAny returns where a rune of chars last stands in s, or -1.
func LastIndexAny(s, chars string) int {
	if set, ok := asciiSet(chars); ok {
		for i := len(s) - 1; i >= 0; i-- {
			if set.has(s[i]) {
				return i
			}
		}
		return -1
	}
	for i := len(s); i > 0; {
		r, n := utf8.DecodeLastRuneInString(s[:i])
		i -= n
		if IndexRune(chars, r) >= 0 {
			return i
		}
	}
	return -1
}

// IndexFunc returns where a rune for which f holds first stands in s, or -1.
func IndexFunc(s string, f func(rune) bool) int {
	for i, r := range s {
		if f(r) {
			return i
		}
	}
	return -1
}

// LastIndexFunc returns where a rune for which f holds last stands in s, or -1.
func LastIndexFunc(s string, f func(rune) bool) int {
	for i := len(s); i > 0; {
		r, n := utf8.DecodeLastRuneInString(s[:i])
		i -= n
		if f(r) {
			return i
		}
	}
	return -1
}

// Cut returns what stands before and after the first sep in s; without one, s, "", false.
func Cut(s, sep string) (before, after string, found bool) {
	if i := Index(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// CutLast returns what stands before and after the last sep in s; without one, s, "", false.
func CutLast(s, sep string) (before, after string, found bool) {
	if i := LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// CutPrefix returns s without prefix, and whether s had it.
func CutPrefix(s, prefix string) (after string, found bool) {
	if HasPrefix(s, prefix) {
		return s[len(prefix):], true
	}
	return s, false
}

// CutSuffix returns s without suffix, and whether s had it.
func CutSuffix(s, suffix string) (before string, found bool) {
	if HasSuffix(s, suffix) {
		return s[:len(s)-len(suffix)], true
	}
	return s, false
}

// TrimPrefix returns s without prefix, if it has it.
func TrimPrefix(s, prefix string) string {
	if HasPrefix(s, prefix) {
		return s[len(prefix):]
	}
	return s
}

// TrimSuffix returns s without suffix, if it has it.
func TrimSuffix(s, suffix string) string {
	if HasSuffix(s, suffix) {
		return s[:len(s)-len(suffix)]
	}
	return s
}

// TrimSpace returns s without white space at its ends.
func TrimSpace(s string) string {
	from, to := 0, len(s)
	for from < to {
		c := s[from]
		if c >= utf8.RuneSelf {
			return TrimFunc(s[from:to], unicode.IsSpace)
		}
		if c != ' ' && (c < '\t' || c > '\r') {
			break
		}
		from++
	}
	for from < to {
		c := s[to-1]
		if c >= utf8.RuneSelf {
			return TrimRightFunc(s[from:to], unicode.IsSpace)
		}
		if c != ' ' && (c < '\t' || c > '\r') {
			break
		}
		to--
	}
	return s[from:to]
}

// TrimFunc returns s without the runes at its ends for which f holds.
func TrimFunc(s string, f func(rune) bool) string { return TrimRightFunc(TrimLeftFunc(s, f), f) }

// TrimLeftFunc returns s without the runes at its beginning for which f holds.
func TrimLeftFunc(s string, f func(rune) bool) string {
	for i, r := range s {
		if !f(r) {
			return s[i:]
		}
	}
	return ""
}

// TrimRightFunc returns s without the runes at its end for which f holds.
func TrimRightFunc(s string, f func(rune) bool) string {
	for i := len(s); i > 0; {
		r, n := utf8.DecodeLastRuneInString(s[:i])
		if !f(r) {
			return s[:i]
		}
		i -= n
	}
	return ""
}

// Trim returns s without the runes at its ends that stand in cutset.
func Trim(s, cutset string) string {
	if set, ok := asciiSet(cutset); ok {
		return set.trimRight(set.trimLeft(s))
	}
	return TrimRight(TrimLeft(s, cutset), cutset)
}

func (set ascii) trimLeft(s string) string {
	for i := 0; i < len(s); i++ {
		if !set.has(s[i]) {
			return s[i:]
		}
	}
	return ""
}

func (set ascii) trimRight(s string) string {
	for i := len(s); i > 0; i-- {
		if !set.has(s[i-1]) {
			return s[:i]
		}
	}
	return ""
}

// TrimLeft returns s without the runes at its beginning that stand in cutset.
func TrimLeft(s, cutset string) string {
	if set, ok := asciiSet(cutset); ok {
		return set.trimLeft(s)
	}
	for i, r := range s {
		if IndexRune(cutset, r) < 0 {
			return s[i:]
		}
	}
	return ""
}

// TrimRight returns s without the runes at its end that stand in cutset.
func TrimRight(s, cutset string) string {
	if set, ok := asciiSet(cutset); ok {
		return set.trimRight(s)
	}
	for s != "" {
		r, n := utf8.DecodeLastRuneInString(s)
		if IndexRune(cutset, r) < 0 {
			break
		}
		s = s[:len(s)-n]
	}
	return s
}
