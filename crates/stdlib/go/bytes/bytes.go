// Package bytes works on slices of bytes as strings works on strings.
package bytes

// Searching, comparing, cutting and trimming. What returns places looks at the bytes as a string and leaves the work to
// package strings; what returns slices does so with the capacities and nils that the standard library has.

import (
	"internal/unicode"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// view returns b as a string without copying, to be dropped before b changes.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// Equal reports whether a and b have the same bytes.
func Equal(a, b []byte) bool { return view(a) == view(b) }

// Compare returns -1, 0 or +1 as a is before, equal to or after b in byte order.
func Compare(a, b []byte) int

// Index returns where sep first stands in s, or -1.
func Index(s, sep []byte) int

// IndexByte returns where c first stands in b, or -1.
func IndexByte(b []byte, c byte) int

// LastIndex returns where sep last stands in s, or -1.
func LastIndex(s, sep []byte) int

// LastIndexByte returns where c last stands in s, or -1.
func LastIndexByte(s []byte, c byte) int

// Count returns how often sep stands in s without overlap; an empty one stands before and after every rune.
func Count(s, sep []byte) int

// EqualFold reports whether s and t are equal under simple Unicode case folding.
func EqualFold(s, t []byte) bool { return strings.EqualFold(view(s), view(t)) }

// Contains reports whether subslice stands in b.
func Contains(b, subslice []byte) bool { return Index(b, subslice) >= 0 }

// ContainsAny reports whether one of the runes of chars stands in b.
func ContainsAny(b []byte, chars string) bool { return IndexAny(b, chars) >= 0 }

// ContainsRune reports whether r stands in b.
func ContainsRune(b []byte, r rune) bool { return IndexRune(b, r) >= 0 }

// ContainsFunc reports whether f holds for a rune of b.
func ContainsFunc(b []byte, f func(rune) bool) bool { return IndexFunc(b, f) >= 0 }

// HasPrefix reports whether s begins with prefix.
func HasPrefix(s, prefix []byte) bool {
	return len(s) >= len(prefix) && Equal(s[:len(prefix)], prefix)
}

// HasSuffix reports whether s ends with suffix.
func HasSuffix(s, suffix []byte) bool {
	return len(s) >= len(suffix) && Equal(s[len(s)-len(suffix):], suffix)
}

// IndexRune returns where r first stands in s, or -1. U+FFFD is found in invalid UTF-8, too.
func IndexRune(s []byte, r rune) int { return strings.IndexRune(view(s), r) }

// IndexAny returns where a rune of chars first stands in s, or -1.
func IndexAny(s []byte, chars string) int { return strings.IndexAny(view(s), chars) }

// LastIndexAny returns where a rune of chars last stands in s, or -1.
func LastIndexAny(s []byte, chars string) int { return strings.LastIndexAny(view(s), chars) }

// IndexFunc returns where a rune for which f holds first stands in s, or -1.
func IndexFunc(s []byte, f func(r rune) bool) int {
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRune(s[i:])
		if f(r) {
			return i
		}
		i += n
	}
	return -1
}

// LastIndexFunc returns where a rune for which f holds last stands in s, or -1.
func LastIndexFunc(s []byte, f func(r rune) bool) int {
	for i := len(s); i > 0; {
		r, n := utf8.DecodeLastRune(s[:i])
		i -= n
		if f(r) {
			return i
		}
	}
	return -1
}

// Cut returns what stands before and after the first sep in s; without one, s, nil, false.
func Cut(s, sep []byte) (before, after []byte, found bool) {
	if i := Index(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, nil, false
}

// CutLast returns what stands before and after the last sep in s; without one, s, nil, false.
func CutLast(s, sep []byte) (before, after []byte, found bool) {
	if i := LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, nil, false
}

// CutPrefix returns s without prefix, and whether s had it.
func CutPrefix(s, prefix []byte) (after []byte, found bool) {
	if HasPrefix(s, prefix) {
		return s[len(prefix):], true
	}
	return s, false
}

// CutSuffix returns s without suffix, and whether s had it.
func CutSuffix(s, suffix []byte) (before []byte, found bool) {
	if HasSuffix(s, suffix) {
		return s[:len(s)-len(suffix)], true
	}
	return s, false
}

// TrimPrefix returns s without prefix, if it has it.
func TrimPrefix(s, prefix []byte) []byte {
	s, _ = CutPrefix(s, prefix)
	return s
}

// TrimSuffix returns s without suffix, if it has it.
func TrimSuffix(s, suffix []byte) []byte {
	s, _ = CutSuffix(s, suffix)
	return s
}

// TrimSpace returns s without white space at its ends; nil if nothing else is in it.
func TrimSpace(s []byte) []byte {
	left := strings.TrimLeftFunc(view(s), unicode.IsSpace)
	if left == "" {
		return nil
	}
	from := len(s) - len(left)
	return s[from : from+len(strings.TrimRightFunc(left, unicode.IsSpace))]
}

// TrimFunc returns s without the runes at its ends for which f holds.
func TrimFunc(s []byte, f func(r rune) bool) []byte { return TrimRightFunc(TrimLeftFunc(s, f), f) }

// TrimLeftFunc returns s without the runes at its beginning for which f holds; nil if nothing is left.
func TrimLeftFunc(s []byte, f func(r rune) bool) []byte {
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRune(s[i:])
		if !f(r) {
			return s[i:]
		}
		i += n
	}
	return nil
}

// TrimRightFunc returns s without the runes at its end for which f holds.
func TrimRightFunc(s []byte, f func(r rune) bool) []byte {
	for len(s) > 0 {
		r, n := utf8.DecodeLastRune(s)
		if !f(r) {
			break
		}
		s = s[:len(s)-n]
	}
	return s
}

// Trim returns s without the runes at its ends that stand in cutset; nil if nothing is left.
func Trim(s []byte, cutset string) []byte {
	if len(s) > 0 && cutset == "" {
		return s
	}
	return TrimLeft(TrimRight(s, cutset), cutset)
}

// TrimLeft returns s without the runes at its beginning that stand in cutset; nil if nothing is left.
func TrimLeft(s []byte, cutset string) []byte {
	left := strings.TrimLeft(view(s), cutset)
	if left == "" {
		return nil
	}
	return s[len(s)-len(left):]
}

// TrimRight returns s without the runes at its end that stand in cutset.
func TrimRight(s []byte, cutset string) []byte {
	return s[:len(strings.TrimRight(view(s), cutset))]
}
