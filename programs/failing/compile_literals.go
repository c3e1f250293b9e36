// Broken literals.
package main

func main() {
	a := 'ab'
	b := "no end
	c := 0x
	d := 09
	e := '\q'
}
