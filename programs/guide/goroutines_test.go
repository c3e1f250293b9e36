// Starting and finishing goroutines by the thousand, as benchmarks.
//
// output: bench
package main

import (
	"sync"
	"testing"
)

//go:noinline
func touch(n int) byte {
	var buf [100]byte
	buf[n%100] = byte(n)
	return buf[(n+1)%100]
}

func BenchmarkThousandGoroutines(b *testing.B) {
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; i < b.N; i++ {
		var wg sync.WaitGroup
		wg.Add(1000)
		for j := 0; j < 1000; j++ {
			go func() {
				defer wg.Done()
				touch(j)
			}()
		}
		wg.Wait()
	}
}

func BenchmarkSubs(b *testing.B) {
	for _, n := range []int{1, 10} {
		b.Run(map[int]string{1: "one", 10: "ten"}[n], func(b *testing.B) {
			for i := 0; i < b.N; i++ {
				for j := 0; j < n; j++ {
					touch(j)
				}
			}
		})
	}
}
