// Short strings: searching, trimming and splitting, against the plainest of loops.
package main

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"math/bits"
	"strings"
	"unicode"
	"unicode/utf8"
)

var state = uint32(3)

func random(n int) int {
	state = state*1664525 + 1013904223
	return int(state>>8) % n
}

// pieces make up the texts: letters that repeat, white space, wide runes and bytes that are no UTF-8.
var pieces = []string{"a", "b", "ab", "aab", " ", "\t", "\n", ".", ",", "é", "\u3000", "世", "\xff", "\xe4\xb8", "!", "?", "@", "\u0085", "\x80"}

func text(most int) string {
	var b strings.Builder
	for n := random(most + 1); n > 0; n-- {
		b.WriteString(pieces[random(len(pieces))])
	}
	return b.String()
}

func ascii(most int) string {
	var b strings.Builder
	for n := random(most + 1); n > 0; n-- {
		b.WriteByte("ab .,!~\x7f\x00@"[random(10)])
	}
	return b.String()
}

func index(s, part string) int {
	for i := 0; i+len(part) <= len(s); i++ {
		if s[i:i+len(part)] == part {
			return i
		}
	}
	return -1
}

func check(what string, got, want any) {
	if fmt.Sprint(got) != fmt.Sprint(want) {
		fmt.Printf("%s: %q, not %q\n", what, got, want)
	}
}

func main() {
	h := fnv.New64a()
	for range 3000 {
		s, part := text(12), text(3)
		if random(20) == 0 {
			s = strings.Repeat(s, 20)
		}
		c := byte('a' + random(3))
		check("Index", strings.Index(s, part), index(s, part))
		check("bytes.Index", bytes.Index([]byte(s), []byte(part)), index(s, part))
		check("Contains", strings.Contains(s, part), index(s, part) >= 0)
		check("IndexByte", strings.IndexByte(s, c), index(s, string(c)))
		check("bytes.IndexByte", bytes.IndexByte([]byte(s), c), index(s, string(c)))
		set := ascii(4)
		if random(3) == 0 {
			set = text(3)
		}
		in := func(r rune) bool { return strings.ContainsRune(set, r) }
		check("TrimLeft", strings.TrimLeft(s, set), strings.TrimLeftFunc(s, in))
		check("TrimRight", strings.TrimRight(s, set), strings.TrimRightFunc(s, in))
		check("Trim", strings.Trim(s, set), strings.TrimFunc(s, in))
		check("IndexAny", strings.IndexAny(s, set), strings.IndexFunc(s, in))
		check("LastIndexAny", strings.LastIndexAny(s, set), strings.LastIndexFunc(s, in))
		if random(2) == 0 {
			s = ascii(15)
		}
		fields := strings.Fields(s)
		check("Fields", fields, strings.FieldsFunc(s, unicode.IsSpace))
		fmt.Fprintf(h, "%q %q %d %d %q\n", fields, strings.Trim(s, set), strings.IndexAny(s, set), strings.LastIndexAny(s, set), strings.Split(s, part))
		r, n := utf8.DecodeRuneInString(s)
		fmt.Fprintf(h, "%d %d %q %t\n", r, n, utf8.AppendRune([]byte("x"), r), strings.EqualFold(s, part))
	}
	fmt.Printf("%016x\n", h.Sum64())
	fmt.Printf("%q %q %q %d\n", strings.Fields(""), strings.Fields(" \v\f\r\n"), strings.Fields("a  b"), len(strings.Fields("x")))
	for i := range 256 {
		if bits.Reverse8(bits.Reverse8(uint8(i))) != uint8(i) {
			fmt.Println("Reverse8", i)
		}
	}
	fmt.Printf("%x %x %x %x\n", bits.Reverse8(0x35), bits.Reverse16(0x1234), bits.Reverse32(0x12345678), bits.Reverse64(0x123456789ABCDEF1))
}
