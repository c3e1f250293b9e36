// Callees, receivers, bounds, keys and targets of assignments beside calls that change them; what fails, fails after the calls.
package main

import "fmt"

type I interface{ get(int) string }
type S struct{ a int }

func (s S) get(x int) string   { return fmt.Sprint("S", s.a, x) }
func (s *S) pget(x int) string { return fmt.Sprint("P", s.a, x) }

type T struct{ x int }

func (t T) get(x int) string { return fmt.Sprint("T", t.x, x) }

type B struct {
	fn func(int) string
	i  I
	s  S
	p  *S
	n  int
	ch chan int
	m  map[string]int
	k  string
}

func mk() *B {
	return &B{func(x int) string { return fmt.Sprint("one", x) }, S{1}, S{1}, &S{1}, 1, make(chan int, 3), map[string]int{"a": 1, "b": 2}, "a"}
}
func (b *B) mod() int {
	b.fn = func(x int) string { return fmt.Sprint("two", x) }
	b.i = T{2}
	b.s = S{2}
	b.p = &S{2}
	b.n = 2
	b.ch = make(chan int, 5)
	b.k = "b"
	return 7
}
func (b *B) pair() (int, int)      { return b.mod(), 8 }
func (b *B) pair2() (string, bool) { return fmt.Sprint(b.mod()), true }

func f2(a, c, d int) string { return fmt.Sprint(a, c, d) }

var gfn = func(x int) string { return fmt.Sprint("g one", x) }
var gi I = S{1}

func gmod() int { gfn = func(x int) string { return fmt.Sprint("g two", x) }; gi = T{2}; return 9 }

type N struct{ b *B }

func (s S) two(a, c int) string { return fmt.Sprint(s.a, a, c) }

func try(f func()) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Println("recovered", r)
		}
	}()
	f()
}

