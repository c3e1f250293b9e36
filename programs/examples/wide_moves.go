// Loops that copy, fill or search element by element, which compiled code does in wide moves: what they leave must be what one element after the
// other gives, whatever overlaps, however they end.
package main

import (
	"fmt"
	"math"
	"runtime"
)

type pair struct{ a, b int }
type triple struct {
	name string
	n    int
}
type small struct{ a, b, c byte }

func copyInts(d, s []int) int {
	i := 0
	for ; i < len(s); i++ {
		d[i] = s[i]
	}
	return i
}

func copyBytes(d, s []byte, to, from, n int) {
	for i := 0; i < n; i++ {
		d[i+to] = s[i+from]
	}
}

func copyNarrow(d []int16, s []int32) {
	for i, v := range s {
		d[i] = int16(v)
	}
}

func copyFloats(d, s []float64, e, t []float32) {
	for i, v := range s {
		d[i] = v
	}
	for i, v := range t {
		e[i] = v
	}
}

func copyPairs(d, s []pair) {
	for i := range s {
		d[i] = s[i]
	}
}

func copyFields(d, s []pair) {
	for i := range s {
		d[i].b = s[i].b
		d[i].a = s[i].a
	}
}

func copyTriples(d, s []triple) {
	for i := range s {
		d[i] = s[i]
	}
}

func copySmall(d, s []small) {
	for i := range s {
		d[i] = s[i]
	}
}

func copyPointers(d, s []*int) {
	for i := range s {
		d[i] = s[i]
	}
}

func fillBytes(s []byte, c byte) {
	for i := range s {
		s[i] = c
	}
}

func fill16(s []uint16, c uint16) {
	for i := range s {
		s[i] = c
	}
}

func fill32(s []int32, c int32) {
	for i := range s {
		s[i] = c
	}
}

func fillInts(s []int, c int) {
	for i := range s {
		s[i] = c
	}
}

func fillFloats(s []float64, c float64, t []float32, d float32) {
	for i := range s {
		s[i] = c
	}
	for i := range t {
		t[i] = d
	}
}

func clearAll(a []pair, b []triple, c []*int, d []small) {
	for i := range a {
		a[i] = pair{}
	}
	for i := range b {
		b[i] = triple{}
	}
	for i := range c {
		c[i] = nil
	}
	for i := range d {
		d[i] = small{}
	}
}

func fours(d, s []int) {
	i := 0
	for ; i+4 <= len(s); i += 4 {
		d[i] = s[i]
		d[i+1] = s[i+1]
		d[i+2] = s[i+2]
		d[i+3] = s[i+3]
	}
	for ; i < len(s); i++ {
		d[i] = s[i]
	}
}

// The limit is among what is written.
func toLimit(s []int, limit *int, c int) int {
	i := 0
	for ; i < *limit; i++ {
		s[i] = c
	}
	return i
}

var table []int
var grid [40][40]byte

func global(c int) {
	for i := 0; i < len(table); i++ {
		table[i] = c
	}
}

func rows(c byte) {
	for y := range grid {
		for x := range grid[y] {
			grid[y][x] = c
		}
	}
}

func index(s []byte, c byte, from int) int {
	i := from
	for i < len(s) && s[i] != c {
		i++
	}
	return i
}

func indexWord(s string, c int) int {
	for i := 0; i < len(s); i++ {
		if int(s[i]) == c {
			return i
		}
	}
	return -1
}

func either(s string, a, b byte) int {
	i := 0
	for i < len(s) && s[i] != a && s[i] != b {
		i++
	}
	return i
}

func spaces(s []byte) int {
	i := 0
	for i < len(s) && s[i] == ' ' {
		i++
	}
	return i
}

func ascii(s string) int {
	i := 0
	for i < len(s) && s[i] < 0x80 {
		i++
	}
	return i
}

func above(s []uint16, i int) int {
	for i < len(s) && s[i] > 1000 {
		i++
	}
	return i
}

