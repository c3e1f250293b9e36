// Small functions that a compiler puts in the place of their calls, and what must not show it: panics in them, with the lines and callers of
// each, growing stacks, addresses of the caller's variables.
package main

import (
	"fmt"
	"runtime"
	"strings"
)

type node struct {
	value int
	next  *node
}

func at(s []int, i int) int       { return s[i] }
func quotient(a, b int) int       { return a / b }
func value(n *node) int           { return n.value }
func shifted(x int, by int) int   { return x << by }
func put(s []int, i, v int)       { s[i] = v }
func larger(a, b float64) float64 { return max2(a, b) }
func max2(a, b float64) float64 {
	if a > b {
		return a
	}
	return b
}
func both(a int, s string) (string, int) { return s, a + len(s) }
func (n *node) after() *node             { return n.next }
func change(p *int, by int)              { *p += by }
func swap(a, b int) (int, int)           { a, b = b, a; return a, b }

// where lists the functions and lines between the panic and main.
func where() string {
	pcs := make([]uintptr, 20)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	var names []string
	for {
		f, more := frames.Next()
		if strings.HasPrefix(f.Function, "main.") {
			names = append(names, fmt.Sprintf("%s:%d", f.Function, f.Line))
		}
		if !more {
			return strings.Join(names, " ")
		}
	}
}

func hot(what int, s []int, n *node, last int) (sum int) {
	defer func() {
		if e := recover(); e != nil {
			fmt.Println(e, sum, where())
		}
	}()
	for i := 0; i <= last; i++ {
		local := i
		switch what {
		case 0:
			sum += at(s, i)
		case 1:
			sum += quotient(100, last-i)
		case 2:
			sum += value(n)
			n = n.after()
		case 3:
			sum += shifted(1, last-i-1)
		case 4:
			put(s, i, i*i)
			sum += s[i]
		case 5:
			sum += int(larger(float64(i), 3.5))
		case 6:
			t, l := both(i, "four")
			sum += l + len(t)
		case 7:
			change(&local, 10)
			sum += local
		case 8:
			a, b := swap(i, sum)
			sum = a + 2*b
		}
	}
	return sum
}

// deep grows the stack, with an address of its caller's on it, and calls small functions at every depth.
func deep(depth int, total *int) int {
	mine := depth
	if depth > 0 {
		mine += deep(depth-1, total)
	}
	change(total, 1)
	change(&mine, at([]int{1, 2, 3}, depth%3))
	return mine
}

func main() {
	list := &node{1, &node{2, &node{3, nil}}}
	s := []int{1, 2, 3}
	// All are known before hot is called.
	_, _, _, _ = at(s, 0), quotient(1, 1), value(list), shifted(1, 1)
	_, _ = larger(1, 2), list.after()
	put(s, 0, 1)
	both(1, "")
	swap(1, 2)
	x := 1
	change(&x, 1)
	for round := 0; round < 3; round++ {
		for what := 0; what < 9; what++ {
			fmt.Println(what, hot(what, []int{1, 2, 3}, list, 2), hot(what, []int{1, 2, 3}, list, 3))
		}
	}
	total := 0
	fmt.Println(deep(20000, &total), total)
	done := make(chan int)
	go func() { n := 0; done <- deep(5000, &n) + n }()
	fmt.Println(<-done)
}
