// Selects that meet selects on several channels at once: whom one of them means to meet may have just met another.
package main

import (
	"fmt"
	"sync"
)

func main() {
	var a, b, c, d, e = make(chan int), make(chan int), make(chan int), make(chan int), make(chan int)
	const each = 40_000
	var wg sync.WaitGroup
	sums := make([]int, 6)
	for g := range 3 {
		// Of three senders each has channels of its own, so none keeps the others from meeting the same receiver.
		first, second := [...]chan int{a, c, e}[g], [...]chan int{b, d, e}[g]
		wg.Go(func() {
			for i := range each {
				select {
				case first <- i:
				case second <- i:
				}
			}
		})
		wg.Go(func() {
			for range each {
				v := 0
				select {
				case v = <-d:
				case v = <-c:
				case v = <-b:
				case v = <-a:
				case v = <-e:
				}
				sums[g] += v
			}
		})
	}
	wg.Wait()
	total := 0
	for _, s := range sums {
		total += s
	}
	fmt.Println(total == 3*each*(each-1)/2)
}
