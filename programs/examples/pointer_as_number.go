// A function marked uintptrescapes keeps, for the time of the call, what the pointers that it is passed as numbers point to.
package main

import (
	"fmt"
	"runtime"
	"time"
	"unsafe"
)

//go:noinline
//go:uintptrescapes
func passed(p uintptr, during func()) { during() }

func main() {
	finalized := make(chan int, 1)
	p := new([8]int)
	runtime.SetFinalizer(p, func(*[8]int) { finalized <- 1 })
	passed(uintptr(unsafe.Pointer(p)), func() {
		for range 3 {
			runtime.GC()
			time.Sleep(time.Millisecond)
		}
		fmt.Println("finalized during the call:", len(finalized))
	})
	for len(finalized) == 0 {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	fmt.Println("finalized after it:", len(finalized))
}
