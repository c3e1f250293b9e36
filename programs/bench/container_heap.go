// Shortest paths on a grid: container/heap with a priority queue of pointers.
package main

import (
	"container/heap"
	"fmt"
)

type place struct{ at, cost int }

type queue []*place

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].cost < q[j].cost }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(*place)) }
func (q *queue) Pop() any {
	old := *q
	last := old[len(old)-1]
	*q = old[:len(old)-1]
	return last
}

func main() {
	const side = 1000
	weights := make([]int, side*side)
	x := uint32(8)
	for i := range weights {
		x = x*1664525 + 1013904223
		weights[i] = int(x>>28) + 1
	}
	best := make([]int, len(weights))
	for i := range best {
		best[i] = 1 << 60
	}
	best[0] = 0
	q := &queue{{0, 0}}
	pops := 0
	for q.Len() > 0 {
		p := heap.Pop(q).(*place)
		pops++
		if p.cost > best[p.at] {
			continue
		}
		column, row := p.at%side, p.at/side
		visit := func(next int) {
			if cost := p.cost + weights[next]; cost < best[next] {
				best[next] = cost
				heap.Push(q, &place{next, cost})
			}
		}
		if column > 0 {
			visit(p.at - 1)
		}
		if column < side-1 {
			visit(p.at + 1)
		}
		if row > 0 {
			visit(p.at - side)
		}
		if row < side-1 {
			visit(p.at + side)
		}
	}
	fmt.Println(best[len(best)-1], best[side/2*side+side/2])
}
