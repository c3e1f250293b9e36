// runtime.Stack from the bottom of a recursion: every frame with its argument,
// its line and its offset.
//
// output: trace
package main

import (
	"fmt"
	"runtime"
)

//go:noinline
func deepFunction(depth int) int {
	if depth == 0 {
		buf := make([]byte, 4096)
		n := runtime.Stack(buf, false)
		fmt.Printf("Stack dump (%d bytes):\n%s\n", n, buf[:n])
		return 1
	}
	return deepFunction(depth-1) + 1
}

func main() {
	fmt.Println("frames:", deepFunction(5))
}
