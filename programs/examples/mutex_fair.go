// A mutex that one goroutine wants all the time is had by another, too, soon.
package main

import (
	"fmt"
	"sync"
	"time"
)

func main() {
	var mu sync.Mutex
	stop := make(chan bool)
	gone := make(chan bool)
	go func() {
		defer close(gone)
		for {
			mu.Lock()
			time.Sleep(100 * time.Microsecond)
			mu.Unlock()
			select {
			case <-stop:
				return
			default:
			}
		}
	}()
	done := make(chan bool)
	go func() {
		for range 10 {
			time.Sleep(100 * time.Microsecond)
			mu.Lock()
			mu.Unlock()
		}
		close(done)
	}()
	select {
	case <-done:
		fmt.Println("had it ten times")
	case <-time.After(20 * time.Second):
		fmt.Println("starved")
	}
	close(stop)
	<-gone

	// Four want it all the time, until each has had it a hundred times.
	var turns [4]int
	content := 0
	var wg sync.WaitGroup
	end := time.Now().Add(20 * time.Second)
	for i := range turns {
		wg.Go(func() {
			for {
				mu.Lock()
				turns[i]++
				if turns[i] == 100 {
					content++
				}
				over := content == len(turns)
				mu.Unlock()
				if over || turns[i]%100 == 0 && time.Now().After(end) {
					return
				}
			}
		})
	}
	wg.Wait()
	fmt.Println(content)
	fmt.Println(mu.TryLock(), mu.TryLock())
}
