// Weak pointers: they follow their values, and know when these are gone, while the collector works beside them.
package main

import (
	"fmt"
	"runtime"
	"sync"
	"weak"
)

type node struct {
	value int
	next  *node
}

//go:noinline
func list(n int) *node {
	var head *node
	for i := range n {
		head = &node{i, head}
	}
	return head
}

var global node

func main() {
	var none weak.Pointer[node]
	fmt.Println(none.Value() == nil, weak.Make[node](nil) == none)

	head := list(100)
	w := weak.Make(head)
	fmt.Println(w.Value() == head, w == weak.Make(head), w == weak.Make(head.next))
	field := weak.Make(&head.value)
	runtime.GC()
	fmt.Println(w.Value() == head, *field.Value())

	g := weak.Make(&global)
	runtime.GC()
	fmt.Println(g.Value() == &global)

	// A value comes back from its weak pointer alone, and stays while it is held.
	kept := w.Value()
	runtime.KeepAlive(head)
	head = nil
	runtime.GC()
	runtime.GC()
	fmt.Println(w.Value() == kept, kept.next.value)
	runtime.KeepAlive(kept)
	kept = nil
	runtime.GC()
	runtime.GC()
	fmt.Println(w.Value() == nil, field.Value() == nil, w == w)

	// Goroutines that drop and find values while collections go on.
	var wg sync.WaitGroup
	wrong := make(chan string, 100)
	for id := range 4 {
		wg.Go(func() {
			held := map[int]*node{}
			weaks := map[int]weak.Pointer[node]{}
			for i := range 400 {
				n := list(20)
				n.value = i + 1000*id
				weaks[i] = weak.Make(n)
				if i%3 != 0 {
					held[i] = n
				}
				if i%5 == 0 {
					delete(held, i-7)
				}
				if i%97 == 0 {
					runtime.GC()
				}
				for j, w := range weaks {
					v := w.Value()
					if h := held[j]; h != nil && v != h {
						wrong <- "a live value is gone"
					}
					if v != nil && (v.value != j+1000*id || v.next.value != 18) {
						wrong <- "a dead value was found"
					}
				}
			}
		})
	}
	wg.Wait()
	close(wrong)
	for w := range wrong {
		fmt.Println(w)
	}
	fmt.Println("done")
}
