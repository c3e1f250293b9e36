// An unrecovered panic with a string: the text, the trace, exit code 2.
package main

import "fmt"

//go:noinline
func inner(n int) {
	if n == 0 {
		panic("out of luck")
	}
	inner(n - 1)
}

func main() {
	fmt.Println("before")
	inner(2)
	fmt.Println("never printed")
}
