// iter.Pull: early stops, panics and Goexit in the iterator, deep stacks, many at once.
package main

import (
	"fmt"
	"iter"
	"runtime"
	"sync"
)

func gen(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		defer fmt.Println("gen ends")
		for i := range n {
			if i%50 == 7 {
				runtime.Gosched()
			}
			if !yield(i) {
				return
			}
		}
	}
}

func bad(yield func(int, string) bool) {
	yield(1, "a")
	panic("in the iterator")
}

func deep(n int, yield func(int) bool) bool {
	if n == 0 {
		return yield(0)
	}
	return deep(n-1, yield) && yield(n)
}

func main() {
	next, stop := iter.Pull(gen(200))
	s := 0
	for range 100 {
		v, ok := next()
		if !ok {
			panic("early")
		}
		s += v
	}
	stop()
	v, ok := next()
	fmt.Println(s, v, ok)
	n2, stop2 := iter.Pull2(bad)
	fmt.Println(n2())
	func() {
		defer func() { fmt.Println("recovered", recover()) }()
		fmt.Println(n2())
	}()
	fmt.Println(n2())
	stop2()
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			next, stop := iter.Pull(func(yield func(int) bool) { deep(1000*g, yield) })
			defer stop()
			sum := 0
			for {
				v, ok := next()
				if !ok {
					break
				}
				sum += v
				if v%500 == 0 {
					runtime.GC()
				}
			}
			if sum != 1000*g*(1000*g+1)/2 {
				fmt.Println("wrong", g, sum)
			}
		})
	}
	wg.Wait()
	n3, stop3 := iter.Pull(func(yield func(int) bool) { runtime.Goexit() })
	done := make(chan bool)
	go func() {
		defer close(done)
		defer stop3()
		n3()
		fmt.Println("not reached")
	}()
	<-done
	n4, _ := iter.Pull(gen(3))
	fmt.Println(n4())
}
