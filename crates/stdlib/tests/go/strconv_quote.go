// Quoting and unquoting.
package main

import (
	"fmt"
	"strconv"
)

func main() {
	for _, s := range []string{"", "plain", "a\"b'c`d\\", "\a\b\f\n\r\t\v\x00\x7f", "héllo, 世界 😀", "\xff\xfe ok", "\u00a0\u3000\ufeff\ufffd\u00ad", "\U0010ffff\u0378"} {
		fmt.Println(strconv.Quote(s), strconv.QuoteToASCII(s), strconv.QuoteToGraphic(s), strconv.CanBackquote(s))
		u, err := strconv.Unquote(strconv.QuoteToASCII(s))
		fmt.Println(u == s, err)
	}
	for _, r := range []rune{'a', '\'', '"', '\n', 'é', '世', 0xd800, -1, 0x10ffff, 0xfffd, 0xa0} {
		fmt.Println(strconv.QuoteRune(r), strconv.QuoteRuneToASCII(r), strconv.QuoteRuneToGraphic(r), strconv.IsPrint(r), strconv.IsGraphic(r))
	}
	for _, s := range []string{`"a"`, `'a'`, "`a\r\nb`", `"\x41\101\u00e9\U0001F600"`, `"\'"`, `'\''`, `'ab'`, `"a`, `a"`, `"\ud800"`, `"\400"`, `''`, `""`, "\"\n\""} {
		u, err := strconv.Unquote(s)
		p, perr := strconv.QuotedPrefix(s + "rest")
		fmt.Printf("%q %v %q %v\n", u, err, p, perr)
	}
}
