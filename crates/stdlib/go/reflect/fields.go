package reflect

import (
	"internal/rtype"
	"iter"
)

func (t *typ) NumField() int {
	t.mustBe(Struct, "NumField")
	return len(t.d.Fields)
}

func (t *typ) Field(i int) (f StructField) {
	t.mustBe(Struct, "Field")
	fields := t.d.Fields
	if i < 0 || i >= len(fields) {
		panic("reflect: Field index out of bounds")
	}
	r := &fields[i]
	return StructField{r.Name, r.PkgPath, toType(r.Typ), StructTag(r.Tag), r.Offset, []int{i}, r.Embedded != 0}
}

func (t *typ) Fields() iter.Seq[StructField] {
	t.mustBe(Struct, "Fields")
	return func(yield func(StructField) bool) {
		for i := range t.NumField() {
			if !yield(t.Field(i)) {
				return
			}
		}
	}
}

func (t *typ) FieldByIndex(index []int) (f StructField) {
	var at Type = t
	for i, x := range index {
		if i > 0 {
			if at.Kind() == Pointer && at.Elem().Kind() == Struct {
				at = at.Elem()
			}
		}
		f = at.Field(x)
		at = f.Type
	}
	return f
}

func (t *typ) FieldByName(name string) (f StructField, ok bool) {
	t.mustBe(Struct, "FieldByName")
	if name != "" {
		embedded := false
		fields := t.d.Fields
		for i := range fields {
			if fields[i].Name == name {
				return t.Field(i), true
			}
			embedded = embedded || fields[i].Embedded != 0
		}
		if !embedded {
			return StructField{}, false
		}
	}
	return t.FieldByNameFunc(func(s string) bool { return s == name })
}

// structOf returns the struct type behind an embedded field's type, nil if there is none.
func structOf(t *rtype.Type) *rtype.Type {
	if Kind(t.Kind) == Pointer {
		t = t.Elem
	}
	if Kind(t.Kind) != Struct {
		return nil
	}
	return t
}

func (t *typ) FieldByNameFunc(match func(string) bool) (result StructField, ok bool) {
	t.mustBe(Struct, "FieldByNameFunc")
	type place struct {
		t     *rtype.Type
		index []int
	}
	level := []place{{&t.d, nil}}
	count := map[*rtype.Type]int{&t.d: 1} // how often a type occurs on the level
	seen := map[*rtype.Type]bool{}
	for len(level) > 0 {
		var next []place
		nextCount := map[*rtype.Type]int{}
		found := false
		for _, p := range level {
			if seen[p.t] {
				continue
			}
			seen[p.t] = true
			for i := range p.t.Fields {
				f := &p.t.Fields[i]
				if match(f.Name) {
					if found || count[p.t] > 1 {
						// Two on one level hide each other.
						return StructField{}, false
					}
					found = true
					result = toType(p.t).Field(i)
					result.Index = append(append([]int(nil), p.index...), i)
					continue
				}
				if found || f.Embedded == 0 {
					continue
				}
				inner := structOf(f.Typ)
				if inner == nil {
					continue
				}
				if nextCount[inner] == 0 {
					index := append(append([]int(nil), p.index...), i)
					next = append(next, place{inner, index})
				}
				nextCount[inner]++
				if count[p.t] > 1 {
					nextCount[inner]++
				}
			}
		}
		if found {
			return result, true
		}
		level, count = next, nextCount
	}
	return StructField{}, false
}

// VisibleFields returns the fields of struct type t, each followed by the promoted ones that it brings.
func VisibleFields(t Type) []StructField {
	if t == nil {
		panic("reflect: VisibleFields(nil)")
	}
	if t.Kind() != Struct {
		panic("reflect.VisibleFields of non-struct type")
	}
	w := &fieldWalker{byName: make(map[string]int), active: make(map[Type]bool)}
	w.walk(t)
	kept := w.fields[:0]
	for i := range w.fields {
		if f := &w.fields[i]; f.Name != "" {
			kept = append(kept, *f)
		}
	}
	return kept
}

// fieldWalker collects fields depth first; a hidden one has its name cleared.
type fieldWalker struct {
	byName map[string]int // the field of that name, by its place in fields
	active map[Type]bool  // the types that contain this place
	fields []StructField
	index  []int
}

func (w *fieldWalker) walk(t Type) {
	if w.active[t] {
		return
	}
	w.active[t] = true
	for i := range t.NumField() {
		f := t.Field(i)
		w.index = append(w.index, i)
		add := true
		if old, ok := w.byName[f.Name]; ok {
			o := &w.fields[old]
			switch {
			case len(w.index) == len(o.Index):
				// Both hide each other, and what is deeper stays hidden: the place keeps its index.
				o.Name = ""
				add = false
			case len(w.index) < len(o.Index):
				o.Name = ""
			default:
				add = false
			}
		}
		if add {
			f.Index = append([]int(nil), w.index...)
			w.byName[f.Name] = len(w.fields)
			w.fields = append(w.fields, f)
		}
		if f.Anonymous {
			inner := f.Type
			if inner.Kind() == Pointer {
				inner = inner.Elem()
			}
			if inner.Kind() == Struct {
				w.walk(inner)
			}
		}
		w.index = w.index[:len(w.index)-1]
	}
	delete(w.active, t)
}

// StructOf returns the struct type with the given fields; their Offset and Index are ignored.
func StructOf(fields []StructField) Type {
	list := make([]rtype.Field, len(fields))
	names := make(map[string]bool)
	for i, f := range fields {
		if f.Name == "" {
			panic("reflect.StructOf: field " + itoa(i) + " has no name")
		}
		if !isIdentifier(f.Name) {
			panic("reflect.StructOf: field " + itoa(i) + " has invalid name")
		}
		if f.Type == nil {
			panic("reflect.StructOf: field " + itoa(i) + " has no type")
		}
		if f.Anonymous && f.PkgPath != "" {
			panic("reflect.StructOf: field \"" + f.Name + "\" is anonymous but has PkgPath set")
		}
		upper := f.Name[0] < 0x80 && 'A' <= f.Name[0] && f.Name[0] <= 'Z'
		if f.PkgPath == "" && !upper && f.Name[0] < 0x80 {
			panic("reflect.StructOf: field \"" + f.Name + "\" is unexported but missing PkgPath")
		}
		if names[f.Name] && f.Name != "_" {
			panic("reflect.StructOf: duplicate field " + f.Name)
		}
		names[f.Name] = true
		embedded := uintptr(0)
		if f.Anonymous {
			embedded = 1
		}
		list[i] = rtype.Field{Name: f.Name, PkgPath: f.PkgPath, Typ: f.Type.descriptor(), Tag: string(f.Tag), Embedded: embedded}
	}
	return toType(rtype.StructOf(list))
}

func isIdentifier(s string) bool {
	for i, c := range s {
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= 0x80
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}
