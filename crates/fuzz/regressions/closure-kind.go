package main

import ( "fmt"; "os"; "unsafe" )

func emit(s string) { fmt.Println(s) }
func format(f string, args ...any) string { return fmt.Sprintf(f, args...) }
func exit(code int) { os.Exit(code) }

type S0 struct {
	f0 [1]int
	f1 []int
}
func (s S0) Sum() int64 {
	h := int64(0)
	h = h*31 + (int64(s.f0[0])*1)
	h = h*31 + hL(s.f1, func(v int) int64 { return int64(v) })
	return h
}
func (s S0) Name() string { return "S0" }
func (s S0) Add(d int64) int64 { return s.Sum() + d }
func (s *S0) Bump(d int64) {
	if d == 0 { return }
}
type S1 struct {
	f0 []int
}
func (s S1) Sum() int64 {
	h := int64(1)
	h = h*31 + hL(s.f0, func(v int) int64 { return int64(v) })
	return h
}
func (s S1) Name() string { return "S1" }
func (s S1) Add(d int64) int64 { return s.Sum() + d }
func (s *S1) Bump(d int64) {
	if d == 0 { return }
}
type S2 struct {
	f0 int
	f1 uint8
	f2 int
	f3 int
	f4 []int
}
func (s S2) Sum() int64 {
	h := int64(2)
	h = h*31 + int64(s.f0)
	h = h*31 + int64(s.f1)
	h = h*31 + int64(s.f2)
	h = h*31 + int64(s.f3)
	h = h*31 + hL(s.f4, func(v int) int64 { return int64(v) })
	return h
}
func (s S2) Name() string { return "S2" }
func (s S2) Add(d int64) int64 { return s.Sum() + d }
func (s *S2) Bump(d int64) {
	if d == 0 { return }
	s.f0 += int(d)
	s.f1 += uint8(d)
	s.f2 += int(d)
	s.f3 += int(d)
}
type S3 struct {
	f0 [1]int
}
func (s S3) Sum() int64 {
	h := int64(3)
	h = h*31 + (int64(s.f0[0])*1)
	return h
}
func (s S3) Name() string { return "S3" }
func (s S3) Add(d int64) int64 { return s.Sum() + d }
func (s *S3) Bump(d int64) {
	if d == 0 { return }
}
func fun1(x2 int32, x3 int32) (result int) {
	if tick() { return }
	c6 := make(chan int16, 5)
	for i := range int16(5) { c6 <- i * 7 }
	close(c6)
	for v5 := range c6 {
		if tick() { break }
		_ = v5
		for i8 := range count(2, 2) {
			if tick() { break }
			_ = i8
			var v11 [][8]int = [][8]int{}
			_ = v11
			var v12 int16 = v5
			_ = v12
			p13 := &v12
			*p13 = (v5 ^ (int16(-32768) & v12))
		}
		m16 := map[int]int{1: 2, 3: 4, 5: 6}
		for range m16 {
			if tick() { break }
			var v18 [][8]S3 = [][8]S3{}
			_ = v18
			func() { defer func() { caught(4, recover()) }(); panic(0) }()
		}
		f19 := func(x20 string) (r21 int32) {
			if tick() { return }
			tS(5, string([]rune(x20)))
			tS(6, x20)
			return x3
		}
		_ = f19
		var v22 int32 = f19("hello")
		_ = v22
		tI(7, int64(v22))
		var v23 pair[uint32, N1] = pair[N1, uint32]{N1(f2i(float64(255.5))), 63, max(id(uint32(4294967295)), uint32(4294967295))}.swap()
		_ = v23
		v23.set(v23.first, v23.second)
		tI(9, (int64(v23.first) + int64(v23.second)*5 + int64(v23.small)))
		var v24 pair[N1, uint32] = v23.swap()
		_ = v24
		tI(10, (int64(v24.first) + int64(v24.second)*5 + int64(v24.small)))
		var v25 [][]bool = append([][]bool(nil), append(trim([][]bool{[]bool{true}, []bool{}}), []bool{false}, make([]bool, 5))...)
		_ = v25
	}
	f26 := func(x27 string) (r28 pair[N1, S3]) {
		if tick() { return }
		func() { defer func() { caught(11, recover()) }(); defer func() { defer func() { caught(11, recover()) }(); _ = [4]int(id([]int{1, 2})) }(); c := make(chan int); close(c); close(c) }()
		var f29 func(n int, acc *int64) int64
		f29 = func(n int, acc *int64) int64 { if n == 0 { return *acc }; here := int64(n); *acc += here; defer func() { *acc -= here / 2 }(); return f29(n-1, acc) + f29(0, &here) }
		{ var acc int64; tI(12, f29(400, &acc)); tI(12, acc) }
		return pair[N1, S3]{first: (id(N1(255)) & N1(255)), second: S3{f0: [1]int{}}}
	}
	_ = f26
	var v30 pair[N1, S3] = f26("")
	_ = v30
	tI(13, (int64(v30.first) + v30.second.Sum()*5 + int64(v30.small)))
	f31 := func(x32 string) (r33 S3) {
		if tick() { return }
		var v34 pair[uint, float64] = pair[uint, float64]{first: (id(uint(0)) + uint(0)), second: float64(0)}
		_ = v34
		v34.set(v34.first, v34.second)
		tI(15, (int64(v34.first) + hF(v34.second)*5 + int64(v34.small)))
		var v35 pair[float64, uint] = v34.swap()
		_ = v35
		tI(16, (hF(v35.first) + int64(v35.second)*5 + int64(v35.small)))
		var v36 []pair[string, S3] = []pair[string, S3]{}
		_ = v36
		{
			{
				var root *tree[int16]
				for _, v := range []int16{int16(id(uint(65))), id(int16(0)), id(int16(0)), id(int16(0))} { root = root.insert(v) }
				for v, n := range root.all { tI(17, int64(v)); if n > 0 { break } }
			}
		}
		return S3{[1]int{int(-1)}}
	}
	_ = f31
	var v37 S3 = f31("a")
	_ = v37
	tI(18, v37.Sum())
	for i38 := range int64(7) {
		if tick() { break }
		_ = i38
		func() { defer func() { caught(20, recover()) }(); panic("text") }()
		x2 = ((x2 * (x3 >> 1)) + x3)
		for i41 := range count(21, 2) {
			if tick() { break }
			_ = i41
			tI(22, int64(i41))
			var v44 uint16 = max(id(uint16(0)), uint16(0))
			_ = v44
			p45 := &v30.second
			*p45 = v37
			var p46 int64; var q47 [3]int32
			tI(23, dive(1, &p46, &q47))
			tI(23, p46 + int64(q47[0]) + int64(q47[1])*3 + int64(q47[2])*5)
			tI(24, (int64(v30.first) + v30.second.Sum()*5 + int64(v30.small)))
			var v48 map[uint32][3]S3 = map[uint32][3]S3{}
			_ = v48
		}
	}
	return result
}
func main() {
	fuel = 600
	func(v int) { tI(25, int64(v)) }(fun1(int32(0), int32(0)))
	lines = 0
	tU(0, sum)
}

