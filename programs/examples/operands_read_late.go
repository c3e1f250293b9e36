// What stands before a call in the same statement is read after it, as gc does: variables, fields, elements. What gc evaluates on the way is not.
package main

import "fmt"

type S struct{ a, b, c int }
type B struct {
	n   int
	s   string
	st  S
	p   *int
	f   float64
	e   any
	sl  []int
	m   map[string]int
	by  byte
	arr [3]int
	fn  func() int
}

var two = 2
var three = 3

func mk() *B {
	return &B{1, "a", S{1, 1, 1}, &two, 1.5, 1, []int{1}, map[string]int{"a": 1}, 1, [3]int{1, 1, 1}, func() int { return 1 }}
}
func (b *B) mod() int {
	b.n = 10
	b.s = "bcd"
	b.st = S{10, 10, 10}
	b.p = &three
	b.f = 10.5
	b.e = 10
	b.sl = []int{10}
	b.m = map[string]int{"a": 10}
	b.by = 10
	b.arr = [3]int{10, 10, 10}
	b.fn = func() int { return 10 }
	return 2
}

func any2(a, b any) string        { return fmt.Sprint(a, b) }
func st2(a S, b int) string       { return fmt.Sprint(a, b) }
func arr2(a [3]int, b int) string { return fmt.Sprint(a, b) }
func var2(a ...any) string        { return fmt.Sprint(a...) }
func vari(a ...int) string        { return fmt.Sprint(a) }
func vars(a ...S) string          { return fmt.Sprint(a) }
func (s S) get(x int) string      { return fmt.Sprint(s, x) }
func (s *S) pget(x int) string    { return fmt.Sprint(*s, x) }

type I interface{ get(int) string }

