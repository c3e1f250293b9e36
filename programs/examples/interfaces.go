// Interfaces: satisfied by having the methods; Stringer; type switches.
package main

import (
	"fmt"
	"io"
	"math"
	"strings"
)

type Shape interface {
	Area() float64
	Perimeter() float64
}

type Circle struct{ Radius float64 }
type Rectangle struct{ Width, Height float64 }

func (c Circle) Area() float64         { return math.Pi * c.Radius * c.Radius }
func (c Circle) Perimeter() float64    { return 2 * math.Pi * c.Radius }
func (r Rectangle) Area() float64      { return r.Width * r.Height }
func (r Rectangle) Perimeter() float64 { return 2 * (r.Width + r.Height) }
func (r Rectangle) String() string     { return fmt.Sprintf("%gx%g rectangle", r.Width, r.Height) }

func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "nothing"
	case int, int64:
		return fmt.Sprintf("integer %d", v)
	case string:
		return fmt.Sprintf("text of %d bytes", len(v))
	case fmt.Stringer:
		return "stringer: " + v.String()
	case error:
		return "error: " + v.Error()
	case []int:
		return fmt.Sprint("list ", v)
	default:
		return fmt.Sprintf("a %T", v)
	}
}

// upper is a reader that changes what passes through it.
type upper struct{ io.Reader }

func (u upper) Read(p []byte) (int, error) {
	n, err := u.Reader.Read(p)
	for i, c := range p[:n] {
		if 'a' <= c && c <= 'z' {
			p[i] = c - 'a' + 'A'
		}
	}
	return n, err
}

func main() {
	for _, s := range []Shape{Circle{1}, Rectangle{3, 4}} {
		fmt.Printf("%v: area %.2f, perimeter %.2f\n", s, s.Area(), s.Perimeter())
	}
	for _, v := range []any{nil, 42, int64(7), "hello", Rectangle{1, 2}, io.EOF, []int{1, 2}, 2.5, Circle{2}} {
		fmt.Println(describe(v))
	}
	text, err := io.ReadAll(upper{strings.NewReader("read through an interface")})
	fmt.Println(string(text), err)

	var s Shape = Circle{1}
	_, isStringer := s.(fmt.Stringer)
	c, isCircle := s.(Circle)
	fmt.Println(isStringer, isCircle, c.Radius)
}
