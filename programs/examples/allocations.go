// New objects of all kinds and many sizes, whose only references are in other new objects; what the collector must
// not miss, what it must not take for a pointer, and how many objects were made.
package main

import (
	"fmt"
	"runtime"
)

const count = 700

type (
	second struct {
		a int
		p *int
	}
	first struct {
		p    *int
		a, b int
	}
	three struct{ p, q, r *int }
	ends  struct {
		p       *int
		a, b, c int
		q       *int
	}
	six struct {
		a       [3]int
		p, q, r *int
	}
	nine struct {
		p *int
		a [7]int
		q *int
	}
	text struct {
		s string
		a int
		t string
	}
	nested struct {
		in [3]second
		f  func() int
		v  any
	}
	most [64]*int
	last struct {
		a [60]int
		p *int
	}
	large struct {
		p *int
		a [70]int
		q *int
	}
	numbers struct{ a [9]uintptr }
	short   struct {
		a, b int16
		c    bool
	}
)

var (
	seconds []*second
	firsts  []*first
	threes  []*three
	ended   []*ends
	sixes   []*six
	nines   []*nine
	texts   []*text
	nests   []*nested
	mosts   []*most
	lasts   []*last
	larges  []*large
	figures []*numbers
	shorts  []*short
	funcs   []func() int
	anys    []any
	arrays  [][]*int
	strs    [][]string
	bytes   [][]byte
	garbage any
)

func number(i int) *int {
	p := new(int)
	*p = i
	return p
}

func word(i int) string { return string([]byte{byte('a' + i%26), byte('a' + i/26%26)}) }

func make1(i int) {
	seconds = append(seconds, &second{i, number(i)})
	firsts = append(firsts, &first{p: number(i), b: i})
	threes = append(threes, &three{number(i), number(i + 1), number(i + 2)})
	ended = append(ended, &ends{number(i), 1, 2, 3, number(i + 1)})
	sixes = append(sixes, &six{[3]int{i, i, i}, number(i), number(i + 1), number(i + 2)})
	nines = append(nines, &nine{p: number(i), q: number(i + 1)})
	texts = append(texts, &text{word(i), i, word(i + 1)})
	nests = append(nests, &nested{
		in: [3]second{{i, number(i)}, {i, number(i + 1)}, {i, number(i + 2)}},
		f:  func() int { return i },
		v:  i + 1000,
	})
	m := new(most)
	for k := range m {
		m[k] = number(i + k)
	}
	mosts = append(mosts, m)
	lasts = append(lasts, &last{p: number(i)})
	larges = append(larges, &large{p: number(i), q: number(i + 1)})
	figures = append(figures, &numbers{[9]uintptr{uintptr(i)}})
	shorts = append(shorts, &short{int16(i), int16(-i), i%2 == 0})
}

func make2(i int) {
	p, q, r, s := number(i), number(i+1), word(i), []int{i, i}
	n := 0
	funcs = append(funcs,
		func() int { return *p },
		func() int { return *p + *q + len(r) },
		func() int { return i + s[1] + *q },
		func() int { n++; return n })
	anys = append(anys, i, -i, int32(-i), uint16(i), i%3 == 0, float64(i)/2, float32(i), word(i), r[2:], s, s[:0],
		[]int(nil), second{i, p}, *q, [2]*int{p, q}, text{r, i, word(i)}, short{int16(i), 1, true}, struct{}{},
		[3]byte{byte(i), 1, 2}, complex(float64(i), 1), rune(i), uint8(i), error(nil))
	a := make([]*int, 7)
	for k := range a {
		a[k] = number(i + k)
	}
	arrays = append(arrays, a, make([]*int, 0, 5), []*int{p, q, number(i)})
	strs = append(strs, append(make([]string, 0, 3), word(i), word(i+1)))
	bytes = append(bytes, make([]byte, 5), make([]byte, 13, 100))
}

// Uses again what a collection has freed, with words that are no pointers.
func churn() {
	for i := range 2000 {
		garbage = &second{-1, nil}
		garbage = &first{a: -1, b: -1}
		garbage = &numbers{[9]uintptr{^uintptr(0), ^uintptr(0)}}
		garbage = -i - 1000
		garbage = make([]int, 1+i%60)
		garbage = &[6]int{-1, -1, -1, -1, -1, -1}
	}
	garbage = nil
}

func total() (sum int) {
	for i := range count {
		sum += *seconds[i].p + *firsts[i].p + firsts[i].a + firsts[i].b
		sum += *threes[i].p + *threes[i].q*3 + *threes[i].r*5
		sum += *ended[i].p + *ended[i].q*3 + ended[i].a + ended[i].b + ended[i].c
		sum += *sixes[i].p + *sixes[i].q + *sixes[i].r + sixes[i].a[2]
		sum += *nines[i].p + *nines[i].q + nines[i].a[3]
		sum += int(texts[i].s[0]) + int(texts[i].t[1]) + texts[i].a
		sum += *nests[i].in[0].p + *nests[i].in[1].p + *nests[i].in[2].p + nests[i].f() + nests[i].v.(int)
		for _, p := range mosts[i] {
			sum += *p
		}
		sum += *lasts[i].p + lasts[i].a[59]
		sum += *larges[i].p + *larges[i].q + larges[i].a[0]
		sum += int(figures[i].a[0]) + int(shorts[i].a) + int(shorts[i].b)
	}
	for _, f := range funcs {
		sum += f()
	}
	for _, a := range arrays {
		for _, p := range a[:cap(a)] {
			if p != nil {
				sum += *p
			}
		}
	}
	for _, s := range strs {
		sum += len(s)*1000 + int(s[0][0]) + int(s[1][1])
	}
	for _, b := range bytes {
		for _, x := range b[:cap(b)] {
			sum += int(x) + 1
		}
	}
	return sum
}

// Allocates objects of one kind each: their number is known.
func made(name string, n int, make func(i int)) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := range n {
		make(i)
	}
	runtime.ReadMemStats(&after)
	garbage = nil
	objects := after.Mallocs - before.Mallocs
	fmt.Println(name, objects >= uint64(n) && objects < uint64(n+n/4), after.TotalAlloc > before.TotalAlloc)
}

func main() {
	for i := range count {
		make1(i)
		make2(i)
		if i%200 == 0 {
			runtime.GC()
			churn()
		}
	}
	for range 2 {
		runtime.GC()
		churn()
		fmt.Println(total())
	}
	for i, v := range anys[23*count/2:][:23] {
		fmt.Printf("%d: %T %v\n", i, v, v != nil)
	}
	for _, i := range []int{3, 300, 699} {
		fmt.Println(anys[23*i : 23*i+12]...)
		fmt.Println(anys[23*i+13], anys[23*i+16], anys[23*i+18:23*i+23])
		fmt.Println(*anys[23*i+12].(second).p, *anys[23*i+14].([2]*int)[1], anys[23*i+15].(text).t)
	}
	made("pointers", 4000, func(int) { garbage = &three{} })
	made("words", 4000, func(i int) { garbage = i + 1000 })
	made("arrays", 4000, func(int) { garbage = new([6]int) })
	made("closures", 4000, func(i int) { garbage = func() int { return i } })
}
