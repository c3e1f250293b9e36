// A chain of panics: one recovered and followed by another, one that a
// deferred function adds to.
package main

import "fmt"

func main() {
	defer func() {
		defer func() {
			panic("third")
		}()
		fmt.Println("recovered:", recover())
		panic("second")
	}()
	panic("first")
}
