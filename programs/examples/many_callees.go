// Call sites that meet more kinds than compiled code guesses, and conversions to interface types that meet several types.
package main

import (
	"errors"
	"fmt"
	"runtime"
)

type shape interface {
	area() int
	with(f func(int) int) shape
}

type square struct{ side int }
type rectangle struct{ a, b int }
type circle struct{ r int }
type broken struct{}
type group []shape

func (s *square) area() int   { return s.side * s.side }
func (r rectangle) area() int { return r.a * r.b }
func (c *circle) area() int   { return 3 * c.r * c.r }
func (broken) area() int      { panic(errors.New("no area")) }
func (g group) area() (sum int) {
	for _, s := range g {
		sum += s.area()
	}
	return sum
}

func (s *square) with(f func(int) int) shape   { s.side = f(s.side); return s }
func (r rectangle) with(f func(int) int) shape { return rectangle{f(r.a), f(r.b)} }
func (c *circle) with(f func(int) int) shape   { c.r = f(c.r); runtime.Gosched(); return c }
func (b broken) with(func(int) int) shape      { return b }
func (g group) with(f func(int) int) shape {
	for i, s := range g {
		g[i] = s.with(f)
	}
	return g
}

func areas(shapes []shape) (sum int, err any) {
	defer func() { err = recover() }()
	for i, s := range shapes {
		sum += i * s.area()
	}
	return sum, nil
}

func apply(fs []func(int) int, x int) int {
	for _, f := range fs {
		x = f(x)
	}
	return x
}

type named interface{ name() string }
type sized interface {
	named
	size() int
}

type plain int
type text string
type both struct{ a, b int }

func (plain) name() string  { return "plain" }
func (t text) name() string { return string(t) }
func (t text) size() int    { return len(t) }
func (*both) name() string  { return "both" }
func (b *both) size() int   { return b.a + b.b }

func describe(v any) string {
	switch v := v.(type) {
	case sized:
		return fmt.Sprint("sized ", v.name(), v.size())
	case named:
		return "named " + v.name()
	case error:
		return "error " + v.Error()
	case nil:
		return "nil"
	}
	return "none"
}

func must(v any) (n named, err any) {
	defer func() { err = recover() }()
	return v.(named), nil
}

func narrow(s sized) named { return s }

func main() {
	shapes := []shape{&square{3}, rectangle{2, 5}}
	one := func(x int) int { return x + 1 }
	fs := []func(int) int{one, func(x int) int { return 2*x%1000 - x/7 }}
	total := 0
	// More kinds come the longer it goes.
	for i := range 400 {
		switch i {
		case 100:
			shapes = append(shapes, &circle{2})
			fs = append(fs, func(x int) int { total++; return x ^ total })
		case 200:
			shapes = append(shapes, group{&square{1}, rectangle{1, 2}, &circle{1}}, rectangle{7, 1})
			fs = append(fs, func(x int) int { return x - len(shapes) }, one)
		case 300:
			shapes = append(shapes, broken{})
		}
		sum, err := areas(shapes)
		total += sum
		if i%50 == 0 {
			x := apply(fs, i)
			fmt.Println(i, total, err, x)
		}
		for k, s := range shapes {
			shapes[k] = s.with(func(x int) int { return (x + i) % (10 + k) })
		}
	}
	x := apply(fs, total)
	fmt.Println(total, x)

	values := []any{text("word"), plain(1), &both{1, 2}, both{}, nil, errors.New("wrong"), 3, text("another")}
	counts := map[string]int{}
	for i := range 2000 {
		v := values[i*i%len(values)]
		if i%100 > 90 {
			v = values[i%len(values)]
		}
		counts[describe(v)]++
		if n, ok := v.(named); ok {
			counts[n.name()]++
		}
		n, err := must(v)
		if err == nil {
			counts["must "+n.name()]++
		} else {
			counts[fmt.Sprint(err)]++
		}
		if s, ok := v.(sized); ok {
			counts["narrow "+narrow(s).name()]++
		}
	}
	fmt.Println(counts)
}
