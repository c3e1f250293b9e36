// Channel operations in hot loops: elements of all sizes, waiting and not, closing, nil channels and panics in the middle.
package main

import (
	"fmt"
	"runtime"
	"sync"
)

type wide struct {
	a, b int
	s    string
	p    *int
}

func sum8(c chan int8, n int) (total int) {
	for range n {
		total += int(<-c)
	}
	return
}

func words(c chan string, done chan int) {
	n := 0
	for s := range c {
		n += len(s)
	}
	done <- n
}

func wides(c chan wide, done chan int) {
	n := 0
	for w := range c {
		n += w.a - w.b + len(w.s) + *w.p
		if w.a%1000 == 0 {
			runtime.GC()
		}
	}
	done <- n
}

func floats(c chan float32, done chan float64) {
	total := 0.0
	for {
		f, ok := <-c
		if !ok {
			done <- total
			return
		}
		total += float64(f)
	}
}

// The channel variable is overwritten by what is received from it.
func chain(n int) int {
	type link chan any
	c := make(link, 1)
	var v any = c
	for i := range n {
		next := make(link, 1)
		v.(link) <- next
		v = <-v.(link)
		_ = i
	}
	return cap(v.(link))
}

func sendOn(c chan int, n int) (err any) {
	defer func() { err = recover() }()
	for i := range n {
		if i == n-1 {
			close(c)
		}
		c <- i
	}
	return nil
}

func main() {
	small := make(chan int8, 3)
	go func() {
		for i := range 30_000 {
			small <- int8(i)
		}
	}()
	fmt.Println(sum8(small, 30_000))

	for _, size := range []int{0, 1, 64} {
		texts, counts := make(chan string, size), make(chan int)
		go words(texts, counts)
		for i := range 20_000 {
			texts <- "abcdefgh"[:i%9]
		}
		close(texts)

		structs := make(chan wide, size)
		go wides(structs, counts)
		one := 1
		first := <-counts
		for i := range 5_000 {
			structs <- wide{a: i, b: i / 2, s: "xyz"[i%3:], p: &one}
		}
		close(structs)

		numbers, totals := make(chan float32, size), make(chan float64)
		go floats(numbers, totals)
		for i := range 20_000 {
			numbers <- float32(i) / 4
		}
		close(numbers)
		fmt.Println(first, <-counts, <-totals)
	}

	signals := make(chan struct{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range signals {
			}
		}()
	}
	for range 20_000 {
		signals <- struct{}{}
	}
	close(signals)
	wg.Wait()

	fmt.Println(chain(10_000))
	buffered := make(chan int, 5_000)
	fmt.Println(sendOn(buffered, 5_000), len(buffered))

	// Who waits in one operation and then in another of the same loop.
	ping, pong := make(chan int), make(chan int)
	go func() {
		for {
			v, ok := <-ping
			if !ok {
				close(pong)
				return
			}
			pong <- v * 2
		}
	}()
	total := 0
	for i := range 30_000 {
		ping <- i
		total += <-pong
	}
	close(ping)
	_, open := <-pong
	fmt.Println(total, open)

	var never chan int
	select {
	case never <- 1:
		fmt.Println("sent")
	default:
		fmt.Println("nobody")
	}
}
