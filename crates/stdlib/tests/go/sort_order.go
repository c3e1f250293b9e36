// Sorting: the order of equal elements is that of gc's library.
package main

import (
	"cmp"
	"container/heap"
	"container/list"
	"container/ring"
	"fmt"
	"maps"
	"slices"
	"sort"
)

type pair struct{ key, id int }

type byKey []pair

func (b byKey) Len() int           { return len(b) }
func (b byKey) Less(i, j int) bool { return b[i].key < b[j].key }
func (b byKey) Swap(i, j int)      { b[i], b[j] = b[j], b[i] }

type intHeap []int

func (h intHeap) Len() int           { return len(h) }
func (h intHeap) Less(i, j int) bool { return h[i] < h[j] }
func (h intHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *intHeap) Push(x any)        { *h = append(*h, x.(int)) }
func (h *intHeap) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	*h = (*h)[:last]
	return x
}

func data(n int) []pair {
	p := make([]pair, n)
	x := uint32(12345)
	for i := range p {
		x = x*1664525 + 1013904223
		p[i] = pair{int(x>>24) % 7, i}
	}
	return p
}

func main() {
	p := data(100)
	sort.Sort(byKey(p))
	fmt.Println(p)
	p = data(100)
	sort.Slice(p, func(i, j int) bool { return p[i].key < p[j].key })
	fmt.Println(p)
	p = data(100)
	slices.SortFunc(p, func(a, b pair) int { return cmp.Compare(b.key, a.key) })
	fmt.Println(p)
	p = data(60)
	sort.SliceStable(p, func(i, j int) bool { return p[i].key < p[j].key })
	q := data(60)
	slices.SortStableFunc(q, func(a, b pair) int { return cmp.Compare(a.key, b.key) })
	r := data(60)
	sort.Stable(sort.Reverse(byKey(r)))
	fmt.Println(slices.Equal(p, q), p, r)
	ints := []int{5, 2, 8, -1, 0, 7, 3, 3, 9, 100, -50, 12, 6, 4}
	sort.Ints(ints)
	fmt.Println(ints, sort.SearchInts(ints, 7), sort.IsSorted(sort.IntSlice(ints)))
	words := []string{"pear", "apple", "fig", "banana"}
	slices.Sort(words)
	fmt.Println(words, slices.Max(words), slices.Min(words))
	fmt.Println(slices.BinarySearch(words, "fig"))
	fmt.Println(slices.Insert([]int{1, 2, 3}, 1, 9, 8), slices.Delete([]int{1, 2, 3, 4}, 1, 3), slices.Compact([]int{1, 1, 2, 2, 1}), slices.Replace([]int{1, 2, 3}, 0, 2, 7))
	fmt.Println(slices.Index(ints, 7), slices.Contains(words, "kiwi"), slices.Collect(slices.Chunk([]int{1, 2, 3, 4, 5}, 2)) != nil)
	fmt.Println(slices.Sorted(maps.Keys(map[string]int{"b": 1, "a": 2, "c": 3})), slices.Repeat([]int{1, 2}, 3), slices.Concat([]int{1}, []int{2, 3}))
	h := &intHeap{5, 2, 8}
	heap.Init(h)
	heap.Push(h, 3)
	for h.Len() > 0 {
		fmt.Print(heap.Pop(h), " ")
	}
	fmt.Println()
	l := list.New()
	e := l.PushBack(1)
	l.PushFront(0)
	l.InsertAfter(2, e)
	for e := l.Front(); e != nil; e = e.Next() {
		fmt.Print(e.Value, " ")
	}
	c := ring.New(4)
	for i := 0; i < 4; i++ {
		c.Value = i
		c = c.Next()
	}
	c.Do(func(x any) { fmt.Print(x, " ") })
	fmt.Println(c.Len())
}
