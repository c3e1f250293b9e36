// Calling a nil function.
package main

type handler struct{ run func(int) }

//go:noinline
func (h handler) handle(n int) { h.run(n) }

func main() {
	handler{}.handle(1)
}
