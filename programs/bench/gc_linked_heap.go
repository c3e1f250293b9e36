// A large heap of small linked objects, while the program goes on allocating: what the collector's work costs, and its pauses
// (GODEBUG=gcpauses=1 prints them here; for the real toolchain GCPAUSES=1 makes this program print its own).
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

func sum(t *node) uint64 {
	if t == nil {
		return 0
	}
	total := t.key
	for _, p := range t.payload {
		total = total*31 + p
	}
	return total + 3*sum(t.left) + 5*sum(t.right)
}

func main() {
	// 2^24 nodes are 1 GB.
	nodes, updates := uint64(1<<21), 400_000
	switch os.Getenv("PROGRAM_SCALE") {
	case "small":
		nodes, updates = 1<<10, 1000
	case "large":
		nodes, updates = 1<<24, 4_000_000
	}
	t := build(0, nodes)
	r := rng(88172645463325252)
	for i := 0; i < updates; i++ {
		key := r.next() % nodes
		t = replace(t, key, uint64(i))
	}
	fmt.Println(sum(t))
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
