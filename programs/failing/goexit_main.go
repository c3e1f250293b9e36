// main ends its goroutine but not the program, and no one else is left.
package main

import (
	"fmt"
	"runtime"
)

func main() {
	defer fmt.Println("deferred calls run")
	runtime.Goexit()
}