var sum uint64 = 14695981039346656037
var lines int
var fuel int

// tick takes some fuel: with none left functions return at once and loops end, so every program terminates.
func tick() bool {
	fuel--
	return fuel < 0
}

func hash(h uint64, s string) uint64 {
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

func line(id int, s string) {
	sum = hash(sum, s) + uint64(id)
	lines++
	if lines < 500 {
		emit(itoa(int64(id)) + ": " + s)
	}
}

func utoa(v uint64) string {
	var buf [24]byte
	at := len(buf)
	for {
		at--
		buf[at] = byte('0' + v%10)
		v /= 10
		if v == 0 {
			return string(buf[at:])
		}
	}
}

func itoa(v int64) string {
	if v < 0 {
		return "-" + utoa(-uint64(v))
	}
	return utoa(uint64(v))
}

func tI(id int, v int64)  { line(id, itoa(v)) }
func tU(id int, v uint64) { line(id, utoa(v)) }
func tS(id int, v string) { line(id, "s"+v) }
func tB(id int, v bool) {
	if v {
		line(id, "true")
	} else {
		line(id, "false")
	}
}
func tF(id int, v float64) { line(id, "f"+utoa(uint64(hF(v)))) }

// probe leaves a trace of when it is called, and gives its argument.
func probe(id int, v int) int {
	line(id, "probe "+itoa(int64(v)))
	return v
}

// hF gives a float's bits, with all NaNs alike.
func hF(v float64) int64 {
	if v != v {
		return 77
	}
	return int64(*(*uint64)(unsafe.Pointer(&v)))
}

func hB(v bool) int64 {
	if v {
		return 1
	}
	return 0
}

func hS(v string) int64 { return int64(hash(7, v)) }

func hC(v complex128) int64 { return hF(real(v))*3 + hF(imag(v)) }

func hL[T any](s []T, f func(T) int64) int64 {
	h := int64(len(s))
	for _, v := range s {
		h = h*31 + f(v)
	}
	return h
}

func hM[K comparable, V any](m map[K]V, f func(K, V) int64) int64 {
	h := int64(len(m))
	for k, v := range m {
		h += f(k, v) * 17
	}
	return h
}

func hA(v any) int64 {
	switch v := v.(type) {
	case nil:
		return 1
	case int:
		return int64(v) + 2
	case int8, int16:
		if w, ok := v.(int8); ok {
			return int64(w) + 3
		}
		return int64(v.(int16)) + 4
	case uint64:
		return int64(v) + 5
	case string:
		return hS(v) + 6
	case float64:
		return hF(v) + 7
	case bool:
		return hB(v) + 8
	case Shape:
		return v.Sum() + 9
	case error:
		return hS(v.Error()) + 10
	}
	return 11
}

// f2i converts what every implementation converts alike.
func f2i(v float64) int64 {
	if v > -1e15 && v < 1e15 {
		return int64(v)
	}
	return 5
}

func id[T any](v T) T { return v }

func ix(n, i int) int { return int(uint(i) % uint(n)) }

func at[T any](s []T, i int) T {
	if len(s) == 0 {
		var zero T
		return zero
	}
	return s[ix(len(s), i)]
}

func byteAt(s string, i int) byte {
	if s == "" {
		return 0
	}
	return s[ix(len(s), i)]
}

func cut(n, i int) int {
	return ix(n+1, i)
}

func short(s string) string {
	if len(s) > 64 {
		return s[len(s)-33:]
	}
	return s
}

func trim[T any](s []T) []T {
	if len(s) > 40 {
		return s[7:11]
	}
	return s
}

// clip gives a slice that shares no room for growth with the one it is made from.
func clip[T any](s []T) []T { return s[:len(s):len(s)] }

// go1 calls f in a goroutine of its own and waits for it.
func go1[A, B any](f func(A) B, a A) {
	done := make(chan bool)
	go func() {
		f(a)
		done <- true
	}()
	<-done
}

type failure struct{ code int }

func (f failure) Error() string { return "failure " + itoa(int64(f.code)) }

// caught prints what was recovered. It stays out of the checksum: some texts name the package.
func caught(id int, r any) {
	text := "other"
	switch r := r.(type) {
	case nil:
		text = "nothing"
	case error:
		text = r.Error()
	case string:
		text = r
	case int:
		text = itoa(int64(r))
	case Shape:
		text = "shape " + r.Name()
	}
	lines++
	if lines < 500 {
		emit(itoa(int64(id)) + ": recovered " + text)
	}
}

type Shape interface {
	Sum() int64
	Name() string
}

type Bumper interface {
	Shape
	Bump(d int64)
}

type N0 int16
type N1 uint8

func (n N0) Sum() int64   { return int64(n) * 3 }
func (n N0) Name() string { return "N0" }
func (n *N1) Sum() int64  { return int64(*n) + 1 }
func (n *N1) Name() string {
	return "N1"
}
func (n *N1) Bump(d int64) { *n += N1(d) }

type box struct {
	Shape
	extra int32
}

func (b box) Name() string { return "box of " + b.Shape.Name() }

type fn func(int64) int64

func (f fn) Sum() int64   { return f(5) }
func (f fn) Name() string { return "fn" }

type integer interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr
}

