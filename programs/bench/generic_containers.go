// Generic containers: a heap, a stack and a linked list over several types.
package main

import "fmt"

type binaryHeap[T any] struct {
	items []T
	less  func(a, b T) bool
}

func (h *binaryHeap[T]) push(x T) {
	h.items = append(h.items, x)
	i := len(h.items) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if !h.less(h.items[i], h.items[parent]) {
			break
		}
		h.items[i], h.items[parent] = h.items[parent], h.items[i]
		i = parent
	}
}

func (h *binaryHeap[T]) pop() T {
	top := h.items[0]
	last := len(h.items) - 1
	h.items[0] = h.items[last]
	h.items = h.items[:last]
	i := 0
	for {
		child := 2*i + 1
		if child >= last {
			return top
		}
		if child+1 < last && h.less(h.items[child+1], h.items[child]) {
			child++
		}
		if !h.less(h.items[child], h.items[i]) {
			return top
		}
		h.items[i], h.items[child] = h.items[child], h.items[i]
		i = child
	}
}

type stack[T any] struct{ items []T }

func (s *stack[T]) push(x T) { s.items = append(s.items, x) }
func (s *stack[T]) pop() (x T, ok bool) {
	if len(s.items) == 0 {
		return x, false
	}
	x = s.items[len(s.items)-1]
	s.items = s.items[:len(s.items)-1]
	return x, true
}

type element[T any] struct {
	value T
	next  *element[T]
}

type list[T any] struct {
	head, tail *element[T]
	length     int
}

func (l *list[T]) append(x T) {
	e := &element[T]{value: x}
	if l.tail == nil {
		l.head = e
	} else {
		l.tail.next = e
	}
	l.tail = e
	l.length++
}

func (l *list[T]) all(yield func(T) bool) {
	for e := l.head; e != nil; e = e.next {
		if !yield(e.value) {
			return
		}
	}
}

type task struct {
	priority int32
	name     string
}

func main() {
	x := uint32(5)
	next := func() uint32 { x = x*1664525 + 1013904223; return x >> 8 }
	sum := 0

	numbers := binaryHeap[int]{less: func(a, b int) bool { return a < b }}
	tasks := binaryHeap[task]{less: func(a, b task) bool { return a.priority > b.priority }}
	for range 250_000 {
		numbers.push(int(next()))
		tasks.push(task{int32(next() % 1000), "task"})
	}
	for range 250_000 {
		sum = sum*31 + numbers.pop()
		sum += int(tasks.pop().priority)
	}

	var s stack[[2]int16]
	for i := range 6_000_000 {
		if i%3 != 2 {
			s.push([2]int16{int16(i), 1})
		} else if v, ok := s.pop(); ok {
			sum += int(v[0])
		}
	}

	var l list[float64]
	for i := range 300_000 {
		l.append(float64(i))
	}
	total := 0.0
	for range 10 {
		for v := range l.all {
			total += v
		}
	}
	fmt.Println(sum, len(s.items), l.length, total)
}
