// Names of closures and methods in a trace.
package main

type T struct{}

//go:noinline
func (T) value(f func()) { f() }

//go:noinline
func (*T) pointer(f func()) { T{}.value(f) }

//go:noinline
func generic[X any](x X, f func(X)) { f(x) }

var global = func() {
	generic(1, func(int) {
		func() {
			panic("deep inside")
		}()
	})
}

func main() {
	t := &T{}
	defer func() {
		t.pointer(func() {
			global()
		})
	}()
}