type ordered interface {
	integer | ~float32 | ~float64 | ~string
}

type pair[A, B any] struct {
	first  A
	small  uint8
	second B
}

func (p pair[A, B]) swap() pair[B, A] { return pair[B, A]{p.second, p.small + 1, p.first} }
func (p *pair[A, B]) set(a A, b B)    { p.first, p.second = a, b; p.small++ }

type tree[T ordered] struct {
	left, right *tree[T]
	value       T
	count       int
}

func (t *tree[T]) insert(v T) *tree[T] {
	if t == nil {
		return &tree[T]{value: v, count: 1}
	}
	switch {
	case v < t.value:
		t.left = t.left.insert(v)
	case v > t.value:
		t.right = t.right.insert(v)
	default:
		t.count++
	}
	return t
}

func (t *tree[T]) all(yield func(T, int) bool) {
	t.push(yield)
}

func (t *tree[T]) push(yield func(T, int) bool) bool {
	return t == nil || t.left.push(yield) && yield(t.value, t.count) && t.right.push(yield)
}

func apply[T, U any](s []T, f func(T) U) []U {
	var r []U
	for _, v := range s {
		r = append(r, f(v))
	}
	return r
}

func fold[T, A any](s []T, a A, f func(A, T) A) A {
	for i := range s {
		a = f(a, s[i])
	}
	return a
}

func total[T integer](vs ...T) T {
	var r T
	for _, v := range vs {
		r = r*3 + v
	}
	return r
}

func largest[T ordered](first T, rest ...T) T {
	for _, v := range rest {
		first = max(first, v)
	}
	return first
}

