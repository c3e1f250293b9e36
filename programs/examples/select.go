// select: the first of several channels, a timeout, a default.
package main

import (
	"fmt"
	"time"
)

func after(d time.Duration, s string) <-chan string {
	c := make(chan string, 1)
	go func() {
		time.Sleep(d)
		c <- s
	}()
	return c
}

func main() {
	select {
	case s := <-after(time.Millisecond, "quick"):
		fmt.Println("first:", s)
	case s := <-after(5*time.Second, "slow"):
		fmt.Println("first:", s)
	}

	select {
	case s := <-after(5*time.Second, "late"):
		fmt.Println(s)
	case <-time.After(10 * time.Millisecond):
		fmt.Println("timed out")
	}

	box := make(chan int, 1)
	for i := range 3 {
		select {
		case box <- i:
			fmt.Println("put", i)
		default:
			fmt.Println("full, dropped", i)
		}
	}

	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for n := range 3 {
		<-ticker.C
		fmt.Println("tick", n+1)
	}
}
