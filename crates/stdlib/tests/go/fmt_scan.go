package main

import (
	"bufio"
	"fmt"
	"reflect"
	"strings"
)

func show(n int, err error, ptrs ...any) {
	fmt.Print(n, " ", err)
	for _, p := range ptrs {
		fmt.Printf(" %#v", reflect.ValueOf(p).Elem().Interface())
	}
	fmt.Println()
}

type list []string

func (l *list) Scan(state fmt.ScanState, verb rune) error {
	token, err := state.Token(true, func(r rune) bool { return r != ';' })
	*l = strings.Split(string(token), ",")
	state.ReadRune()
	return err
}

func main() {
	inputs := []string{"", " ", "5", "-5 x", "5 6", "5\n6", "\n5", "abc", "0x1f", "0b101", "1_000", "300", "99999999999999999999", "1.5", "1e3 2", "0x1p4",
		"nan", "-Inf", "(1+2i)", "true", "tru", "\"q s\" t", "`raw`", "héllo wörld", "6865", "U+1F600", "5,6", "5, 6", "a:5", "5%", "5\r\n6"}
	formats := []string{"%d", "%d %d", "%s", "%5s", "%2d%3d", "%x", "%q", "%c", "%t", "%f", "%d,%d", "%d, %d", "a:%d", "%v", "%U", "%d\n%d", "%d%%", "%z", "%", "%s %s"}
	for _, in := range inputs {
		var i, j int
		var s, t string
		var f float64
		var b bool
		var c complex128
		var u uint8
		n, err := fmt.Sscan(in, &i)
		show(n, err, &i)
		n, err = fmt.Sscan(in, &s, &j)
		show(n, err, &s, &j)
		n, err = fmt.Sscanln(in, &i, &t)
		show(n, err, &i, &t)
		n, err = fmt.Sscan(in, &f)
		show(n, err)
		n, err = fmt.Sscan(in, &b)
		show(n, err, &b)
		n, err = fmt.Sscan(in, &c)
		show(n, err, &c)
		n, err = fmt.Sscan(in, &u)
		show(n, err, &u)
		for _, format := range formats {
			i, j, s, t = 0, 0, "", ""
			n, err = fmt.Sscanf(in, format, &i, &j)
			show(n, err, &i, &j)
			n, err = fmt.Sscanf(in, format, &s, &t)
			show(n, err, &s, &t)
		}
	}
	var l list
	var rest string
	n, err := fmt.Sscan(" a,b,c; rest", &l, &rest)
	fmt.Println(n, err, l, rest)
	r := bufio.NewReader(strings.NewReader("1 2\n3\n4 x\n"))
	for {
		var a, b int
		n, err := fmt.Fscanln(r, &a, &b)
		fmt.Println(n, err, a, b)
		if n == 0 {
			break
		}
	}
}
