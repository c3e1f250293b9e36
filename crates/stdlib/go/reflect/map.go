package reflect

import (
	"internal/rtype"
	"unsafe"
)

// MakeMap makes a map.
func MakeMap(typ Type) Value { return MakeMapWithSize(typ, 0) }

// MakeMapWithSize makes a map with room for n entries.
func MakeMapWithSize(typ Type, n int) Value {
	if typ.Kind() != Map {
		panic("reflect.MakeMapWithSize of non-map type")
	}
	t := typ.descriptor()
	return Value{t, rtype.MakeMap(t, n), flag(Map)}
}

// MapIndex returns the value for key, the zero Value if there is none.
func (v Value) MapIndex(key Value) Value {
	v.mustBe(Map, "MapIndex")
	key = key.assignTo("reflect.Value.MapIndex", v.typ.Key)
	m := v.pointer()
	if m == nil {
		return Value{}
	}
	p := rtype.MapGet(v.typ, m, key.place())
	if p == nil {
		return Value{}
	}
	return loaded(v.typ.Elem, p, v.ro()|key.ro())
}

// loaded returns the value at p, a place that is ours.
func loaded(t *rtype.Type, p unsafe.Pointer, fl flag) Value {
	if t.IsDirect() {
		return Value{t, *(*unsafe.Pointer)(p), fl | flag(t.Kind)}
	}
	return Value{t, p, fl | flagIndir | flag(t.Kind)}
}

// SetMapIndex sets the value for key; the zero Value deletes the entry.
func (v Value) SetMapIndex(key, elem Value) {
	v.mustBe(Map, "SetMapIndex")
	v.mustBeExported("SetMapIndex")
	key.mustBeExported("SetMapIndex")
	key = key.assignTo("reflect.Value.SetMapIndex", v.typ.Key)
	m := v.pointer()
	if elem.flag == 0 {
		if m != nil {
			rtype.MapDelete(v.typ, m, key.place())
		}
		return
	}
	elem.mustBeExported("SetMapIndex")
	elem = elem.assignTo("reflect.Value.SetMapIndex", v.typ.Elem)
	if m == nil {
		var none map[int]int
		none[0] = 0 // panics as any assignment to a nil map
	}
	rtype.MapSet(v.typ, m, key.place(), elem.place())
}

// MapKeys returns the keys, in no order.
func (v Value) MapKeys() []Value {
	v.mustBe(Map, "MapKeys")
	keys := make([]Value, 0, v.Len())
	for it := v.MapRange(); it.Next(); {
		keys = append(keys, it.Key())
	}
	return keys
}

// MapIter walks a map.
type MapIter struct {
	m         Value
	it        unsafe.Pointer
	key, elem unsafe.Pointer // copies of the current entry
	done      bool
}

// MapRange returns an iterator; Next comes first.
func (v Value) MapRange() *MapIter {
	if v.kind() != Map {
		v.wrong("MapRange")
	}
	return &MapIter{m: v}
}

// Next moves to the next entry, or reports false.
func (iter *MapIter) Next() bool {
	if !iter.m.IsValid() {
		panic("MapIter.Next called on an iterator that does not have an associated map Value")
	}
	if iter.done {
		panic("MapIter.Next called on exhausted iterator")
	}
	t := iter.m.typ
	if iter.it == nil {
		iter.it = rtype.MapIterNew(t, iter.m.pointer())
	}
	iter.key, iter.elem = rtype.New(t.Key), rtype.New(t.Elem)
	if !rtype.MapIterNext(iter.it, iter.key, iter.elem) {
		iter.key, iter.elem, iter.done = nil, nil, true
		return false
	}
	return true
}

func (iter *MapIter) check(method string) {
	if iter.it == nil {
		panic(method + " called before Next")
	}
	if iter.done {
		panic(method + " called on exhausted iterator")
	}
}

// Key returns the current key.
func (iter *MapIter) Key() Value {
	iter.check("MapIter.Key")
	return loaded(iter.m.typ.Key, iter.key, iter.m.ro())
}

// Value returns the current value.
func (iter *MapIter) Value() Value {
	iter.check("MapIter.Value")
	return loaded(iter.m.typ.Elem, iter.elem, iter.m.ro())
}

// Reset starts again, with map v (or with nothing).
func (iter *MapIter) Reset(v Value) {
	if v.IsValid() {
		v.mustBe(Map, "MapRange")
	}
	*iter = MapIter{m: v}
}

// SetIterKey assigns the current key to v.
func (v Value) SetIterKey(iter *MapIter) {
	iter.check("reflect: Value.SetIterKey: MapIter.Key")
	v.mustBeAssignable("SetIterKey")
	v.Set(iter.Key())
}

// SetIterValue assigns the current value to v.
func (v Value) SetIterValue(iter *MapIter) {
	iter.check("reflect: Value.SetIterValue: MapIter.Value")
	v.mustBeAssignable("SetIterValue")
	v.Set(iter.Value())
}
