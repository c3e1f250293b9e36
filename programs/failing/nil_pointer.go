// Reading a field through a nil pointer.
package main

import "fmt"

type node struct {
	value int
	next  *node
}

//go:noinline
func third(n *node) int {
	return n.next.next.value
}

func main() {
	fmt.Println(third(&node{1, &node{2, nil}}))
}
