// A heap of small linked objects, replaced path by path: what the collector's work costs beside a program that goes on allocating. With
// PROGRAM_SCALE=large the live heap is 1 GB. GCPAUSES=1 prints the pauses that MemStats tells of (`run --stats` each stop).
package main

import (
	"fmt"
	"os"
	"runtime"
	"sort"
)

// node takes 64 bytes.
type node struct {
	left, right *node
	key         uint64
	payload     [5]uint64
}

type rng uint64

func (r *rng) next() uint64 {
	*r ^= *r << 13
	*r ^= *r >> 7
	*r ^= *r << 17
	return uint64(*r)
}

// build makes a balanced tree of n nodes with the keys from first on.
func build(first, n uint64) *node {
	if n == 0 {
		return nil
	}
	half := n / 2
	t := &node{key: first + half}
	t.left = build(first, half)
	t.right = build(first+half+1, n-half-1)
	return t
}

// replace makes the path to a key anew, as a persistent tree does.
func replace(t *node, key, value uint64) *node {
	if t == nil {
		return nil
	}
	c := &node{left: t.left, right: t.right, key: t.key, payload: t.payload}
	switch {
	case key < t.key:
		c.left = replace(t.left, key, value)
	case key > t.key:
		c.right = replace(t.right, key, value)
	default:
		c.payload[key%5] = value
	}
	return c
}

// check walks the tree in the order of its keys: each is there, with the last value that it was given.
func check(t *node, last []uint64, next uint64) (uint64, bool) {
	if t == nil {
		return next, true
	}
	next, ok := check(t.left, last, next)
	ok = ok && t.key == next && t.payload[next%5] == last[next]
	next, right := check(t.right, last, next+1)
	return next, ok && right
}

func main() {
	nodes, updates := uint64(1<<19), uint64(100_000)
	switch os.Getenv("PROGRAM_SCALE") {
	case "small":
		nodes, updates = 1<<8, 300
	case "large":
		// 2^24 nodes of 64 bytes.
		nodes, updates = 1<<24, 4_000_000
	}
	t := build(0, nodes)
	last := make([]uint64, nodes)
	r := rng(88172645463325252)
	for i := uint64(1); i <= updates; i++ {
		key := r.next() % nodes
		t = replace(t, key, i)
		last[key] = i
	}
	n, ok := check(t, last, 0)
	fmt.Println("every key with its last value:", ok && n == nodes)
	if os.Getenv("GCPAUSES") != "" {
		report()
	}
}

func report() {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	n := min(int(m.NumGC), len(m.PauseNs))
	pauses := append([]uint64(nil), m.PauseNs[:n]...)
	sort.Slice(pauses, func(i, j int) bool { return pauses[i] < pauses[j] })
	if n > 0 {
		fmt.Fprintln(os.Stderr, "collections", m.NumGC, "median ns", pauses[n/2], "most", pauses[n-1], "sum", m.PauseTotalNs)
	}
}
