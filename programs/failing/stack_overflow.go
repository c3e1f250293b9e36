// Endless recursion meets the limit of the stack.
package main

import (
	"fmt"
	"runtime/debug"
)

//go:noinline
func forever(n int) int {
	return forever(n+1) + 1
}

func main() {
	debug.SetMaxStack(1 << 20)
	fmt.Println("down")
	fmt.Println(forever(0))
}
