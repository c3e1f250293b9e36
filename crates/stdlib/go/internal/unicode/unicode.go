// Package unicode holds what strings, bytes, strconv and fmt need of Unicode. Its variables start as zeros, so importing it
// costs nothing at start; the public unicode package adds the range tables.
package unicode

// Limits of code points.
const (
	MaxRune         = '\U0010FFFF'
	ReplacementChar = '\uFFFD'
	MaxASCII        = '\u007F'
	MaxLatin1       = '\u00FF'
)

// The cases that To and CaseRange.Delta are indexed by.
const (
	UpperCase = iota
	LowerCase
	TitleCase
	MaxCase
)

// UpperLower as a delta says that upper and lower case alternate in the range, starting with upper case.
const UpperLower = MaxRune + 1

// CaseRange describes the case conversion of the code points from Lo to Hi by the distances to each case.
type CaseRange struct {
	Lo, Hi uint32
	Delta  d
}

type d [MaxCase]rune

// SpecialCase is a list of conversions, ordered by code point, that come before the ordinary ones.
type SpecialCase []CaseRange

// Sets of categories, as bits by the category's number.
const (
	maskUpper  = 1 << 1
	maskLower  = 1 << 2
	maskTitle  = 1 << 3
	maskLetter = 1<<1 | 1<<2 | 1<<3 | 1<<4 | 1<<5
	maskMark   = 1<<6 | 1<<7 | 1<<8
	maskDigit  = 1 << 9
	maskNumber = 1<<9 | 1<<10 | 1<<11
	maskPunct  = 1<<12 | 1<<13 | 1<<14 | 1<<15 | 1<<16 | 1<<17 | 1<<18
	maskSymbol = 1<<19 | 1<<20 | 1<<21 | 1<<22
	maskSpace  = 1 << 23
	maskPrint  = maskLetter | maskMark | maskNumber | maskPunct | maskSymbol
)

// category returns the number of r's general category: Cn Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm
// Sc Sk So Zs Zl Zp Cc Cf Cs Co from 0, and 0 for what is no code point.
func category(r rune) uint {
	if uint32(r) > MaxRune {
		return 0
	}
	page := categories[uint32(r)/256]
	if page == nil {
		page = categoryPage(int(r / 256))
		categories[uint32(r)/256] = page
	}
	return uint(page[uint32(r)%256])
}

// categories are the pages that have been asked for.
var categories [MaxRune/256 + 1]*[256]uint8

// categoryPage returns the categories of 256 code points, immortal memory that is not to be written to.
func categoryPage(number int) *[256]uint8

// toCase converts r to one of the cases; it returns U+FFFD for another number.
func toCase(kind int, r rune) rune

// SimpleFold returns the next larger rune that is equal to r under simple case folding, or the smallest such
// rune when there is none larger. For what is no code point it returns r.
func SimpleFold(r rune) rune

// IsLetter reports whether r is in category L.
func IsLetter(r rune) bool {
	if uint32(r) < 0x80 {
		return uint32(r|0x20)-'a' < 26
	}
	return maskLetter>>category(r)&1 != 0
}

// IsUpper reports whether r is an upper case letter.
func IsUpper(r rune) bool {
	if uint32(r) < 0x80 {
		return uint32(r)-'A' < 26
	}
	return maskUpper>>category(r)&1 != 0
}

// IsLower reports whether r is a lower case letter.
func IsLower(r rune) bool {
	if uint32(r) < 0x80 {
		return uint32(r)-'a' < 26
	}
	return maskLower>>category(r)&1 != 0
}

// IsTitle reports whether r is a title case letter.
func IsTitle(r rune) bool { return r > MaxLatin1 && maskTitle>>category(r)&1 != 0 }

// IsDigit reports whether r is a decimal digit.
func IsDigit(r rune) bool {
	if uint32(r) < 0x80 {
		return uint32(r)-'0' < 10
	}
	return maskDigit>>category(r)&1 != 0
}

// IsNumber reports whether r is in category N.
func IsNumber(r rune) bool { return maskNumber>>category(r)&1 != 0 }

// IsMark reports whether r is in category M.
func IsMark(r rune) bool { return maskMark>>category(r)&1 != 0 }

// IsPunct reports whether r is in category P.
func IsPunct(r rune) bool { return maskPunct>>category(r)&1 != 0 }

// IsSymbol reports whether r is in category S.
func IsSymbol(r rune) bool { return maskSymbol>>category(r)&1 != 0 }

// IsControl reports whether r is a control character.
func IsControl(r rune) bool { return uint32(r) < 0x20 || 0x7F <= r && r < 0xA0 }

// IsSpace reports whether r has the property White_Space.
func IsSpace(r rune) bool {
	if uint32(r) <= MaxLatin1 {
		return r == ' ' || '\t' <= r && r <= '\r' || r == 0x85 || r == 0xA0
	}
	if r < 0x2000 {
		return r == 0x1680
	}
	return r <= 0x200A || r == 0x2028 || r == 0x2029 || r == 0x202F || r == 0x205F || r == 0x3000
}

// IsPrint reports whether r is a letter, mark, number, punctuation, symbol or the ASCII space.
func IsPrint(r rune) bool {
	if uint32(r) < 0x80 {
		return ' ' <= r && r < 0x7F
	}
	return maskPrint>>category(r)&1 != 0
}

// IsGraphic is IsPrint with all spaces of category Zs.
func IsGraphic(r rune) bool {
	if uint32(r) < 0x80 {
		return ' ' <= r && r < 0x7F
	}
	return (maskPrint|maskSpace)>>category(r)&1 != 0
}

// To converts r to UpperCase, LowerCase or TitleCase.
func To(_case int, r rune) rune { return toCase(_case, r) }

// ToUpper converts r to upper case.
func ToUpper(r rune) rune {
	if uint32(r) < 0x80 {
		if 'a' <= r && r <= 'z' {
			r -= 'a' - 'A'
		}
		return r
	}
	return toCase(UpperCase, r)
}

// ToLower converts r to lower case.
func ToLower(r rune) rune {
	if uint32(r) < 0x80 {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	return toCase(LowerCase, r)
}

// ToTitle converts r to title case.
func ToTitle(r rune) rune {
	if uint32(r) < 0x80 {
		if 'a' <= r && r <= 'z' {
			r -= 'a' - 'A'
		}
		return r
	}
	return toCase(TitleCase, r)
}

// convert applies the first range that holds r.
func (special SpecialCase) convert(kind int, r rune) (rune, bool) {
	for i := range special {
		c := &special[i]
		if uint32(r) < c.Lo {
			break
		}
		if uint32(r) <= c.Hi {
			delta := c.Delta[kind]
			if delta > MaxRune {
				// Upper case at even distances from Lo, lower case at odd ones; title case is upper case.
				return rune(c.Lo) + (r-rune(c.Lo))&^1 | rune(kind&1), true
			}
			return r + delta, true
		}
	}
	return r, false
}

// ToUpper converts r to upper case, the special conversions first.
func (special SpecialCase) ToUpper(r rune) rune {
	u, found := special.convert(UpperCase, r)
	if u == r && !found {
		u = ToUpper(r)
	}
	return u
}

// ToTitle converts r to title case, the special conversions first.
func (special SpecialCase) ToTitle(r rune) rune {
	t, found := special.convert(TitleCase, r)
	if t == r && !found {
		t = ToTitle(r)
	}
	return t
}

// ToLower converts r to lower case, the special conversions first.
func (special SpecialCase) ToLower(r rune) rune {
	l, found := special.convert(LowerCase, r)
	if l == r && !found {
		l = ToLower(r)
	}
	return l
}
