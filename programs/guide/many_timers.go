// 100,000 timers pending at a time, some stopped, some set anew: each fires once or not at all.
package main

import (
	"fmt"
	"os"
	"sync/atomic"
	"time"
)

func main() {
	n := 100_000
	if os.Getenv("PROGRAM_SCALE") == "small" {
		n = 2_000
	}
	var fired atomic.Int64
	timers := make([]*time.Timer, n)
	for i := range timers {
		d := 200*time.Millisecond + time.Duration(i%97)*time.Millisecond
		timers[i] = time.AfterFunc(d, func() { fired.Add(1) })
	}
	expected := int64(n)
	for i, t := range timers {
		switch i % 5 {
		case 0:
			if t.Stop() {
				expected--
			}
		case 1:
			if !t.Reset(50 * time.Millisecond) {
				expected++ // it had fired: it fires again
			}
		}
	}
	for fired.Load() < expected {
		time.Sleep(5 * time.Millisecond)
	}
	time.Sleep(20 * time.Millisecond)
	fmt.Println("all fired once:", fired.Load() == expected)
}
