// Interfaces with methods compared: nil or not, one dynamic type that came by several ways, values and pointers, and what can't be compared.
package main

import (
	"errors"
	"fmt"
	"io"
)

type Named interface{ Name() string }
type Both interface {
	Name() string
	Size() int
}

type File struct{ name string }

func (f *File) Name() string { return f.name }
func (f *File) Size() int    { return len(f.name) }

type Word string

func (w Word) Name() string { return string(w) }
func (w Word) Size() int    { return len(w) }

type List []int

func (l List) Name() string { return "list" }
func (l List) Size() int    { return len(l) }

var wrapped = fmt.Errorf("read: %w", io.EOF)

func read(i int) error {
	switch i % 5 {
	case 0:
		return io.EOF
	case 1:
		return wrapped
	case 2:
		return errors.New("other")
	}
	return nil
}

func count(n int) (ends, fine, rest int) {
	for i := range n {
		err := read(i)
		if err == io.EOF {
			ends++
		} else if err == nil {
			fine++
		} else if err != wrapped {
			rest++
		}
	}
	return
}

func pairs(all []Named) (s string, equal int) {
	for _, x := range all {
		for _, y := range all {
			if x == y {
				equal++
				s += "="
			} else {
				s += "."
			}
		}
		s += " "
	}
	return
}

func compare(x, y Named) (s string) {
	defer func() {
		if e := recover(); e != nil {
			s = fmt.Sprint(e)
		}
	}()
	return fmt.Sprint(x == y)
}

func main() {
	f, g := &File{"f"}, &File{"f"}
	var both Both = f
	var none Both
	var nilFile *File
	all := []Named{f, g, both, Word("w"), Both(Word("w")), Word("f"), nil, none, nilFile}
	total := 0
	s := ""
	for range 300 {
		var n int
		s, n = pairs(all)
		total += n
	}
	fmt.Println(total, s)
	fmt.Println(count(5000))
	for i := range 500 {
		x := all[i%len(all)]
		if c := compare(x, List{1}); i == 400 || i > 491 {
			fmt.Println(c, compare(List{2}, x), compare(List{}, List{}))
		}
	}
}
