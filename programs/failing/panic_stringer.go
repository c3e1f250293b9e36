// A panic with a Stringer prints what String gives.
package main

type label int

func (l label) String() string { return "a label" }

func main() {
	panic(label(3))
}
