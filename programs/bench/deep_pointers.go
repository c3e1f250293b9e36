// Pointers into a deep stack: every frame gets a pointer to a local of the one
// above and writes through it; one pointer goes all the way down.
package main

import "fmt"

type cell struct{ n, writes int }

//go:noinline
func descend(depth int, top, above *cell) {
	mine := cell{n: depth}
	if depth > 0 {
		descend(depth-1, top, &mine)
	}
	above.n += mine.n
	above.writes += mine.writes + 1
	top.writes ^= depth
}

func main() {
	done := make(chan cell)
	var total cell
	for range 100 {
		go func() {
			var top, root cell
			for range 3 {
				descend(20_000, &top, &root)
			}
			done <- cell{root.n + top.writes, root.writes}
		}()
		c := <-done
		total.n += c.n
		total.writes += c.writes
	}
	fmt.Println(total)
}
