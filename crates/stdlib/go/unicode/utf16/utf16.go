// Package utf16 encodes and decodes UTF-16.
package utf16

const (
	replacement = '\uFFFD'
	highMin     = 0xD800  // first high surrogate
	lowMin      = 0xDC00  // first low surrogate
	lowEnd      = 0xE000  // past the last low surrogate
	supplement  = 0x10000 // first rune that needs a pair
	maxRune     = '\U0010FFFF'
)

// IsSurrogate reports whether r is a surrogate half.
func IsSurrogate(r rune) bool { return highMin <= r && r < lowEnd }

// DecodeRune returns the rune of a surrogate pair, or U+FFFD if r1, r2 is none.
func DecodeRune(r1, r2 rune) rune {
	if highMin <= r1 && r1 < lowMin && lowMin <= r2 && r2 < lowEnd {
		return (r1-highMin)<<10 | (r2 - lowMin) + supplement
	}
	return replacement
}

// EncodeRune returns the surrogate pair of r, or U+FFFD twice if r needs none or is invalid.
func EncodeRune(r rune) (r1, r2 rune) {
	if r < supplement || r > maxRune {
		return replacement, replacement
	}
	r -= supplement
	return highMin + r>>10, lowMin + r&0x3FF
}

// RuneLen returns the number of 16-bit words of r's encoding, or -1 if r is invalid.
func RuneLen(r rune) int {
	switch {
	case 0 <= r && r < highMin, lowEnd <= r && r < supplement:
		return 1
	case supplement <= r && r <= maxRune:
		return 2
	}
	return -1
}

// AppendRune appends the encoding of r (of U+FFFD if r is invalid) to a.
func AppendRune(a []uint16, r rune) []uint16 {
	switch RuneLen(r) {
	case 1:
		return append(a, uint16(r))
	case 2:
		r1, r2 := EncodeRune(r)
		return append(a, uint16(r1), uint16(r2))
	}
	return append(a, replacement)
}

// Encode returns the encoding of s.
func Encode(s []rune) []uint16 {
	a := make([]uint16, 0, len(s))
	for _, r := range s {
		a = AppendRune(a, r)
	}
	return a
}

// Decode returns the runes that s encodes, U+FFFD for each unpaired surrogate.
func Decode(s []uint16) []rune {
	runes := make([]rune, 0, len(s))
	for i := 0; i < len(s); i++ {
		r := rune(s[i])
		if IsSurrogate(r) {
			pair := rune(replacement)
			if i+1 < len(s) {
				pair = DecodeRune(r, rune(s[i+1]))
			}
			if pair != replacement {
				i++
			}
			r = pair
		}
		runes = append(runes, r)
	}
	return runes
}
