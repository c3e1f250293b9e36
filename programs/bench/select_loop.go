// select over several channels, with and without a default.
package main

import "fmt"

func source(n, step int) <-chan int {
	c := make(chan int, 8)
	go func() {
		for i := range n {
			c <- i * step
		}
		close(c)
	}()
	return c
}

func main() {
	const n = 250_000
	a, b, c, d := source(n, 1), source(n, 2), source(n, 3), source(n, 5)
	sum, open := 0, 4
	for open > 0 {
		var v int
		var ok bool
		select {
		case v, ok = <-a:
			if !ok {
				a = nil
			}
		case v, ok = <-b:
			if !ok {
				b = nil
			}
		case v, ok = <-c:
			if !ok {
				c = nil
			}
		case v, ok = <-d:
			if !ok {
				d = nil
			}
		}
		if !ok {
			open--
		}
		sum += v
	}
	full := make(chan int, 1)
	sent, dropped := 0, 0
	for i := range 4_000_000 {
		select {
		case full <- i:
			sent++
		default:
			dropped++
		}
		if i%4 == 0 {
			select {
			case v := <-full:
				sum += v
			default:
			}
		}
	}
	fmt.Println(sum, sent, dropped)
}
