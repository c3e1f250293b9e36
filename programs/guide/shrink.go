// A goroutine grows its stack to more than 1 MB, returns, and waits. The
// collections after that give the space back by halves.
package main

import (
	"fmt"
	"os"
	"runtime"
)

func count(full, small int) int {
	if os.Getenv("PROGRAM_SCALE") == "small" {
		return small
	}
	return full
}

var large int64

//go:noinline
func grow(depth int) int {
	var frame [128]int
	frame[depth%128] = depth
	if depth == 0 {
		// Measured here, at the bottom: a collection may come at any time after.
		large = stackInuse()
		return 0
	}
	return grow(depth-1) + frame[depth%128]
}

func stackInuse() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.StackInuse)
}

func main() {
	depth := count(1200, 300)
	before := stackInuse()

	grown, release := make(chan int), make(chan bool)
	go func() {
		local := 42
		p := &local
		grown <- grow(depth)
		<-release
		*p++
		grown <- local
	}()
	fmt.Println("sum right:", <-grown == depth*(depth+1)/2)
	fmt.Println("it had grown:", large-before >= int64(depth)*1024/4)

	for range 14 {
		runtime.GC()
	}
	after := stackInuse()
	fmt.Println("it shrank:", after-before <= 128<<10)

	close(release)
	fmt.Println("its locals live on:", <-grown)
}
