// Pointers to a local, to its fields, elements and slices of it, passed ten
// thousand frames down and written through at the bottom. The stack moves
// many times on the way.
package main

import (
	"fmt"
	"os"
)

func count(full, small int) int {
	if os.Getenv("PROGRAM_SCALE") == "small" {
		return small
	}
	return full
}

type record struct {
	id    int32
	name  string
	cells [5]uint16
	next  *record
}

//go:noinline
func down(depth int, whole *record, field *int32, cell *uint16, tail []uint16, write func(int32)) int {
	if depth == 0 {
		whole.name = "written below"
		*field = 77
		*cell = 500
		tail[len(tail)-1] = 900
		write(*field)
		return 1
	}
	return 1 + down(depth-1, whole, field, cell, tail, write)
}

//go:noinline
func loop(depth int, p *int) {
	if depth == 0 {
		*p *= 2
		return
	}
	loop(depth-1, p)
}

// result takes the address of its own named result.
func result(depth int) (n int) {
	n = 21
	loop(depth, &n)
	return
}

func run(depth int) {
	var r record
	r.id, r.name = 1, "fresh"
	r.next = &r // a frame that points into itself
	captured := int32(0)
	write := func(v int32) { captured = v }
	frames := down(depth, &r, &r.id, &r.cells[2], r.cells[3:], write)
	fmt.Println("frames:", frames == depth+1)
	fmt.Println(r.id, r.name, r.cells, captured, r.next == &r, r.next.id)

	sum := 0
	for i := 1; i < 4; i++ {
		twice := i
		loop(depth/10, &twice)
		sum += twice
	}
	fmt.Println("loop variables:", sum)
	fmt.Println("result:", result(depth/10))
}

func main() {
	done := make(chan bool)
	go func() {
		run(count(10_000, 200))
		done <- true
	}()
	<-done
}
