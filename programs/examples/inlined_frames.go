// Callees that call, loop and allocate, put in the place of their calls, and what must not show it: panics and their callers, stacks that move,
// collections and switches to other goroutines in the midst of them.
package main

import (
	"fmt"
	"runtime"
	"strings"
)

// where lists the functions and lines between the call and main.
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

type cell struct {
	value int
	next  *cell
}

// push allocates; what the caller holds must be seen by a collection there.
func push(list *cell, v int) *cell { return &cell{v, list} }

func pushTwice(list *cell, v int) *cell {
	list = push(list, v)
	return push(list, v+1)
}

func total(list *cell) (sum int) {
	for ; list != nil; list = list.next {
		sum += list.value
	}
	return sum
}

// deep needs a larger stack at once.
func deep(n int, p *int) int {
	var room [40]int
	if n == 0 {
		*p++
		return *p
	}
	room[n%40] = deep(n-1, p)
	return room[n%40] + 1
}

// grown has an address of its own frame, passed to one that moves it.
func grown(n int) int {
	local := n
	d := deep(60, &local)
	return d + local
}

func outer(n int) int {
	before := n * 3
	got := grown(n)
	return got + before
}

// yields gives way to others in a loop.
func yields(n int) (sum int) {
	for i := range n {
		runtime.Gosched()
		sum += i
	}
	return sum
}

func twice(n int) int { return yields(n) + yields(n+1) }

func check(s []int, i int) int {
	if i == 901 {
		fmt.Println("at", i, where())
	}
	return s[i]
}

func through(s []int, i int) int {
	x := check(s, i)
	return x + 1
}

func fails(s []int, last int) (sum int, text string) {
	defer func() {
		if e := recover(); e != nil {
			text = fmt.Sprint(e, " ", sum, " ", where())
		}
	}()
	for i := range last {
		sum += through(s, i)
	}
	return sum, "no panic"
}

// concat has the interpreter do something that may not panic, convert something that may.
func concat(a any, s string) string { return s + a.(string) }

func mixed(list []any) (text string, n int) {
	defer func() {
		if e := recover(); e != nil {
			text += fmt.Sprint("; ", e)
		}
	}()
	for i, a := range list {
		text = concat(a, text)
		if len(text) > 40 {
			text = text[20:]
		}
		n = i
	}
	return text, n
}

func equal(a, b any) bool     { return a == b }
func bothEqual(a, b any) bool { return equal(a, b) && equal(b, a) }

func compare(list []any) (n int, text string) {
	defer func() {
		text = fmt.Sprint(recover())
	}()
	for i := range list {
		if bothEqual(list[i], list[(i+1)%len(list)]) {
			n++
		}
	}
	return n, ""
}

func send(c chan int, v int)         { c <- v }
func receive(c chan int) (int, bool) { v, ok := <-c; return v, ok }

func main() {
	var list *cell
	for i := range 3000 {
		list = pushTwice(list, i)
		if i%1000 == 0 {
			runtime.GC()
		}
	}
	fmt.Println(total(list))

	done := make(chan int)
	for g := range 4 {
		go func() {
			sum := 0
			for i := range 400 {
				sum += outer(i + g)
				sum += twice(3)
			}
			done <- sum
		}()
	}
	for range 4 {
		fmt.Print(<-done%1000003 > 0, " ")
	}
	fmt.Println()
	sum := 0
	for i := range 2000 {
		sum += outer(i)
	}
	fmt.Println(sum)

	fmt.Println(fails(make([]int, 1000), 1000))
	fmt.Println(fails(make([]int, 1000), 1001))

	words := make([]any, 2000)
	for i := range words {
		words[i] = fmt.Sprint("w", i)
	}
	fmt.Println(mixed(words))
	words[1999] = 7
	fmt.Println(mixed(words))
	fmt.Println(compare(words))
	words[1998], words[1999] = []int{1}, []int{1}
	fmt.Println(compare(words))

	c := make(chan int, 1)
	go func() {
		for i := range 3000 {
			send(c, i)
		}
		close(c)
	}()
	sum = 0
	for {
		v, ok := receive(c)
		if !ok {
			break
		}
		sum += v
	}
	fmt.Println(sum)
}
