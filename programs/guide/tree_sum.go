// The sum of a tree, by recursion and with a stack of one's own. A degenerate
// tree (a list) makes the recursive one as deep as the tree has nodes.
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

type node struct {
	value       int64
	left, right *node
}

func recursiveSum(n *node) int64 {
	if n == nil {
		return 0
	}
	return n.value + recursiveSum(n.left) + recursiveSum(n.right)
}

func iterativeSum(root *node) int64 {
	var sum int64
	pending := []*node{root}
	for len(pending) > 0 {
		last := len(pending) - 1
		n := pending[last]
		pending = pending[:last]
		if n == nil {
			continue
		}
		sum += n.value
		pending = append(pending, n.left, n.right)
	}
	return sum
}

// balanced makes a tree over the values lo..hi-1.
func balanced(lo, hi int64) *node {
	if lo >= hi {
		return nil
	}
	mid := (lo + hi) / 2
	return &node{mid, balanced(lo, mid), balanced(mid+1, hi)}
}

// leaning makes a tree in which every node but the last has only a right child.
func leaning(n int) *node {
	var root *node
	for i := n; i > 0; i-- {
		root = &node{value: int64(i), right: root}
	}
	return root
}

func main() {
	tree := balanced(0, 1000)
	fmt.Println("balanced:", recursiveSum(tree), iterativeSum(tree))

	depth := count(100_000, 300)
	list := leaning(depth)
	want := int64(depth) * int64(depth+1) / 2
	fmt.Println("leaning, recursive:", recursiveSum(list) == want)
	fmt.Println("leaning, iterative:", iterativeSum(list) == want)
	fmt.Println("empty:", recursiveSum(nil), iterativeSum(nil))
}
