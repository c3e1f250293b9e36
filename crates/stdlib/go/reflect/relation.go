package reflect

import "internal/rtype"

func (t *typ) Implements(u Type) bool {
	if u == nil {
		panic("reflect: nil type passed to Type.Implements")
	}
	if u.Kind() != Interface {
		panic("reflect: non-interface type passed to Type.Implements")
	}
	return implements(u.descriptor(), &t.d)
}

func (t *typ) AssignableTo(u Type) bool {
	if u == nil {
		panic("reflect: nil type passed to Type.AssignableTo")
	}
	d := u.descriptor()
	return directlyAssignable(d, &t.d) || implements(d, &t.d)
}

func (t *typ) ConvertibleTo(u Type) bool {
	if u == nil {
		panic("reflect: nil type passed to Type.ConvertibleTo")
	}
	return conversion(u.descriptor(), &t.d) != nil
}

// implements reports whether v has the methods of interface type t. Both method lists are sorted alike.
func implements(t, v *rtype.Type) bool {
	if Kind(t.Kind) != Interface {
		return false
	}
	want := t.IMethods
	if Kind(v.Kind) == Interface {
		for i := range v.IMethods {
			if len(want) == 0 {
				return true
			}
			m := &v.IMethods[i]
			if m.Name == want[0].Name && m.PkgPath == want[0].PkgPath {
				if m.Typ != want[0].Typ {
					return false
				}
				want = want[1:]
			}
		}
		return len(want) == 0
	}
	have := rtype.MethodTable(v)
	for i := range have {
		if len(want) == 0 {
			return true
		}
		m := &have[i]
		if m.Name == want[0].Name && m.PkgPath == want[0].PkgPath {
			if m.Typ != want[0].Typ {
				return false
			}
			want = want[1:]
		}
	}
	return len(want) == 0
}

func named(t *rtype.Type) bool { return t.Flags&rtype.Named != 0 }

// directlyAssignable reports whether a v may be assigned to a t with the same representation.
func directlyAssignable(t, v *rtype.Type) bool {
	if t == v {
		return true
	}
	if named(t) && named(v) || t.Kind != v.Kind {
		return false
	}
	if Kind(t.Kind) == Chan && ChanDir(v.Len) == BothDir && t.Elem == v.Elem {
		return true
	}
	return sameUnderlying(t, v, true)
}

func sameTypes(a, b []*rtype.Type, tags bool) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !identical(a[i], b[i], tags) {
			return false
		}
	}
	return true
}

// identical reports whether a and b are identical, or, without tags, differ in struct tags only.
func identical(a, b *rtype.Type, tags bool) bool {
	if a == b {
		return true
	}
	if tags || a.Name != b.Name || a.Kind != b.Kind || a.PkgPath != b.PkgPath || named(a) || named(b) {
		return false
	}
	return sameUnderlying(a, b, false)
}

// sameUnderlying compares the structures of two types.
func sameUnderlying(a, b *rtype.Type, tags bool) bool {
	if a == b {
		return true
	}
	if a.Kind != b.Kind {
		return false
	}
	switch k := Kind(a.Kind); {
	case Bool <= k && k <= Complex128 || k == String || k == UnsafePointer:
		return true
	}
	switch Kind(a.Kind) {
	case Array:
		return a.Len == b.Len && identical(a.Elem, b.Elem, tags)
	case Chan:
		return a.Len == b.Len && identical(a.Elem, b.Elem, tags)
	case Func:
		return (a.Flags^b.Flags)&rtype.Variadic == 0 && sameTypes(a.Params, b.Params, tags) && sameTypes(a.Results, b.Results, tags)
	case Interface:
		if len(a.IMethods) != len(b.IMethods) {
			return false
		}
		for i := range a.IMethods {
			if a.IMethods[i].Name != b.IMethods[i].Name || a.IMethods[i].PkgPath != b.IMethods[i].PkgPath || a.IMethods[i].Typ != b.IMethods[i].Typ {
				return false
			}
		}
		return true
	case Map:
		return identical(a.Key, b.Key, tags) && identical(a.Elem, b.Elem, tags)
	case Pointer, Slice:
		return identical(a.Elem, b.Elem, tags)
	case Struct:
		if len(a.Fields) != len(b.Fields) {
			return false
		}
		for i := range a.Fields {
			f, g := &a.Fields[i], &b.Fields[i]
			if f.Name != g.Name || f.PkgPath != g.PkgPath || f.Embedded != g.Embedded || tags && f.Tag != g.Tag || !identical(f.Typ, g.Typ, tags) {
				return false
			}
		}
		return true
	}
	return false
}
