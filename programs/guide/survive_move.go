// Things under way while the stack moves: a blocked channel operation, a
// pending defer, a panic, a method value, a select, a range over a function.
package main

import (
	"fmt"
	"os"
	"runtime"
)

func count(full, small int) int {
	if os.Getenv("PROGRAM_SCALE") == "small" {
		return small
	}
	return full
}

var depth = count(3000, 150)

//go:noinline
func grow(n int) int {
	var frame [32]int
	frame[n%32] = 1
	if n == 0 {
		return 1
	}
	return grow(n-1) + frame[n%32]
}

type counter struct{ n int }

func (c *counter) add(k int) { c.n += k }
func (c counter) value() int { return c.n }

type triple struct{ a, b, c int }

// A stack can shrink under a goroutine that is blocked: it grew before, and
// collections happen while it waits.
func blockedChannel() {
	values, ready := make(chan triple), make(chan bool)
	results := make(chan triple)
	go func() {
		var got triple
		p := &got
		grow(depth)
		ready <- true
		*p = <-values
		grow(depth)
		results <- *p
	}()
	<-ready
	for range 10 {
		runtime.GC()
	}
	values <- triple{1, 2, 3}
	fmt.Println("channel:", <-results)
}

func blockedSelect() {
	a, b, never := make(chan triple), make(chan string), make(chan int)
	ready, results := make(chan bool), make(chan string)
	go func() {
		var t triple
		var s string
		grow(depth)
		ready <- true
		for range 2 {
			select {
			case t = <-a:
			case s = <-b:
			case <-never:
				panic("never")
			}
			grow(depth)
		}
		results <- fmt.Sprint(t, s)
	}()
	<-ready
	for range 10 {
		runtime.GC()
	}
	a <- triple{4, 5, 6}
	runtime.GC()
	b <- "seven"
	fmt.Println("select:", <-results)
}

func pendingDefer() (n int) {
	local := triple{1, 1, 1}
	defer func() { n += local.a + local.b }()
	defer func(p *triple) { p.a = 10 }(&local)
	for i := range 3 {
		defer func() { local.b += i }()
	}
	grow(depth)
	local.b = 100
	return 1000
}

func panicUnderWay() (text string) {
	local := 5
	defer func() {
		grow(depth)
		text = fmt.Sprint(recover(), " ", local)
	}()
	defer func() {
		grow(depth * 2)
		local++
	}()
	panic(fmt.Sprint("panic with ", grow(10)))
}

func panicTwice() (text string) {
	defer func() { text = fmt.Sprint(recover()) }()
	defer func() {
		grow(depth)
		panic("second")
	}()
	panic("first")
}

func methodValue() {
	c := counter{1}
	add, frozen := c.add, c.value
	grow(depth)
	add(5)
	grow(depth)
	add(6)
	fmt.Println("method value:", c.n, frozen(), counter.value(c))
}

func rangeOverFunc() {
	sum := 0
	numbers := func(yield func(int) bool) {
		for i := 0; ; i++ {
			grow(depth / 10)
			if !yield(i) {
				return
			}
		}
	}
	for n := range numbers {
		if n > 5 {
			break
		}
		grow(depth / 10)
		sum += n
	}
	fmt.Println("range over func:", sum)
}

func blockedSend() {
	values := make(chan triple)
	ready := make(chan bool)
	go func() {
		grow(depth)
		mine := triple{7, 8, 9}
		ready <- true
		values <- mine
	}()
	<-ready
	for range 10 {
		runtime.GC()
	}
	fmt.Println("send:", <-values)
}

func main() {
	inFresh := func(f func()) {
		done := make(chan bool)
		go func() { f(); done <- true }()
		<-done
	}
	blockedChannel()
	blockedSend()
	blockedSelect()
	inFresh(func() { fmt.Println("defer:", pendingDefer()) })
	inFresh(func() { fmt.Println("panic:", panicUnderWay()) })
	inFresh(func() { fmt.Println("panic twice:", panicTwice()) })
	inFresh(methodValue)
	inFresh(rangeOverFunc)
}
