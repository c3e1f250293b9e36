package strings

// Splitting and joining.

import (
	"internal/unicode"
	"iter"
	"unicode/utf8"
)

func asciiSpace(c byte) bool { return c == ' ' || c-'\t' <= '\r'-'\t' }

// Fields returns the parts of s between runs of white space.
func Fields(s string) []string {
	n, before := 0, true
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= utf8.RuneSelf {
			return FieldsFunc(s, unicode.IsSpace)
		}
		space := asciiSpace(c)
		if before && !space {
			n++
		}
		before = space
	}
	fields := make([]string, n)
	at := 0
	for i := range fields {
		for asciiSpace(s[at]) {
			at++
		}
		start := at
		for at < len(s) && !asciiSpace(s[at]) {
			at++
		}
		fields[i] = s[start:at]
	}
	return fields
}

// FieldsFunc returns the parts of s between runs of runes for which f holds.
func FieldsFunc(s string, f func(rune) bool) []string {
	fields := []string{}
	start := -1
	for i, r := range s {
		if f(r) {
			if start >= 0 {
				fields = append(fields, s[start:i])
				start = -1
			}
		} else if start < 0 {
			start = i
		}
	}
	if start >= 0 {
		fields = append(fields, s[start:])
	}
	return fields
}

// FieldsSeq yields what Fields returns.
func FieldsSeq(s string) iter.Seq[string] {
	return FieldsFuncSeq(s, unicode.IsSpace)
}

// FieldsFuncSeq yields what FieldsFunc returns.
func FieldsFuncSeq(s string, f func(rune) bool) iter.Seq[string] {
	return func(yield func(string) bool) {
		start := -1
		for i, r := range s {
			if f(r) {
				if start >= 0 {
					if !yield(s[start:i]) {
						return
					}
					start = -1
				}
			} else if start < 0 {
				start = i
			}
		}
		if start >= 0 {
			yield(s[start:])
		}
	}
}

// runes returns up to n (all, if negative) parts of s, each a rune but for the last, which is the rest.
func runes(s string, n int) []string {
	if count := utf8.RuneCountInString(s); n < 0 || n > count {
		n = count
	}
	parts := make([]string, n)
	for i := 0; i < n-1; i++ {
		_, size := utf8.DecodeRuneInString(s)
		parts[i] = s[:size]
		s = s[size:]
	}
	if n > 0 {
		parts[n-1] = s
	}
	return parts
}

// split cuts s at each sep into at most n parts, each with the first keep bytes of its sep.
func split(s, sep string, keep, n int) []string {
	if n == 0 {
		return nil
	}
	if sep == "" {
		return runes(s, n)
	}
	if n < 0 {
		n = Count(s, sep) + 1
	}
	if n > len(s)+1 {
		n = len(s) + 1
	}
	parts := make([]string, n)
	i := 0
	for ; i < n-1; i++ {
		at := Index(s, sep)
		if at < 0 {
			break
		}
		parts[i] = s[:at+keep]
		s = s[at+len(sep):]
	}
	parts[i] = s
	return parts[:i+1]
}

// Split returns the parts of s between seps; an empty sep splits s into its runes.
func Split(s, sep string) []string { return split(s, sep, 0, -1) }

// SplitN is Split into at most n parts (any number if n < 0), the last of which is the unsplit rest.
func SplitN(s, sep string, n int) []string { return split(s, sep, 0, n) }

// SplitAfter returns the parts of s that end after each sep.
func SplitAfter(s, sep string) []string { return split(s, sep, len(sep), -1) }

// SplitAfterN is SplitAfter into at most n parts (any number if n < 0).
func SplitAfterN(s, sep string, n int) []string { return split(s, sep, len(sep), n) }

func splitSeq(s, sep string, keep int) iter.Seq[string] {
	return func(yield func(string) bool) {
		s := s
		if sep == "" {
			for s != "" {
				_, n := utf8.DecodeRuneInString(s)
				if !yield(s[:n]) {
					return
				}
				s = s[n:]
			}
			return
		}
		for {
			at := Index(s, sep)
			if at < 0 {
				break
			}
			if !yield(s[:at+keep]) {
				return
			}
			s = s[at+len(sep):]
		}
		yield(s)
	}
}

// SplitSeq yields what Split returns.
func SplitSeq(s, sep string) iter.Seq[string] { return splitSeq(s, sep, 0) }

// SplitAfterSeq yields what SplitAfter returns.
func SplitAfterSeq(s, sep string) iter.Seq[string] { return splitSeq(s, sep, len(sep)) }

// Lines yields the lines of s with their newlines; a last line may lack one.
func Lines(s string) iter.Seq[string] {
	return func(yield func(string) bool) {
		s := s
		for s != "" {
			line := s
			if i := IndexByte(s, '\n'); i >= 0 {
				line = s[:i+1]
			}
			if !yield(line) {
				return
			}
			s = s[len(line):]
		}
	}
}

// Join returns the elems with sep between them.
func Join(elems []string, sep string) string {
	switch len(elems) {
	case 0:
		return ""
	case 1:
		return elems[0]
	}
	const maxInt = int(^uint(0) >> 1)
	n := 0
	if len(sep) > 0 {
		if len(sep) >= maxInt/(len(elems)-1) {
			panic("strings: Join output length overflow")
		}
		n = len(sep) * (len(elems) - 1)
	}
	for _, e := range elems {
		if len(e) > maxInt-n {
			panic("strings: Join output length overflow")
		}
		n += len(e)
	}
	b := make([]byte, 0, n)
	b = append(b, elems[0]...)
	for _, e := range elems[1:] {
		b = append(b, sep...)
		b = append(b, e...)
	}
	return asString(b)
}