func main() {
	b := mk()
	fmt.Println(b.fn(b.mod()))
	b = mk()
	fmt.Println(b.i.get(b.mod()))
	b = mk()
	fmt.Println(b.s.get(b.mod()))
	b = mk()
	fmt.Println(b.p.get(b.mod()))
	b = mk()
	fmt.Println(b.p.pget(b.mod()))
	b = mk()
	fmt.Println(b.s.pget(b.mod()))
	b = mk()
	fmt.Println(gfn(gmod()))
	b = mk()
	gi = S{1}
	fmt.Println(gi.get(gmod()))
	b = mk()
	n := N{b}
	fmt.Println(n.b.p.pget(n.b.mod()))
	b = mk()
	fmt.Println(b.s.two(b.pair()))
	b = mk()
	fmt.Println(b.p.two(b.pair()))
	b = mk()
	v := b.p.pget
	w := b.s.get
	b.mod()
	fmt.Println(v(1), w(1))
	b = mk()
	fns := []func(int) string{b.p.pget, func(int) string { b.mod(); return "x" }}
	fmt.Println(fns[0](1))
	b = mk()
	x, y := b.n, <-func() chan int { b.mod(); c := make(chan int, 1); c <- 5; return c }()
	fmt.Println(x, y)
	b = mk()
	b.ch <- b.mod()
	fmt.Println(len(b.ch))
	b = mk()
	b.m[b.k] = b.mod()
	fmt.Println(b.m)
	b = mk()
	delete(b.m, b.k+func() string { b.mod(); return "" }())
	fmt.Println(b.m)
	b = mk()
	fmt.Println(min(b.n, b.mod()), max(b.n, b.mod()+b.n))
	b = mk()
	q := []int{1, 2, 3, 4, 5, 6, 7, 8, 9}
	fmt.Println(q[b.n:b.mod()], q[b.n:b.mod():b.n+6])
	b = mk()
	z, ok := b.m[b.k+func() string { b.mod(); return "" }()]
	fmt.Println(z, ok)
	b = mk()
	var arr [3]int
	arr[b.n], b.n = b.pair()
	fmt.Println(arr, b.n)
	b = mk()
	b.k, ok = b.pair2()
	fmt.Println(b.k, ok)
	b = mk()
	st := struct{ a, c any }{b.n, b.mod()}
	fmt.Println(st)
	b = mk()
	mm := map[any]any{b.n: b.mod(), b.k: b.n}
	fmt.Println(mm)
	b = mk()
	aa := [...][2]int{{b.n, b.n}, {b.mod(), b.n}}
	fmt.Println(aa)
	b = mk()
	pp := []*S{{b.n}, {b.mod()}, {b.n}}
	fmt.Println(*pp[0], *pp[1], *pp[2])
	b = mk()
	fmt.Println(func() (a int, s string, e error) { return b.n, b.k, fmt.Errorf("%d", b.mod()) }())
	b = mk()
	fmt.Println(b.n == b.mod() || b.n == 2, b.n)
	b = mk()
	try(func() { var np *B; fmt.Println(np.n + b.mod()) })
	fmt.Println(b.n)
	b = mk()
	try(func() { fmt.Println(q[b.n+20] + b.mod()) })
	fmt.Println(b.n)
	b = mk()
	try(func() { fmt.Println(b.i.(T).x + b.mod()) })
	fmt.Println(b.n)
	b = mk()
	try(func() { z := 0; fmt.Println(b.n/z + b.mod()) })
	fmt.Println(b.n)
	b = mk()
	try(func() { var m map[string]int; m["a"] = b.mod() })
	fmt.Println(b.n)
	b = mk()
	try(func() { var f func(int) int; f(b.mod()) })
	fmt.Println(b.n)
	b = mk()
	try(func() { var i I; i.get(b.mod()) })
	fmt.Println(b.n)
	b = mk()
	try(func() { var p *S; p.get(b.mod()) })
	fmt.Println(b.n)
	b = mk()
	try(func() { q[b.n+20] = b.mod() })
	fmt.Println(b.n)
	b = mk()
	try(func() { fmt.Println(q[b.n+20:], b.mod()) })
	fmt.Println(b.n)
	b = mk()
	for i, c := range []int{b.n, b.mod(), b.n} {
		fmt.Print(i, c, " ")
	}
	fmt.Println()
	b = mk()
	go func(string, int) {}(b.k, b.mod())
	defer fmt.Println("d", b.n, b.k, b.mod(), b.n)
	b = mk()
	var arr2 [2]struct{ x, y int }
	arr2[b.n%2].x, arr2[0].y = b.mod(), b.n
	fmt.Println(arr2)
	b = mk()
	b.s, b.n = S{b.n + 5}, b.mod()+b.s.a
	fmt.Println(b.s, b.n)
	b = mk()
	b.n += b.mod() * b.n
	fmt.Println(b.n)
	b = mk()
	b.s.a, b.p.a = b.p.a+b.mod(), b.s.a
	fmt.Println(b.s, *b.p)
	b = mk()
	c := complex(float64(b.n), float64(b.mod()))
	fmt.Println(c, real(c)+float64(b.mod()))
	b = mk()
	fmt.Println(b.k+"x"+fmt.Sprint(b.mod())+b.k, len(b.k+fmt.Sprint(b.mod())))
	b = mk()
	s := b.k
	s += b.k + fmt.Sprint(b.mod())
	fmt.Println(s)
	b = mk()
	b.k += b.k + fmt.Sprint(b.mod())
	fmt.Println(b.k)
	b = mk()
	by := append([]byte(b.k), byte(b.mod()))
	fmt.Println(by, append([]byte(b.k), fmt.Sprint(b.mod())...))
	b = mk()
	panicIf := func(a any, x int) { try(func() { panic(fmt.Sprint(a, x)) }) }
	panicIf(b.n, b.mod())
	b = mk()
	fmt.Printf("%d %d %v\n", b.n, b.mod(), b.i)
}