// sorted gives a map's keys in order.
func sorted[K ordered, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	for i := range keys {
		for j := i; j > 0 && keys[j] < keys[j-1]; j-- {
			keys[j], keys[j-1] = keys[j-1], keys[j]
		}
	}
	return keys
}

func count(id, n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		defer func() { tS(id, "count ends") }()
		for i := 0; i < n; i++ {
			if !yield(i * 3) {
				return
			}
		}
	}
}

func each[T any](s []T) func(func(int, *T) bool) {
	return func(yield func(int, *T) bool) {
		for i := range s {
			if !yield(i, &s[i]) {
				break
			}
		}
	}
}

// dive writes through a pointer n frames up, from frames with locals of their own.
func dive(n int, p *int64, q *[3]int32) int64 {
	var local [5]int64
	inner := &local[n%5]
	*inner = int64(n)
	if n == 0 {
		*p += 11
		q[1]--
		return 1
	}
	r := dive(n-1, inner, q)
	*p += *inner
	q[2] += int32(r)
	return r*5 + local[(n+1)%5] + *inner
}

func sideways(n int, f func(int) int) int {
	if n == 0 {
		return f(n)
	}
	here := n
	return sideways(n-1, func(m int) int { here++; return f(m+1) + here })
}

func variadic(id int, vs ...any) int64 {
	var h int64
	for i, v := range vs {
		h = h*7 + hA(v) + int64(i)
	}
	tI(id, h)
	return h
}

// node is a list and a tree of things that refer to each other.
type node struct {
	box
	next  *node
	kids  []*node
	attrs map[string][]int
	hook  func(*node) int64
	any   any
	flag  bool
	small int16
}

func chain(n int, last *node) *node {
	if n == 0 {
		return last
	}
	here := node{box: box{N0(n), int32(n)}, flag: n%2 == 0, small: int16(n)}
	here.next = chain(n-1, &here)
	here.kids = append(here.kids, here.next, last)
	here.attrs = map[string][]int{"n": {n}, "depth": append([]int(nil), n, n+1)}
	here.hook = func(other *node) int64 { here.small++; return int64(here.small) + other.weigh(1) }
	here.any = here.box
	return &here
}

func (n *node) weigh(depth int) int64 {
	if n == nil || depth > 6 {
		return 1
	}
	h := n.Sum()*3 + int64(n.small) + hB(n.flag) + int64(n.extra)
	for _, k := range n.kids {
		h = h*5 + k.weigh(depth+3)
	}
	for _, key := range sorted(n.attrs) {
		h = h*7 + hL(n.attrs[key], func(v int) int64 { return int64(v) })
	}
	return h*11 + hA(n.any) + n.next.weigh(depth+1)
}

type ints []int

func (s *ints) push(v int) *ints { *s = append(*s, v); return s }
func (s ints) Sum() (h int64) {
	for i, v := range s {
		h += int64(v * (i + 1))
	}
	return
}
func (s ints) Name() string { return "ints" }

func several(n int) (int, string, []int, error) {
	if n%3 == 0 {
		return n, itoa(int64(n)), nil, failure{n}
	}
	return n + 1, "s", []int{n}, nil
}

func joined(n int, s string, v []int, err error) int64 {
	h := int64(n) + hS(s) + int64(len(v))
	if err != nil {
		h += hS(err.Error())
	}
	return h
}

type point struct{ x, y int8 }

type key struct {
	point
	name string
	any  any
}

// moving has parts of all kinds, every one of which a call of shift changes.
type moving struct {
	n    int
	s    string
	list []int
	part pair[int, int]
	next *moving
	m    map[string]int
	any  any
	p    *int
	arr  [4]int
}

func newMoving(n int) *moving {
	a, b := &moving{}, &moving{}
	a.next, b.next = b, a
	a.shift(n)
	b.shift(n + 1)
	return a
}

func (b *moving) shift(d int) int {
	b.n = b.n*3 + d
	b.s = "abcdefgh"[:1+b.n&3] + short(b.s)
	b.list = []int{b.n, b.n ^ 5, d, 7, 11, b.n & 7}[:4+b.n&1]
	b.part.set(b.n&15, d)
	if b.next != nil && b.n&1 == 0 {
		b.next, b.next.next = b.next.next, b
	}
	b.m = map[string]int{b.s: b.n, "k": d}
	b.any, b.p = b.n+d, new(int)
	*b.p = b.n - d
	b.arr = [4]int{b.n, d, b.arr[0], b.arr[1]}
	return d
}

func (b *moving) Sum() int64 {
	return int64(total(b.n, len(b.s), b.list[1], b.part.first, b.next.n, len(b.m), b.any.(int), *b.p, b.arr[2]))
}
