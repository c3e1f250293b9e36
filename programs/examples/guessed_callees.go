// Calls of closures and methods whose callee a compiler may guess from what it has seen, and then something else is called: other functions, nil, functions that panic,
// in the midst of loops and of each other.
package main

import (
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strings"
)

func where() string {
	pcs := make([]uintptr, 30)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	var names []string
	for {
		f, more := frames.Next()
		if strings.HasPrefix(f.Function, "main.") {
			names = append(names, fmt.Sprintf("%s:%d", f.Function[5:], f.Line))
		}
		if !more {
			return strings.Join(names, " ")
		}
	}
}

func fold(list []int, start int, f func(a, b int) int) int {
	for _, x := range list {
		start = f(start, x)
	}
	return start
}

func add(a, b int) int { return a + b }
func mix(a, b int) int { return (a ^ b) * 3 }

// changing calls what f is at the time: another function from some iteration on.
func changing(n int, kinds []func(int) int) (sum int) {
	f := kinds[0]
	for i := range n {
		if i%(n/len(kinds)) == 0 {
			f = kinds[i/(n/len(kinds))%len(kinds)]
		}
		sum += f(i)
	}
	return sum
}

func tryAll(n int, kinds []func(int) int) (text string) {
	defer func() {
		if e := recover(); e != nil {
			text = fmt.Sprint(e, " in ", where())
		}
	}()
	return fmt.Sprint(changing(n, kinds))
}

type shape interface{ area(scale int) int }
type square struct{ side int }
type circle struct{ r float64 }
type line struct{}

func (s square) area(scale int) int { return s.side * s.side * scale }
func (c *circle) area(scale int) int {
	return int(3 * c.r * c.r * float64(scale))
}
func (line) area(int) int { return 0 }

func areas(list []shape) (sum int) {
	for i, s := range list {
		sum += s.area(i & 3)
	}
	return sum
}

func tryAreas(list []shape) (text string) {
	defer func() {
		if e := recover(); e != nil {
			text = fmt.Sprint(e, " in ", where())
		}
	}()
	return fmt.Sprint(areas(list))
}

func count(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func where3(seq iter.Seq[int], f func(int) bool) iter.Seq[int] {
	return func(yield func(int) bool) {
		for x := range seq {
			if f(x) && !yield(x) {
				return
			}
		}
	}
}

func firstOver(limit int) (found int) {
	for x := range where3(count(5000), func(n int) bool { return n%3 == 0 }) {
		if x > limit {
			return x
		}
		found = -x
	}
	return found
}

// failing panics in the body of a loop over a function, at a place that the loops around must not lose.
func failing(at int) (sum int, text string) {
	defer func() {
		if e := recover(); e != nil {
			text = fmt.Sprint(e, " in ", where())
		}
	}()
	small := make([]int, 1500)
	for x := range where3(count(at), func(n int) bool { return n&1 == 0 }) {
		small[x]++
		sum += small[x]
	}
	return sum, "fine"
}

// compose makes closures that call closures of their own kind.
func compose(f, g func(int) int) func(int) int {
	return func(x int) int { return f(g(x)) }
}

// keeps collects what closures hold on to.
func keeps(n int) (sum int) {
	var all []func() *int
	for i := range n {
		p := new(int)
		*p = i
		all = append(all, func() *int {
			if i%100 == 0 {
				runtime.GC()
			}
			q := new(int)
			*q = *p + 1
			return q
		})
	}
	for range 3 {
		for _, f := range all {
			sum += *f()
		}
	}
	return sum
}

func deep(n int, f func(int) int) int {
	var room [20]int
	if n == 0 {
		return f(1)
	}
	room[n%20] = deep(n-1, f)
	return room[n%20] + f(n)
}

func main() {
	list := make([]int, 2000)
	for i := range list {
		list[i] = i
	}
	calls := 0
	counted := func(a, b int) int { calls++; return a - b }
	for _, f := range []func(a, b int) int{add, mix, counted, add, func(a, b int) int { return b }} {
		fmt.Print(fold(list, 1, f), " ")
	}
	fmt.Println(calls)

	double := func(x int) int { return x * 2 }
	square1 := func(x int) int { return x * x }
	fails := func(x int) int { return 10 / (x - x) }
	for _, kinds := range [][]func(int) int{
		{double}, {double}, {double, square1}, {square1, double}, {square1, nil}, {double, square1, func(x int) int { return -x }},
		{double, fails}, {double},
	} {
		fmt.Println(tryAll(3000, kinds))
	}

	shapes := make([]shape, 3000)
	for i := range shapes {
		shapes[i] = square{i % 10}
	}
	fmt.Println(tryAreas(shapes))
	for i := range shapes {
		if i >= 1500 {
			shapes[i] = &circle{float64(i % 7)}
		}
	}
	fmt.Println(tryAreas(shapes))
	shapes[2000] = line{}
	fmt.Println(tryAreas(shapes))
	shapes[2500] = (*circle)(nil)
	fmt.Println(tryAreas(shapes))
	shapes[2400] = nil
	fmt.Println(tryAreas(shapes))

	fmt.Println(firstOver(4000), firstOver(6000), firstOver(10))
	fmt.Println(failing(1000))
	fmt.Println(failing(2000))

	both := compose(double, compose(square1, double))
	other := compose(compose(double, both), both)
	sum := 0
	for i := range 3000 {
		sum += both(i)
		if i%3 == 0 {
			sum ^= other(i)
		}
	}
	fmt.Println(sum)
	fmt.Println(keeps(400))

	n := 3
	fmt.Println(deep(400, func(x int) int { n += x; return n }), n)
	done := make(chan int)
	for g := range 3 {
		go func() {
			local := g
			done <- deep(300, func(x int) int { local += x; runtime.Gosched(); return local })
		}()
	}
	sum = 0
	for range 3 {
		sum += <-done
	}
	fmt.Println(sum)

	next, stop := iter.Pull(where3(count(3000), func(n int) bool { return n%2 == 0 }))
	sum = 0
	for {
		v, ok := next()
		if !ok {
			break
		}
		sum += v
	}
	stop()
	slices.SortFunc(list, func(a, b int) int { return b%17 - a%17 })
	slices.SortFunc(list, func(a, b int) int { return a - b })
	fmt.Println(sum, list[7], list[1999])
}
