// Calling a method of a nil interface.
package main

import "fmt"

//go:noinline
func show(e error) string { return e.Error() }

func main() {
	fmt.Println(show(nil))
}
