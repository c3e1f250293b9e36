// The tables and properties of unicode.
package main

import (
	"fmt"
	"slices"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

func main() {
	sum := func(t *unicode.RangeTable) (n, s uint64) {
		for _, r := range t.R16 {
			n++
			s = s*31 + uint64(r.Lo)<<16 + uint64(r.Hi) + uint64(r.Stride)
		}
		for _, r := range t.R32 {
			n++
			s = s*31 + uint64(r.Lo)<<16 + uint64(r.Hi) + uint64(r.Stride)
		}
		return n, s + uint64(t.LatinOffset)
	}
	all := func(name string, m map[string]*unicode.RangeTable) {
		var keys []string
		for k := range m {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			n, s := sum(m[k])
			fmt.Println(name, k, n, s)
		}
	}
	all("category", unicode.Categories)
	all("script", unicode.Scripts)
	all("property", unicode.Properties)
	all("fold category", unicode.FoldCategory)
	all("fold script", unicode.FoldScript)
	fmt.Println(unicode.Version, len(unicode.CaseRanges), unicode.CaseRanges[3], len(unicode.CategoryAliases), unicode.Is(unicode.Latin, 'é'), unicode.In('世', unicode.Greek, unicode.Han))
	props := []func(rune) bool{unicode.IsLetter, unicode.IsUpper, unicode.IsLower, unicode.IsTitle, unicode.IsDigit, unicode.IsNumber, unicode.IsMark, unicode.IsPunct,
		unicode.IsSymbol, unicode.IsControl, unicode.IsSpace, unicode.IsPrint, unicode.IsGraphic}
	for _, r := range "aZ5 _\n\u00a0éÉßǅ٣½Ⅷ́«€😀世İıſK\u200b" {
		fmt.Printf("%U", r)
		for _, f := range props {
			fmt.Print(" ", f(r))
		}
		fmt.Printf(" %c %c %c %c %c\n", unicode.ToUpper(r), unicode.ToLower(r), unicode.ToTitle(r), unicode.SimpleFold(r), unicode.TurkishCase.ToLower(r))
	}
	fmt.Println(utf16.Encode([]rune("a😀")), string(utf16.Decode([]uint16{0x61, 0xd83d, 0xde00, 0xd800})))
	s := "a\xffé\xe4\xb8世😀"
	fmt.Println(utf8.RuneCountInString(s), utf8.ValidString(s), utf8.RuneLen('世'), utf8.FullRuneInString("\xe4\xb8"))
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		fmt.Printf("%U %d ", r, n)
		i += n
	}
	r, n := utf8.DecodeLastRuneInString(s)
	fmt.Println(r, n, utf8.AppendRune(nil, 0x1F600))
}
