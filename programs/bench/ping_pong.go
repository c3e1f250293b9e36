// Two goroutines that hand a value to and fro over unbuffered channels.
package main

import "fmt"

func main() {
	ping, pong := make(chan int), make(chan int)
	go func() {
		for n := range ping {
			pong <- n*3 + 1
		}
		close(pong)
	}()
	sum := 0
	for i := range 600_000 {
		ping <- i
		sum ^= <-pong
	}
	close(ping)
	_, open := <-pong
	fmt.Println(sum, open)
}
