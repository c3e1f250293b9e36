// Package unicode tells the properties of code points. The tables' data is immortal memory that natives make.
package unicode

import u "internal/unicode"

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

// RangeTable is a set of code points: ranges of 16-bit and of larger ones, each list sorted and disjoint.
type RangeTable struct {
	R16         []Range16
	R32         []Range32
	LatinOffset int // how many ranges of R16 have Hi <= MaxLatin1
}

// Range16 is a range of 16-bit code points from Lo to Hi, Stride apart.
type Range16 struct {
	Lo, Hi, Stride uint16
}

// Range32 is a range of code points from Lo to Hi, Stride apart.
type Range32 struct {
	Lo, Hi, Stride uint32
}

// CaseRange describes the case conversion of the code points from Lo to Hi by the distances to each case.
type CaseRange = u.CaseRange

// SpecialCase is a list of conversions, ordered by code point, that come before the ordinary ones.
type SpecialCase = u.SpecialCase

// fillTables makes all tables; their ranges are immortal memory.
func fillTables(tables []RangeTable)

func init() { fillTables(tables[:]) }

// byName returns the tables from the first on by their names, each of which ends with a space; one that begins with an equals sign is another
// name of the table before.
func byName(first int, names string) map[string]*RangeTable {
	m := make(map[string]*RangeTable, 200)
	for start, i := 0, 0; i < len(names); i++ {
		if names[i] != ' ' {
			continue
		}
		if names[start] == '=' {
			start++
			first--
		}
		m[names[start:i]] = &tables[first]
		first++
		start = i + 1
	}
	return m
}

// pairs returns a map of words, each of which ends with a space: keys with their values behind them.
func pairs(words string) map[string]string {
	m := map[string]string{}
	key, value := "", false
	for start, i := 0, 0; i < len(words); i++ {
		if words[i] != ' ' {
			continue
		}
		if value {
			m[key] = words[start:i]
		} else {
			key = words[start:i]
		}
		value = !value
		start = i + 1
	}
	return m
}

// caseRanges returns the case conversions of all letters that have any.
func caseRanges() []CaseRange

// CaseRanges holds the case conversions of all letters that have any.
var CaseRanges = caseRanges()

// TurkishCase converts the dotted and the dotless i of Turkish.
var TurkishCase = SpecialCase{
	{Lo: 'I', Hi: 'I', Delta: [3]rune{0, 'ı' - 'I', 0}},
	{Lo: 'i', Hi: 'i', Delta: [3]rune{'İ' - 'i', 0, 'İ' - 'i'}},
	{Lo: 'İ', Hi: 'İ', Delta: [3]rune{0, 'i' - 'İ', 0}},
	{Lo: 'ı', Hi: 'ı', Delta: [3]rune{'I' - 'ı', 0, 'I' - 'ı'}},
}

// AzeriCase is the same as TurkishCase.
var AzeriCase = TurkishCase

// GraphicRanges is the set that IsGraphic tests.
var GraphicRanges = []*RangeTable{L, M, N, P, S, Zs}

// PrintRanges is the set that IsPrint tests, but for the ASCII space.
var PrintRanges = []*RangeTable{L, M, N, P, S}

// Is reports whether r is in the table.
func Is(rangeTab *RangeTable, r rune) bool {
	if r < 0 {
		return false
	}
	if r16 := rangeTab.R16; len(r16) > 0 && uint32(r) <= uint32(r16[len(r16)-1].Hi) {
		lo, hi := 0, len(r16)
		if r <= MaxLatin1 && rangeTab.LatinOffset > 0 && rangeTab.LatinOffset < hi {
			hi = rangeTab.LatinOffset + 1 // a range may begin in Latin-1 and end beyond
		}
		for lo < hi {
			m := int(uint(lo+hi) >> 1)
			rg := &r16[m]
			switch {
			case uint16(r) < rg.Lo:
				hi = m
			case uint16(r) > rg.Hi:
				lo = m + 1
			default:
				return rg.Stride == 1 || (uint16(r)-rg.Lo)%rg.Stride == 0
			}
		}
		return false
	}
	r32 := rangeTab.R32
	lo, hi := 0, len(r32)
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		rg := &r32[m]
		switch {
		case uint32(r) < rg.Lo:
			hi = m
		case uint32(r) > rg.Hi:
			lo = m + 1
		default:
			return rg.Stride == 1 || (uint32(r)-rg.Lo)%rg.Stride == 0
		}
	}
	return false
}

// In reports whether r is in one of the tables.
func In(r rune, ranges ...*RangeTable) bool { return IsOneOf(ranges, r) }

// IsOneOf reports whether r is in one of the tables.
func IsOneOf(ranges []*RangeTable, r rune) bool {
	for _, t := range ranges {
		if Is(t, r) {
			return true
		}
	}
	return false
}

// IsControl reports whether r is a control character.
func IsControl(r rune) bool { return u.IsControl(r) }

// IsDigit reports whether r is a decimal digit.
func IsDigit(r rune) bool { return u.IsDigit(r) }

// IsGraphic is IsPrint with all spaces of category Zs.
func IsGraphic(r rune) bool { return u.IsGraphic(r) }

// IsLetter reports whether r is in category L.
func IsLetter(r rune) bool { return u.IsLetter(r) }

// IsLower reports whether r is a lower case letter.
func IsLower(r rune) bool { return u.IsLower(r) }

// IsMark reports whether r is in category M.
func IsMark(r rune) bool { return u.IsMark(r) }

// IsNumber reports whether r is in category N.
func IsNumber(r rune) bool { return u.IsNumber(r) }

// IsPrint reports whether r is a letter, mark, number, punctuation, symbol or the ASCII space.
func IsPrint(r rune) bool { return u.IsPrint(r) }

// IsPunct reports whether r is in category P.
func IsPunct(r rune) bool { return u.IsPunct(r) }

// IsSpace reports whether r has the property White_Space.
func IsSpace(r rune) bool { return u.IsSpace(r) }

// IsSymbol reports whether r is in category S.
func IsSymbol(r rune) bool { return u.IsSymbol(r) }

// IsTitle reports whether r is a title case letter.
func IsTitle(r rune) bool { return u.IsTitle(r) }

// IsUpper reports whether r is an upper case letter.
func IsUpper(r rune) bool { return u.IsUpper(r) }

// SimpleFold returns the next larger rune that is equal to r under simple case folding, or the smallest such rune
// when there is none larger. For what is no code point it returns r.
func SimpleFold(r rune) rune { return u.SimpleFold(r) }

// To converts r to UpperCase, LowerCase or TitleCase.
func To(_case int, r rune) rune { return u.To(_case, r) }

// ToLower converts r to lower case.
func ToLower(r rune) rune { return u.ToLower(r) }

// ToTitle converts r to title case.
func ToTitle(r rune) rune { return u.ToTitle(r) }

// ToUpper converts r to upper case.
func ToUpper(r rune) rune { return u.ToUpper(r) }
