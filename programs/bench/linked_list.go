// Walking, reversing and sorting a linked list.
package main

import "fmt"

type node struct {
	value int
	next  *node
}

func reverse(list *node) (head *node) {
	for list != nil {
		list, list.next, head = list.next, head, list
	}
	return head
}

func merge(a, b *node) *node {
	var first node
	last := &first
	for a != nil && b != nil {
		if a.value <= b.value {
			last.next, a = a, a.next
		} else {
			last.next, b = b, b.next
		}
		last = last.next
	}
	if a != nil {
		last.next = a
	} else {
		last.next = b
	}
	return first.next
}

func mergeSort(list *node) *node {
	if list == nil || list.next == nil {
		return list
	}
	slow, fast := list, list.next
	for fast != nil && fast.next != nil {
		slow, fast = slow.next, fast.next.next
	}
	second := slow.next
	slow.next = nil
	return merge(mergeSort(list), mergeSort(second))
}

func main() {
	var list *node
	x := uint32(3)
	for range 500_000 {
		x = x*1664525 + 1013904223
		list = &node{int(x >> 12), list}
	}
	sum := 0
	for range 100 {
		list = reverse(list)
		i := 0
		for n := list; n != nil; n = n.next {
			sum += n.value ^ i
			i++
		}
	}
	list = mergeSort(list)
	for n := list; n.next != nil; n = n.next {
		if n.value > n.next.value {
			panic("not sorted")
		}
	}
	fmt.Println(sum, list.value)
}