func main() {
	b := mk()
	fmt.Println("int any", any2(b.n, b.mod()))
	b = mk()
	fmt.Println("str any", any2(b.s, b.mod()))
	b = mk()
	fmt.Println("struct any", any2(b.st, b.mod()))
	b = mk()
	fmt.Println("float any", any2(b.f, b.mod()))
	b = mk()
	fmt.Println("iface any", any2(b.e, b.mod()))
	b = mk()
	fmt.Println("slice any", any2(b.sl, b.mod()))
	b = mk()
	fmt.Println("byte any", any2(b.by, b.mod()))
	b = mk()
	fmt.Println("arr any", any2(b.arr, b.mod()))
	b = mk()
	fmt.Println("var", var2(b.n, b.s, b.st, b.f, b.e, b.sl, b.by, b.arr, b.mod()))
	b = mk()
	fmt.Println("vari", vari(b.n, b.mod()))
	b = mk()
	fmt.Println("vars", vars(b.st, S{b.mod(), 0, 0}))
	b = mk()
	fmt.Println("st2", st2(b.st, b.mod()))
	b = mk()
	fmt.Println("arr2", arr2(b.arr, b.mod()))
	b = mk()
	fmt.Println("map", b.m["a"]+b.mod())
	b = mk()
	fmt.Println("elem", b.sl[0]+b.mod())
	b = mk()
	fmt.Println("assert", b.e.(int)+b.mod())
	b = mk()
	fmt.Println("slice", len(b.s[:])+b.mod())
	b = mk()
	fmt.Println("slice expr", vari(append(b.sl[:1], b.mod())...))
	b = mk()
	fmt.Println("and", (b.n == 1 && b.n < 5) == (b.mod() == 2))
	b = mk()
	fmt.Println("cmp", (b.n == 1) == (b.mod() == 2))
	b = mk()
	fmt.Println("not", !(b.n == 1 && b.s == "a") == (b.mod() == 2))
	b = mk()
	fmt.Println("structcmp", (b.st == S{1, 1, 1}) == (b.mod() == 2))
	b = mk()
	fmt.Println("ifacecmp", (b.e == any(1)) == (b.mod() == 2))
	b = mk()
	fmt.Println("conv", float64(b.n)+float64(b.mod()))
	b = mk()
	fmt.Println("concat", b.s+b.s+fmt.Sprint(b.mod()))
	b = mk()
	fmt.Println("concat2", var2(b.s+"x", b.mod()))
	b = mk()
	fmt.Println("concat3", st2(S{len(b.s + "x"), 0, 0}, b.mod()))
	b = mk()
	fmt.Println("lit", []int{b.n, b.mod(), b.n})
	b = mk()
	fmt.Println("alit", [...]int{b.n, b.mod(), b.n})
	b = mk()
	fmt.Println("slit", S{b.n, b.mod(), b.n})
	b = mk()
	fmt.Println("plit", *&S{b.n, b.mod(), b.n})
	b = mk()
	fmt.Println("mlit", map[string]int{"x": b.n, "y": b.mod(), "z": b.n})
	b = mk()
	fmt.Println("anylit", []any{b.n, b.s, b.st, b.mod(), b.n})
	b = mk()
	fmt.Println("litarg", st2(S{b.n, b.n, b.n}, b.mod()))
	b = mk()
	fmt.Println("recv", b.st.get(b.mod()))
	b = mk()
	fmt.Println("precv", b.st.pget(b.mod()))
	b = mk()
	fmt.Println("fnfield", func() int { return b.fn() }()+b.mod())
	b = mk()
	g := func(f func() int, x int) int { return f()*100 + x }
	fmt.Println("fn arg", g(b.fn, b.mod()))
	b = mk()
	fmt.Println("deref", *b.p+b.mod())
	b = mk()
	fmt.Println("neg", -b.n+b.mod())
	b = mk()
	fmt.Println("min", min(b.n, 50)+b.mod())
	b = mk()
	fmt.Println("bytes", string([]byte(b.s))+fmt.Sprint(b.mod()))
	b = mk()
	fmt.Println("append", append(b.sl, b.mod()))
	b = mk()
	fmt.Println("append2", append(b.sl, b.n, b.mod(), b.n))
	b = mk()
	fmt.Println("copy", copy(b.sl, []int{b.mod()}), b.sl)
	b = mk()
	fmt.Println("complex", complex(b.f, float64(b.mod())))
	b = mk()
	b.m[b.s] = b.mod()
	fmt.Println("mapas", b.m)
	b = mk()
	b.m["a"] += b.mod()
	fmt.Println("mapop", b.m)
	b = mk()
	b.sl[0] += b.mod()
	fmt.Println("slop", b.sl)
	b = mk()
	o := b.sl
	b.sl[0] = b.mod()
	fmt.Println("slas", o, b.sl)
	b = mk()
	b.arr[b.n%3], b.n = b.mod(), b.arr[0]
	fmt.Println("multi", b.arr, b.n)
	b = mk()
	b.n, b.s = b.mod(), b.s+"z"
	fmt.Println("multi2", b.n, b.s)
	b = mk()
	x, y, z := b.n, b.mod(), b.n
	fmt.Println("multi3", x, y, z)
	b = mk()
	r1, r2 := func() (int, int) { return b.n, b.mod() }()
	fmt.Println("ret", r1, r2)
	b = mk()
	r3, r4 := func() (q, w int) { return b.n, b.mod() }()
	fmt.Println("retn", r3, r4)
	b = mk()
	r5, r6 := func() (q any, w int) { defer func() {}(); return b.n, b.mod() }()
	fmt.Println("retd", r5, r6)
	b = mk()
	ch := make(chan int, 1)
	chs := []chan int{ch}
	cf := func() int { chs = []chan int{make(chan int, 1)}; return 3 }
	chs[0] <- cf()
	fmt.Println("send", len(ch), len(chs[0]))
	b = mk()
	switch b.n + b.mod() {
	case 3:
		fmt.Println("sw 3")
	case 12:
		fmt.Println("sw 12")
	}
	b = mk()
	if b.n+b.mod() == 12 {
		fmt.Println("if 12")
	}
	b = mk()
	for i := b.n + b.mod(); i < 14; i++ {
		fmt.Println("for", i)
	}
	b = mk()
	defer fmt.Println("defer", b.n, b.mod())
	b = mk()
	done := make(chan int)
	go func(a, c int) { fmt.Println("go", a, c); done <- 1 }(b.n, b.mod())
	<-done
	b = mk()
	fmt.Println("shift", b.n<<b.mod())
	b = mk()
	fmt.Println("nested", (b.n*2+b.mod())*b.n+func() int { b.n = 100; return 1 }())
	b = mk()
	fmt.Println("idx", b.arr[b.n%3*0+b.mod()-2])
	b = mk()
	fmt.Println("idx2", b.sl[0]*b.arr[b.mod()])
	b = mk()
	fmt.Println("slices", b.sl[b.mod()-2:], b.s[:b.mod()])
}
