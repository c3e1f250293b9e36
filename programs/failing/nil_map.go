// Writing to a nil map.
package main

type registry struct{ names map[string]int }

//go:noinline
func (r *registry) add(name string) {
	r.names[name] = len(r.names)
}

func main() {
	var r registry
	r.add("first")
}
