package reflect

import (
	"internal/rtype"
	"unsafe"
)

// DeepEqual reports whether x and y are equal through pointers, slices, maps and interfaces. Functions are equal only if
// both are nil; cycles are followed once.
func DeepEqual(x, y any) bool {
	if x == nil || y == nil {
		return x == y
	}
	v, w := ValueOf(x), ValueOf(y)
	return v.typ == w.typ && deepEqual(v, w, make(map[comparison]bool))
}

// comparison is a pair of references that is being compared, or was.
type comparison struct {
	p, q unsafe.Pointer
	t    *rtype.Type
}

// cyclic returns what identifies a value that may be part of a cycle.
func cyclic(v Value) unsafe.Pointer {
	switch v.kind() {
	case Pointer, Map:
		return v.pointer()
	case Slice, Interface:
		return v.ptr
	}
	return nil
}

func deepEqual(v, w Value, seen map[comparison]bool) bool {
	if !v.IsValid() || !w.IsValid() {
		return v.IsValid() == w.IsValid()
	}
	if v.typ != w.typ {
		return false
	}
	if p, q := cyclic(v), cyclic(w); p != nil && q != nil {
		if uintptr(p) > uintptr(q) {
			p, q = q, p
		}
		c := comparison{p, q, v.typ}
		if seen[c] {
			return true
		}
		seen[c] = true
	}
	switch v.kind() {
	case Array:
		for i := range v.Len() {
			if !deepEqual(v.Index(i), w.Index(i), seen) {
				return false
			}
		}
		return true
	case Slice:
		if v.IsNil() != w.IsNil() || v.Len() != w.Len() {
			return false
		}
		if v.elements() == w.elements() {
			return true
		}
		for i := range v.Len() {
			if !deepEqual(v.Index(i), w.Index(i), seen) {
				return false
			}
		}
		return true
	case Interface:
		if v.IsNil() || w.IsNil() {
			return v.IsNil() == w.IsNil()
		}
		return deepEqual(v.Elem(), w.Elem(), seen)
	case Pointer:
		return v.pointer() == w.pointer() || deepEqual(v.Elem(), w.Elem(), seen)
	case Struct:
		for i := range v.NumField() {
			if !deepEqual(v.Field(i), w.Field(i), seen) {
				return false
			}
		}
		return true
	case Map:
		if v.IsNil() != w.IsNil() || v.Len() != w.Len() {
			return false
		}
		if v.pointer() == w.pointer() {
			return true
		}
		for it := v.MapRange(); it.Next(); {
			other := w.MapIndex(it.Key())
			if !other.IsValid() || !deepEqual(it.Value(), other, seen) {
				return false
			}
		}
		return true
	case Func:
		return v.IsNil() && w.IsNil()
	}
	return rtype.Equal(v.typ, v.place(), w.place())
}
