// Names that do not exist.
package main

import "fmt"

type box struct{ width int }

func main() {
	fmt.Println(missing)
	fmt.Printn("x")
	var b box
	b.height = 1
	b.open()
	var c unknown
	lost(b)
	fmt.println("lower case")
	goto nowhere
}
