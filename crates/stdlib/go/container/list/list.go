// Package list is a doubly linked list.
package list

// Element is an element of a list.
type Element struct {
	next, prev *Element
	list       *List
	Value      any
}

// Next returns the element after e, or nil.
func (e *Element) Next() *Element {
	if e.list != nil && e.next != &e.list.ring {
		return e.next
	}
	return nil
}

// Prev returns the element before e, or nil.
func (e *Element) Prev() *Element {
	if e.list != nil && e.prev != &e.list.ring {
		return e.prev
	}
	return nil
}

// List is a doubly linked list. The zero value is empty.
type List struct {
	ring Element // its next is the first element, its prev the last
	len  int
}

// New returns an empty list.
func New() *List { return new(List).Init() }

// Init makes l empty.
func (l *List) Init() *List {
	l.ring.next = &l.ring
	l.ring.prev = &l.ring
	l.len = 0
	return l
}

func (l *List) ready() {
	if l.ring.next == nil {
		l.Init()
	}
}

// Len returns the number of elements.
func (l *List) Len() int { return l.len }

// Front returns the first element, or nil.
func (l *List) Front() *Element {
	if l.len == 0 {
		return nil
	}
	return l.ring.next
}

// Back returns the last element, or nil.
func (l *List) Back() *Element {
	if l.len == 0 {
		return nil
	}
	return l.ring.prev
}

// link puts e after at.
func link(e, at *Element) {
	e.prev, e.next = at, at.next
	at.next.prev = e
	at.next = e
}

func unlink(e *Element) {
	e.prev.next = e.next
	e.next.prev = e.prev
}

func (l *List) insert(v any, at *Element) *Element {
	e := &Element{list: l, Value: v}
	link(e, at)
	l.len++
	return e
}

func (l *List) move(e, at *Element) {
	if e != at {
		unlink(e)
		link(e, at)
	}
}

// Remove removes e, if it is in l, and returns its value.
func (l *List) Remove(e *Element) any {
	if e.list == l {
		unlink(e)
		e.next, e.prev, e.list = nil, nil, nil
		l.len--
	}
	return e.Value
}

// PushFront inserts v before all elements.
func (l *List) PushFront(v any) *Element {
	l.ready()
	return l.insert(v, &l.ring)
}

// PushBack inserts v after all elements.
func (l *List) PushBack(v any) *Element {
	l.ready()
	return l.insert(v, l.ring.prev)
}

// InsertBefore inserts v before mark; it returns nil if mark is not in l.
func (l *List) InsertBefore(v any, mark *Element) *Element {
	if mark.list != l {
		return nil
	}
	return l.insert(v, mark.prev)
}

// InsertAfter inserts v after mark; it returns nil if mark is not in l.
func (l *List) InsertAfter(v any, mark *Element) *Element {
	if mark.list != l {
		return nil
	}
	return l.insert(v, mark)
}

// MoveToFront moves e, if it is in l, before all others.
func (l *List) MoveToFront(e *Element) {
	if e.list == l && l.ring.next != e {
		l.move(e, &l.ring)
	}
}

// MoveToBack moves e, if it is in l, after all others.
func (l *List) MoveToBack(e *Element) {
	if e.list == l && l.ring.prev != e {
		l.move(e, l.ring.prev)
	}
}

// MoveBefore moves e before mark, if both are in l.
func (l *List) MoveBefore(e, mark *Element) {
	if e.list == l && e != mark && mark.list == l {
		l.move(e, mark.prev)
	}
}

// MoveAfter moves e after mark, if both are in l.
func (l *List) MoveAfter(e, mark *Element) {
	if e.list == l && e != mark && mark.list == l {
		l.move(e, mark)
	}
}

// PushBackList inserts the values of other, which may be l, after all elements.
func (l *List) PushBackList(other *List) {
	l.ready()
	for n, e := other.Len(), other.Front(); n > 0; n, e = n-1, e.Next() {
		l.insert(e.Value, l.ring.prev)
	}
}

// PushFrontList inserts the values of other, which may be l, before all elements.
func (l *List) PushFrontList(other *List) {
	l.ready()
	for n, e := other.Len(), other.Back(); n > 0; n, e = n-1, e.Prev() {
		l.insert(e.Value, &l.ring)
	}
}
