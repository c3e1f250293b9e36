// Deferred calls in hot loops: their order, what they recover, what they see and leave, however the function ends.
package main

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
)

type log struct{ parts []string }

func (l *log) add(format string, args ...any) {
	l.parts = append(l.parts, fmt.Sprintf(format, args...))
}

func (l *log) flush() {
	fmt.Println(strings.Join(l.parts, " "))
	l.parts = l.parts[:0]
}

// Where a function ends, by how it ends.
func ends(l *log, how int) (result int, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("recovered %v", r)
			result += 100
		}
	}()
	defer l.add("first")
	if how == 1 {
		return 1, nil
	}
	defer func() { result *= 2 }()
	switch how {
	case 2:
		return 2, errors.New("two")
	case 3:
		panic("three")
	case 4:
		var p *log
		p.parts = nil
	case 5:
		defer func() {
			defer func() { l.add("inner %v", recover()) }()
			panic("five")
		}()
		result = 5
		return
	case 6:
		defer func() { panic("a later one") }()
		panic("an earlier one")
	case 7:
		var f func()
		defer f()
		result = 7
		return
	}
	result = how
	return
}

func many(n int) (sum int) {
	for i := range n {
		defer func() { sum = sum*3 + i }()
	}
	return 1
}

func nested(n int) (depth int) {
	defer func() { depth++ }()
	if n > 0 {
		depth = nested(n - 1)
	}
	return depth
}

func conditional(bits int) (s string) {
	if bits&1 != 0 {
		defer func() { s += "a" }()
	}
	if bits&2 != 0 {
		defer func() { s += "b" }()
	}
	if bits&4 != 0 {
		defer func() { s += "c" }()
	}
	return ""
}

func helper() any { return recover() }

// Only what is called by the panic itself may recover.
func tooDeep() (r any) {
	defer func() { r = recover() }()
	defer func() {
		func() {
			if recover() != nil {
				fmt.Println("recovered too deep")
			}
		}()
	}()
	panic("deep")
}

// The statement `defer recover()` in a deferred function recovers, in another it does not.
func statement() (r any) {
	defer func() { r = recover() }()
	defer recover()
	panic("statement")
}

func statementDeferred() (ok bool) {
	ok = true
	defer func() {
		defer recover()
	}()
	ok = false
	panic("statement, deferred")
}

func helped() (r any) {
	defer func() { r = helper() }()
	defer func() { recover() }()
	panic("helped")
}

type counter struct {
	mu sync.Mutex
	n  int
}

func (c *counter) add(k int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if k < 0 {
		panic("negative")
	}
	c.n += k
}

func (c *counter) try(k int) (failed bool) {
	defer func() { failed = recover() != nil }()
	c.add(k)
	return
}

func each(yield func(int) bool) {
	defer func() { fmt.Print("[each ends]") }()
	for i := 0; yield(i); i++ {
	}
}

// What a loop's body defers runs at the function's end.
func inBody(fail bool) (s string, r any) {
	defer func() { s += "." }()
	for i := range each {
		defer func() {
			s += fmt.Sprint(i)
			if i == 1 {
				r = recover()
			}
		}()
		if i == 3 {
			if fail {
				panic("in the body")
			}
			break
		}
	}
	s += "!"
	return
}

func lines() (at []int) {
	defer func() {
		pc := make([]uintptr, 10)
		frames := runtime.CallersFrames(pc[:runtime.Callers(1, pc)])
		for {
			frame, more := frames.Next()
			if strings.HasPrefix(frame.Function, "main.lines") {
				at = append(at, frame.Line)
			}
			if !more {
				return
			}
		}
	}()
	at = append(at, 0)
	return
}

func goexit(l *log) {
	done := make(chan bool)
	go func() {
		defer close(done)
		defer func() { l.add("recover %v", recover()) }()
		func() {
			defer l.add("inner")
			defer func() { defer runtime.Goexit() }()
			defer func() { recover() }()
			panic("gone")
		}()
		l.add("never")
	}()
	<-done
}

// The stack moves while calls are deferred.
func deep(n int) (sum int) {
	var room [40]int
	room[n%40] = n
	defer func() { sum += room[n%40] }()
	if n == 0 {
		return
	}
	return deep(n - 1)
}

func main() {
	var l log
	for how := range 8 {
		var result int
		var err error
		for range 300 {
			l.parts = l.parts[:0]
			result, err = ends(&l, how)
		}
		l.add("%d: %d, %v", how, result, err)
		l.flush()
	}
	total := 0
	for i := range 3000 {
		total += many(i % 40)
		total += nested(i % 50)
	}
	fmt.Println(total)
	for i := range 2000 {
		s := conditional(i)
		if i >= 1992 {
			fmt.Print(s, ";")
		}
	}
	fmt.Println()
	for i := range 200 {
		a, b, c, d := tooDeep(), statement(), statementDeferred(), helped()
		if i == 199 {
			fmt.Println(a, b, c, d)
		}
	}
	var c counter
	failures := 0
	for i := range 5000 {
		if i%7 == 0 {
			if c.try(-1) {
				failures++
			}
		} else {
			c.add(i)
		}
	}
	fmt.Println(c.n, failures)
	for i := range 100 {
		s, r := inBody(i%2 == 0)
		if i >= 98 {
			fmt.Println(s, r)
		}
	}
	for i := range 500 {
		at := lines()
		if i == 499 {
			fmt.Println(len(at), at[2] > at[1])
		}
	}
	goexit(&l)
	l.flush()
	done := make(chan int)
	for i := range 4 {
		go func() { done <- deep(2000 + i) }()
	}
	total = 0
	for range 4 {
		total += <-done
	}
	fmt.Println(total)
}
