// What stack growth costs, as benchmarks: few frames, many frames, and a loop
// that needs no stack at all.
//
// output: bench
package main

import "testing"

var sink int64

//go:noinline
func descend(depth int) int64 {
	var frame [256]int64
	frame[depth&255] = int64(depth)
	if depth == 0 {
		return 1
	}
	return descend(depth-1) + frame[(depth+1)&255]
}

func BenchmarkShallowRecursion(b *testing.B) {
	for b.Loop() {
		sink = descend(3)
	}
}

func BenchmarkDeepRecursion(b *testing.B) {
	for i := 0; i < b.N; i++ {
		sink = descend(10)
	}
}

// BenchmarkFreshDeepRecursion starts a new goroutine each time, so that every
// iteration pays for the growth.
func BenchmarkFreshDeepRecursion(b *testing.B) {
	done := make(chan int64)
	for i := 0; i < b.N; i++ {
		go func() { done <- descend(10) }()
		sink = <-done
	}
}

func BenchmarkTightLoop(b *testing.B) {
	for i := 0; i < b.N; i++ {
		sum := 0
		for j := 0; j < 1000; j++ {
			sum += j
		}
		sink = int64(sum)
	}
}

func TestDescend(t *testing.T) {
	if got := descend(10); got != 1 {
		t.Fatalf("descend(10) = %d, want 1", got)
	}
}
