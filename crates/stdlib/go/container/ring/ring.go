// Package ring is a circular list.
package ring

// Ring is an element of a circular list; any of its elements stands for the list. A nil pointer is an empty one, the
// zero value a ring of one element.
type Ring struct {
	next, prev *Ring
	Value      any // not used by this package
}

func (r *Ring) ready() *Ring {
	if r.next == nil {
		r.next, r.prev = r, r
	}
	return r
}

// New returns a ring of n elements.
func New(n int) *Ring {
	if n <= 0 {
		return nil
	}
	first := new(Ring)
	last := first
	for ; n > 1; n-- {
		r := &Ring{prev: last}
		last.next = r
		last = r
	}
	last.next = first
	first.prev = last
	return first
}

// Next returns the next element.
func (r *Ring) Next() *Ring { return r.ready().next }

// Prev returns the previous element.
func (r *Ring) Prev() *Ring { return r.ready().prev }

// Move returns the element n places on, or -n back.
func (r *Ring) Move(n int) *Ring {
	r.ready()
	for ; n < 0; n++ {
		r = r.prev
	}
	for ; n > 0; n-- {
		r = r.next
	}
	return r
}

// Link makes s follow r and returns what followed r before. If both are in the same ring, it removes what is between.
func (r *Ring) Link(s *Ring) *Ring {
	after := r.Next()
	if s != nil {
		last := s.Prev()
		r.next, s.prev = s, r
		after.prev, last.next = last, after
	}
	return after
}

// Unlink removes n elements after r and returns them.
func (r *Ring) Unlink(n int) *Ring {
	if n <= 0 {
		return nil
	}
	return r.Link(r.Move(n + 1))
}

// Len returns the number of elements.
func (r *Ring) Len() int {
	if r == nil {
		return 0
	}
	n := 1
	for e := r.Next(); e != r; e = e.next {
		n++
	}
	return n
}

// Do calls f for each value, beginning with r's. f must not change the ring.
func (r *Ring) Do(f func(any)) {
	if r == nil {
		return
	}
	f(r.Value)
	for e := r.Next(); e != r; e = e.next {
		f(e.Value)
	}
}
