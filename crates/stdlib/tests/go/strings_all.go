// One line for each function of strings and bytes.
package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"unicode"
)

func main() {
	s := "  The quick brown fox, jumps over the lazy dog; été ÉTÉ  "
	fmt.Println(strings.Index(s, "o"), strings.LastIndex(s, "o"), strings.IndexByte(s, 'q'), strings.LastIndexByte(s, 'z'), strings.Count(s, "o"), strings.Count("été", ""))
	fmt.Println(strings.IndexAny(s, "xyz"), strings.LastIndexAny(s, "xyz"), strings.IndexRune(s, 'é'), strings.IndexFunc(s, unicode.IsUpper), strings.LastIndexFunc(s, unicode.IsUpper))
	fmt.Printf("%q %q %q %q\n", strings.TrimSpace(s), strings.Trim("xxhixx", "x"), strings.TrimLeft("abcabchi", "abc"), strings.TrimRight("hi...!", ".!"))
	fmt.Printf("%q %q\n", strings.Fields(s), strings.FieldsFunc("a1b22c", unicode.IsDigit))
	fmt.Printf("%q %q %q %q\n", strings.Split("a,b,c", ","), strings.SplitN("a,b,c", ",", 2), strings.SplitAfter("a,b,c", ","), strings.Split("héé", ""))
	fmt.Println(strings.ToUpper(s), strings.ToLower(s), strings.Title("hello wOrld it's"), strings.ToTitle("ǆ"))
	fmt.Println(strings.Repeat("ab", 5), strings.Replace("oink oink oink", "k", "ky", 2), strings.ReplaceAll("aaa", "", "-"), strings.Join([]string{"a", "b", "c"}, ", "))
	fmt.Println(strings.EqualFold("Straße K", "STRAßE \u212a"), strings.EqualFold("a", "b"), strings.Compare("a", "b"), strings.Compare("b", "a"), strings.Compare("a", "a"))
	fmt.Println(strings.Cut("key=value=x", "="))
	fmt.Println(strings.CutPrefix("foobar", "foo"))
	fmt.Println(strings.CutSuffix("foobar", "bar"))
	fmt.Println(strings.Map(func(r rune) rune {
		if r == 'a' {
			return -1
		}
		return unicode.ToUpper(r)
	}, "banana split"), strings.ToValidUTF8("a\xff\xfeb", "?"))
	for part := range strings.SplitSeq("x-y-z", "-") {
		fmt.Print(part, ";")
	}
	for line := range strings.Lines("one\ntwo\nthree") {
		fmt.Printf("%q;", line)
	}
	for f := range strings.FieldsSeq("  a b  c ") {
		fmt.Print(f, ";")
	}
	fmt.Println()
	r := strings.NewReplacer("<", "&lt;", ">", "&gt;", "ab", "1", "a", "2")
	fmt.Println(r.Replace("<b>abracadabra</b>"), strings.NewReplacer("a", "b", "b", "a").Replace("abba"), strings.NewReplacer("", "-").Replace("xyz"))
	var b strings.Builder
	for i := 0; i < 3; i++ {
		fmt.Fprintf(&b, "%d,", i)
	}
	b.WriteByte('!')
	b.WriteRune('世')
	b.WriteString("end")
	fmt.Println(b.String(), b.Len())
	func() {
		defer func() { fmt.Println(recover()) }()
		c := b
		c.WriteByte('x')
	}()
	func() {
		defer func() { fmt.Println(recover()) }()
		strings.Repeat("x", -1)
	}()
	rd := strings.NewReader("héllo")
	for {
		c, n, err := rd.ReadRune()
		if err != nil {
			fmt.Println(err)
			break
		}
		fmt.Print(string(c), n, " ")
	}
	p := []byte("  some bytes, more bytes  ")
	fmt.Printf("%q %q %q %d\n", bytes.TrimSpace(p), bytes.Split(p, []byte("bytes")), bytes.ToUpper(p), bytes.Count(p, []byte("e")))
	fmt.Println(bytes.Equal([]byte("a"), []byte("a")), bytes.Compare([]byte("a"), nil), bytes.Contains(p, []byte("more")), bytes.TrimSpace([]byte("  ")) == nil)
	var buf bytes.Buffer
	buf.WriteString("line one\nline two\nrest")
	for {
		line, err := buf.ReadString('\n')
		fmt.Printf("%q %v\n", line, err)
		if err != nil {
			break
		}
	}
	buf.Write([]byte("written\n"))
	buf.WriteTo(os.Stdout)
}
