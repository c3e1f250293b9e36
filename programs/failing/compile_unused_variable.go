// Unused variables.
package main

import "fmt"

func main() {
	x := 1
	var y, z int
	z = 2
	for i, v := range []int{1} {
		fmt.Println(v)
	}
	f := func() { inner := 1 }
}