func atMost(s []uint32) int {
	i := 0
	for i < len(s) && s[i] <= 1<<31 {
		i++
	}
	return i
}

func signed(s []int8, c int8) int {
	i := 0
	for i < len(s) && s[i] != c {
		i++
	}
	return i
}

func common(a, b []byte) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func sentinel(s []int32, c int32) (n int, err any) {
	defer func() { err = recover() }()
	for s[n] != c {
		n++
	}
	return n, nil
}

func try(f func()) {
	defer func() { fmt.Println(recover()) }()
	f()
}

func sum(s []byte) (x uint32) {
	for i, c := range s {
		x = x*31 + uint32(c) + uint32(i)
	}
	return
}

func numbers(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i*i + 1
	}
	return s
}

func text(n int) []byte {
	s := make([]byte, n)
	for i := range s {
		s[i] = byte(i*7 + i/256)
	}
	return s
}

// What each loop leaves, for lengths around the pieces in which it is done.
func lengths() (x uint64) {
	mix := func(y uint64) { x = x*1000003 + y }
	for n := 0; n < 150; n++ {
		s := numbers(n + 3)
		d := make([]int, n+3)
		mix(uint64(copyInts(d, s[1:n+1])))
		for _, v := range d {
			mix(uint64(v))
		}
		fours(d, s[:n])
		for _, v := range d {
			mix(uint64(v))
		}
		b := text(n + 70)
		for _, shift := range []int{0, 1, 3, 8, 17, 40, 64, 65} {
			copyBytes(b, b, shift, 0, n)
			mix(uint64(sum(b)))
			copyBytes(b, b, 0, shift, n)
			mix(uint64(sum(b)))
		}
		fillBytes(b[1:n+1], byte(n))
		mix(uint64(sum(b)))
		h, w := make([]uint16, n+1), make([]int32, n+1)
		fill16(h[:n], uint16(n*999))
		fill32(w[:n], int32(-n*99999))
		for i := range h {
			mix(uint64(h[i]))
			mix(uint64(w[i]))
		}
		k := make([]int16, n+1)
		copyNarrow(k, w)
		for _, v := range k {
			mix(uint64(v))
		}
		fillInts(d[:n], -n)
		for _, v := range d {
			mix(uint64(v))
		}
		f, g := make([]float64, n+1), make([]float32, n+1)
		fillFloats(f[:n], math.Pi, g[:n], 1.5)
		e, t := make([]float64, n+1), make([]float32, n+1)
		copyFloats(e, f, t, g)
		for i := range e {
			mix(math.Float64bits(e[i]))
			mix(uint64(math.Float32bits(t[i])))
		}
		p, q := make([]pair, n+2), make([]pair, n+2)
		for i := range p {
			p[i] = pair{i, -i}
		}
		copyPairs(q, p[:n+1])
		copyPairs(p[1:], p[:n+1])
		copyFields(q[:n+1], q[1:])
		copyFields(q[1:], q[:n+1])
		for i := range p {
			mix(uint64(p[i].a*3 + p[i].b + q[i].a*5 + q[i].b*7))
		}
		r, o := make([]triple, n+1), make([]triple, n+1)
		for i := range r {
			r[i] = triple{string(b[:i%5]), i}
		}
		copyTriples(o, r)
		copyTriples(r, r[min(1, n):])
		for i := range o {
			mix(uint64(len(o[i].name)*o[i].n + len(r[i].name)))
		}
		m, l := make([]small, n+1), make([]small, n+1)
		for i := range m {
			m[i] = small{byte(i), byte(i + 1), byte(i + 2)}
		}
		copySmall(l, m[:n])
		copySmall(m, m[n/2:])
		for i := range m {
			mix(uint64(m[i].a) + uint64(l[i].b) + uint64(l[i].c))
		}
		x1, x2 := make([]*int, n+1), make([]*int, n+1)
		for i := range x1 {
			x1[i] = &d[i]
		}
		copyPointers(x2, x1[:n])
		for i := range x2[:n] {
			mix(uint64(*x2[i]))
		}
		clearAll(p[:n], r[:n], x2, l[:n])
		fmt.Fprint(&discard, p[n], r[n], x2[n/2] == nil, l[n])
		table = d
		global(n)
		for _, v := range table {
			mix(uint64(v))
		}
	}
	return
}

