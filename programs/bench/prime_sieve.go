// A pipeline of goroutines, one filter for each prime.
package main

import "fmt"

func generate(out chan<- int) {
	for i := 2; ; i++ {
		out <- i
	}
}

func filter(in <-chan int, out chan<- int, prime int) {
	for {
		if n := <-in; n%prime != 0 {
			out <- n
		}
	}
}

func main() {
	in := make(chan int)
	go generate(in)
	sum, last := 0, 0
	for range 1500 {
		last = <-in
		sum += last
		out := make(chan int)
		go filter(in, out, last)
		in = out
	}
	fmt.Println(last, sum)
}
