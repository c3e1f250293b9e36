package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"time"
)

type str string
type num int
type bytes []byte
type point struct{ X, Y int }
type stringer struct{ x int }

func (s stringer) String() string { return fmt.Sprint("<", s.x, ">") }

type ptrStringer struct{ x int }

func (s *ptrStringer) String() string { return fmt.Sprint("*", s.x) }

type goStringer int

func (goStringer) GoString() string { return "GO" }

type panicker struct{}

func (panicker) String() string { panic("boom") }

type failer struct{}

func (failer) Error() string { panic(errors.New("inner")) }

type formatter struct{}

func (formatter) Format(f fmt.State, c rune) { fmt.Fprintf(f, "F(%s)", fmt.FormatString(f, c)) }

type record struct {
	Name string
	kids []record
	m    map[string]int
	e    error
	any  any
	f    func()
	s    stringer
}

// Every value under every verb with these flags, widths and precisions.
func main() {
	values := []any{
		nil, true, 0, -42, 1234567, math.MinInt64, int8(-3), uint8(200), uint64(math.MaxUint64), uintptr(255), 'x', '⌘',
		0.0, math.Copysign(0, -1), 1.5, -2.75e-9, 1e6, 1e21, 123456789.0, math.Inf(1), math.NaN(), float32(0.1), 1 + 2i, complex64(-1.5i),
		"", "hello", "日本\n\"q\"", "bad\xff", []byte("ab"), []byte(nil), [2]byte{1, 2}, bytes("xy"),
		str("s"), num(7), []int{1, -2}, []string{"a b", "c"}, map[string]int{"b": 2, "a": 1}, map[num]bool{}, point{1, 2}, &point{3, 4}, (*point)(nil),
		stringer{5}, &stringer{6}, &ptrStringer{7}, ptrStringer{8}, goStringer(9), panicker{}, failer{}, (*stringer)(nil), formatter{},
		record{Name: "n", kids: []record{{Name: "k"}}, m: map[string]int{"z": 26}, any: 3, s: stringer{1}},
		io.EOF, []any{1, "x", nil, stringer{2}}, time.Duration(1500) * time.Millisecond, struct{}{}, [3]bool{true}, []stringer{{1}, {2}},
	}
	for _, v := range values {
		for _, verb := range "vdsxXqtbcoOUeEfFgGTw" {
			for _, flags := range []string{"", "+", "-", "#", " ", "0", "+#", "-0"} {
				for _, size := range []string{"", "8", ".2", "12.3"} {
					if verb == 'w' && size+flags != "" {
						continue
					}
					fmt.Printf("%"+flags+size+string(verb)+"|", v)
				}
			}
			fmt.Println()
		}
	}
	for _, f := range []string{"%", "%!", "%d", "%[2]d %[1]d", "%[3]d", "%[2]*[1]d", "%*d", "%-*d", "%.*f", "%[x]d", "%[", "%.[2]*[1]f", "%d %d %d %d", "%6.[2]d", "%1000000000d", "%z", "%-5%|", "%s %s"} {
		fmt.Printf(f, 12, 3, 4.5)
		fmt.Println()
		fmt.Printf(f)
		fmt.Println()
		fmt.Printf(f, "s", nil)
		fmt.Println()
	}
	err := fmt.Errorf("a: %w, b: %w", io.EOF, io.ErrUnexpectedEOF)
	fmt.Println(err, errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Unwrap(fmt.Errorf("x %w", io.EOF)) == io.EOF)
	fmt.Print(1, 2, "a", "b", 3, '\n', nil, nil, stringer{1}, "\n")
	fmt.Println(string(fmt.Appendf(nil, "%d", 5)), string(fmt.Append([]byte("x"), 1, 2)), string(fmt.Appendln(nil)))
}