type sink struct{ n int }

func (s *sink) Write(p []byte) (int, error) {
	s.n += len(p)
	return len(p), nil
}

var discard sink

func searches() (x uint64) {
	mix := func(y int) { x = x*1000003 + uint64(y) }
	for n := 0; n < 130; n++ {
		for at := 0; at <= n; at += 1 + n/9 {
			s := make([]byte, n)
			if at < n {
				s[at] = 200
			}
			mix(index(s, 200, at/2))
			mix(index(s, 0, at))
			mix(indexWord(string(s), 200))
			mix(indexWord(string(s), 200+256))
			mix(indexWord(string(s), -56))
			mix(ascii(string(s)))
			mix(either(string(s), 200, 201))
			mix(common(s, make([]byte, n)))
			mix(common(s, s[:at]))
			for i := range s[:at] {
				s[i] = ' '
			}
			mix(spaces(s))
			h, w, c := make([]uint16, n), make([]uint32, n), make([]int8, n)
			for i := range h {
				h[i], w[i], c[i] = 1001+uint16(i), 1<<31-uint32(i), int8(i%50)
			}
			if at < n {
				h[at], w[at], c[at] = 1000, 1<<31+1, -3
			}
			mix(above(h, 0))
			mix(above(h, at+1))
			mix(atMost(w))
			mix(signed(c, -3))
			v := make([]int32, n)
			if at < n {
				v[at] = -1
			}
			found, err := sentinel(v, -1)
			mix(found)
			if err != nil {
				mix(len(err.(runtime.Error).Error()))
			}
		}
	}
	return
}

func main() {
	fmt.Println(lengths())
	fmt.Println(searches())

	// Where a loop fails, and what it has done before.
	d, s := make([]int, 100), numbers(150)
	try(func() { copyInts(d, s) })
	fmt.Println(d[0], d[99])
	try(func() { copyInts(d[:0], s) })
	b := text(300)
	try(func() { copyBytes(b[:100], b, 60, 150, 90) })
	fmt.Println(sum(b))
	try(func() { copyBytes(b[:100], b, -1, 150, 90) })
	fmt.Println(sum(b))
	try(func() { copyInts(nil, s) })
	try(func() { table = d[:50]; toLimit(table, &d[70], 3) })
	n, err := sentinel(make([]int32, 77), 1)
	fmt.Println(n, err)

	for at := range 120 {
		limit := make([]int, 130)
		limit[at] = 125
		if n := toLimit(limit, &limit[at], at/2); n != at+1 && n != 125 {
			fmt.Println("stopped at", n, "with the limit at", at)
		}
	}
	rows('x')
	fmt.Println(string(grid[39][:]))

	// Something is collected and other goroutines run meanwhile.
	done := make(chan int)
	big, copied := make([]*int, 300_000), make([]*int, 300_000)
	go func() {
		for range 10 {
			for i := range big {
				if i%1000 == 0 {
					big[i] = new(int)
					*big[i] = i
				}
			}
			runtime.Gosched()
		}
		done <- 1
	}()
	<-done
	go func() {
		for range 5 {
			runtime.GC()
		}
		done <- 1
	}()
	for range 20 {
		copyPointers(copied, big)
		clearPointers(big)
		copyPointers(big, copied)
		clearPointers(copied)
	}
	<-done
	total := 0
	for _, p := range big {
		if p != nil {
			total += *p
		}
	}
	fmt.Println(total)
}

func clearPointers(s []*int) {
	for i := range s {
		s[i] = nil
	}
}
