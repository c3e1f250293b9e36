// Allocation of many small linked objects, most of them soon dead.
package main

import "fmt"

type tree struct{ left, right *tree }

func grow(depth int) *tree {
	if depth == 0 {
		return &tree{}
	}
	return &tree{grow(depth - 1), grow(depth - 1)}
}

func (t *tree) count() int {
	if t.left == nil {
		return 1
	}
	return 1 + t.left.count() + t.right.count()
}

func main() {
	const deepest = 16
	fmt.Println("stretch", grow(deepest+1).count())
	kept := grow(deepest)
	for depth := 4; depth <= deepest; depth += 4 {
		rounds := 1 << (deepest - depth + 4)
		nodes := 0
		for range rounds {
			nodes += grow(depth).count()
		}
		fmt.Println(rounds, "of depth", depth, nodes)
	}
	fmt.Println("kept", kept.count())
}
