// select over eight unbuffered channels, each with a sender that does nothing else.
package main

import "fmt"

func main() {
	const n = 60_000
	var chans [8]chan int
	for i := range chans {
		chans[i] = make(chan int)
		go func() {
			for j := range n {
				chans[i] <- i*n + j
			}
		}()
	}
	sum := 0
	for range 8 * n {
		var v int
		select {
		case v = <-chans[0]:
		case v = <-chans[1]:
		case v = <-chans[2]:
		case v = <-chans[3]:
		case v = <-chans[4]:
		case v = <-chans[5]:
		case v = <-chans[6]:
		case v = <-chans[7]:
		}
		sum += v
	}
	fmt.Println(sum)
}
