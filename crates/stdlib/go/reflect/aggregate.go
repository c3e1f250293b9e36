package reflect

import (
	"errors"
	"internal/rtype"
	"iter"
	"unsafe"
)

// sliceHeader is a slice in memory.
type sliceHeader struct {
	data unsafe.Pointer
	len  int
	cap  int
}

// SliceHeader is the old description of a slice in memory.
type SliceHeader struct {
	Data uintptr
	Len  int
	Cap  int
}

// StringHeader is the old description of a string in memory.
type StringHeader struct {
	Data uintptr
	Len  int
}

// NumField counts a struct's fields.
func (v Value) NumField() int {
	v.mustBe(Struct, "NumField")
	return len(v.typ.Fields)
}

// Field returns the i'th field of a struct.
func (v Value) Field(i int) Value {
	if v.kind() != Struct {
		v.wrong("Field")
	}
	if uint(i) >= uint(len(v.typ.Fields)) {
		panic("reflect: Field index out of range")
	}
	f := &v.typ.Fields[i]
	fl := v.flag&(flagSticky|flagIndir|flagAddr) | flag(f.Typ.Kind)
	if f.PkgPath != "" {
		if f.Embedded != 0 {
			fl |= flagEmbed
		} else {
			fl |= flagSticky
		}
	}
	if v.flag&flagIndir == 0 {
		// The struct is one pointer, this field unless it has no size.
		if f.Typ.Size == 0 && !f.Typ.IsDirect() {
			return Value{f.Typ, unsafe.Pointer(new(byte)), fl | flagIndir}
		}
		return Value{f.Typ, v.ptr, fl}
	}
	return Value{f.Typ, addr(v.ptr, f.Offset), fl}
}

// FieldByIndex follows index through embedded structs; it panics at a nil pointer.
func (v Value) FieldByIndex(index []int) Value {
	v.mustBe(Struct, "FieldByIndex")
	for i, x := range index {
		if i > 0 && v.kind() == Pointer && Kind(v.typ.Elem.Kind) == Struct {
			if v.IsNil() {
				panic("reflect: indirection through nil pointer to embedded struct")
			}
			v = v.Elem()
		}
		v = v.Field(x)
	}
	return v
}

// FieldByIndexErr is FieldByIndex with an error at a nil pointer.
func (v Value) FieldByIndexErr(index []int) (Value, error) {
	v.mustBe(Struct, "FieldByIndexErr")
	for i, x := range index {
		if i > 0 && v.kind() == Pointer && Kind(v.typ.Elem.Kind) == Struct {
			if v.IsNil() {
				return Value{}, errors.New("reflect: indirection through nil pointer to embedded struct field " + v.typ.Elem.Name)
			}
			v = v.Elem()
		}
		v = v.Field(x)
	}
	return v, nil
}

// FieldByName finds a field, or returns the zero Value.
func (v Value) FieldByName(name string) Value {
	v.mustBe(Struct, "FieldByName")
	if f, ok := toType(v.typ).FieldByName(name); ok {
		return v.FieldByIndex(f.Index)
	}
	return Value{}
}

// FieldByNameFunc finds a field, or returns the zero Value.
func (v Value) FieldByNameFunc(match func(string) bool) Value {
	if f, ok := toType(v.typ).FieldByNameFunc(match); ok {
		return v.FieldByIndex(f.Index)
	}
	return Value{}
}

// Fields yields a struct's fields.
func (v Value) Fields() iter.Seq2[StructField, Value] {
	t := v.Type()
	if t.Kind() != Struct {
		panic("reflect: Fields of non-struct type " + t.String())
	}
	return func(yield func(StructField, Value) bool) {
		for i := range v.NumField() {
			if !yield(t.Field(i), v.Field(i)) {
				return
			}
		}
	}
}

// Methods yields the methods, bound to v.
func (v Value) Methods() iter.Seq2[Method, Value] {
	return func(yield func(Method, Value) bool) {
		t := v.Type()
		for i := range v.NumMethod() {
			if !yield(t.Method(i), v.Method(i)) {
				return
			}
		}
	}
}

// Len returns the length of an array (or pointer to one), channel, map, slice or string.
func (v Value) Len() int {
	switch v.kind() {
	case Slice:
		return (*sliceHeader)(v.ptr).len
	case String:
		return len(*(*string)(v.ptr))
	case Array:
		return v.typ.Len
	case Map:
		return rtype.MapLen(v.pointer())
	case Chan:
		return rtype.ChanLen(v.pointer())
	case Pointer:
		if Kind(v.typ.Elem.Kind) == Array {
			return v.typ.Elem.Len
		}
		panic("reflect: call of reflect.Value.Len on ptr to non-array Value")
	}
	v.wrong("Len")
	return 0
}

// Cap returns the capacity of an array (or pointer to one), channel or slice.
func (v Value) Cap() int {
	switch v.kind() {
	case Slice:
		return (*sliceHeader)(v.ptr).cap
	case Array:
		return v.typ.Len
	case Chan:
		return rtype.ChanCap(v.pointer())
	case Pointer:
		if Kind(v.typ.Elem.Kind) == Array {
			return v.typ.Elem.Len
		}
		panic("reflect: call of reflect.Value.Cap on ptr to non-array Value")
	}
	v.wrong("Cap")
	return 0
}

// Index returns the i'th element of an array or slice, or byte of a string.
func (v Value) Index(i int) Value {
	switch v.kind() {
	case Slice:
		s := (*sliceHeader)(v.ptr)
		if uint(i) >= uint(s.len) {
			panic("reflect: slice index out of range")
		}
		e := v.typ.Elem
		return Value{e, addr(s.data, uintptr(i)*e.Size), flagAddr | flagIndir | v.ro() | flag(e.Kind)}
	case Array:
		if uint(i) >= uint(v.typ.Len) {
			panic("reflect: array index out of range")
		}
		e := v.typ.Elem
		fl := v.flag&(flagIndir|flagAddr) | v.ro() | flag(e.Kind)
		if v.flag&flagIndir == 0 {
			return Value{e, v.ptr, fl}
		}
		return Value{e, addr(v.ptr, uintptr(i)*e.Size), fl}
	case String:
		s := *(*string)(v.ptr)
		if uint(i) >= uint(len(s)) {
			panic("reflect: string index out of range")
		}
		c := new(byte)
		*c = s[i]
		return Value{rtype.Of(*c), unsafe.Pointer(c), v.ro() | flagIndir | flag(Uint8)}
	}
	v.wrong("Index")
	return Value{}
}

// Slice returns v[i:j] of a slice, string or array variable.
func (v Value) Slice(i, j int) Value {
	var base unsafe.Pointer
	var t *rtype.Type
	var cap int
	switch v.kind() {
	case Array:
		if v.flag&flagAddr == 0 {
			panic("reflect.Value.Slice: slice of unaddressable array")
		}
		base, t, cap = v.ptr, rtype.SliceOf(v.typ.Elem), v.typ.Len
	case Slice:
		s := (*sliceHeader)(v.ptr)
		base, t, cap = s.data, v.typ, s.cap
	case String:
		s := *(*string)(v.ptr)
		if i < 0 || j < i || j > len(s) {
			panic("reflect.Value.Slice: string slice index out of bounds")
		}
		part := new(string)
		*part = s[i:j]
		return Value{v.typ, unsafe.Pointer(part), v.flag &^ flagAddr}
	default:
		v.wrong("Slice")
	}
	if i < 0 || j < i || j > cap {
		panic("reflect.Value.Slice: slice index out of bounds")
	}
	return v.part(t, base, i, j, cap)
}

// Slice3 returns v[i:j:k] of a slice or array variable.
func (v Value) Slice3(i, j, k int) Value {
	var base unsafe.Pointer
	var t *rtype.Type
	var cap int
	switch v.kind() {
	case Array:
		if v.flag&flagAddr == 0 {
			panic("reflect.Value.Slice3: slice of unaddressable array")
		}
		base, t, cap = v.ptr, rtype.SliceOf(v.typ.Elem), v.typ.Len
	case Slice:
		s := (*sliceHeader)(v.ptr)
		base, t, cap = s.data, v.typ, s.cap
	default:
		v.wrong("Slice3")
	}
	if i < 0 || j < i || k < j || k > cap {
		panic("reflect.Value.Slice3: slice index out of bounds")
	}
	return v.part(t, base, i, j, k)
}

func (v Value) part(t *rtype.Type, base unsafe.Pointer, i, j, k int) Value {
	s := &sliceHeader{base, j - i, k - i}
	if k > i {
		s.data = addr(base, uintptr(i)*t.Elem.Size)
	}
	return Value{t, unsafe.Pointer(s), v.ro() | flagIndir | flag(Slice)}
}

// SetLen sets a slice variable's length.
func (v Value) SetLen(n int) {
	v.mustBeAssignable("SetLen")
	v.mustBe(Slice, "SetLen")
	s := (*sliceHeader)(v.ptr)
	if uint(n) > uint(s.cap) {
		panic("reflect: slice length out of range in SetLen")
	}
	s.len = n
}

// SetCap sets a slice variable's capacity.
func (v Value) SetCap(n int) {
	v.mustBeAssignable("SetCap")
	v.mustBe(Slice, "SetCap")
	s := (*sliceHeader)(v.ptr)
	if n < s.len || n > s.cap {
		panic("reflect: slice capacity out of range in SetCap")
	}
	s.cap = n
}

// MakeSlice makes a slice.
func MakeSlice(typ Type, len, cap int) Value {
	if typ.Kind() != Slice {
		panic("reflect.MakeSlice of non-slice type")
	}
	if len < 0 {
		panic("reflect.MakeSlice: negative len")
	}
	if cap < 0 {
		panic("reflect.MakeSlice: negative cap")
	}
	if len > cap {
		panic("reflect.MakeSlice: len > cap")
	}
	t := typ.descriptor()
	s := &sliceHeader{rtype.NewArray(t.Elem, cap), len, cap}
	return Value{t, unsafe.Pointer(s), flagIndir | flag(Slice)}
}

// SliceAt returns the slice of n elements at p.
func SliceAt(typ Type, p unsafe.Pointer, n int) Value {
	if n < 0 {
		panic("unsafe.Slice: len out of range")
	}
	return Value{rtype.SliceOf(typ.descriptor()), unsafe.Pointer(&sliceHeader{p, n, n}), flagIndir | flag(Slice)}
}

// grow makes room for n more elements, as append does.
func (s *sliceHeader) grow(elem *rtype.Type, n int) {
	need := s.len + n
	if need < 0 {
		panic("reflect.Append: slice overflow")
	}
	if need <= s.cap {
		return
	}
	size := s.cap
	if size < 256 {
		size *= 2
	}
	for size < need {
		size += (size + 3*256) / 4
	}
	if s.cap == 0 || need > 2*s.cap {
		size = need
	}
	data := rtype.NewArray(elem, size)
	rtype.MoveN(elem, data, s.data, s.len)
	s.data, s.cap = data, size
}

// Grow makes room for n more elements in a slice variable.
func (v Value) Grow(n int) {
	v.mustBeAssignable("Grow")
	v.mustBe(Slice, "Grow")
	if n < 0 {
		panic("reflect.Value.Grow: negative len")
	}
	if s := (*sliceHeader)(v.ptr); s.len+n < 0 {
		panic("reflect.Value.Grow: slice overflow")
	}
	(*sliceHeader)(v.ptr).grow(v.typ.Elem, n)
}

// extended returns a copy of slice s with n more elements.
func (s Value) extended(n int) Value {
	h := new(sliceHeader)
	*h = *(*sliceHeader)(s.ptr)
	h.grow(s.typ.Elem, n)
	h.len += n
	return Value{s.typ, unsafe.Pointer(h), flagIndir | flag(Slice)}
}

// Append appends the values x to slice s.
func Append(s Value, x ...Value) Value {
	s.mustBe(Slice, "Append")
	old := s.Len()
	s = s.extended(len(x))
	for i, v := range x {
		s.Index(old + i).Set(v)
	}
	return s
}

// AppendSlice appends slice t's elements to slice s.
func AppendSlice(s, t Value) Value {
	s.mustBe(Slice, "AppendSlice")
	t.mustBe(Slice, "AppendSlice")
	if s.typ.Elem != t.typ.Elem {
		panic("reflect.AppendSlice: " + s.typ.Str + " != " + t.typ.Str)
	}
	old, n := s.Len(), t.Len()
	s = s.extended(n)
	Copy(s.Slice(old, old+n), t)
	return s
}

// elements returns where the elements of a slice, string or array lie.
func (v Value) elements() unsafe.Pointer {
	if v.kind() == Array {
		return v.place()
	}
	return *(*unsafe.Pointer)(v.ptr)
}

// Copy copies elements between slices or arrays (or from a string) and returns how many.
func Copy(dst, src Value) int {
	dk := dst.kind()
	if dk == Array {
		dst.mustBeAssignable("Copy")
	}
	if dk != Array && dk != Slice {
		panic(&ValueError{"reflect.Copy", dk})
	}
	dst.mustBeExported("Copy")
	src.mustBeExported("Copy")
	sk := src.kind()
	fromString := sk == String && Kind(dst.typ.Elem.Kind) == Uint8
	if sk != Array && sk != Slice && !fromString {
		panic(&ValueError{"reflect.Copy", sk})
	}
	if !fromString && dst.typ.Elem != src.typ.Elem {
		panic("reflect.Copy: " + dst.typ.Elem.Str + " != " + src.typ.Elem.Str)
	}
	n := min(dst.Len(), src.Len())
	if n > 0 {
		rtype.MoveN(dst.typ.Elem, dst.elements(), src.elements(), n)
	}
	return n
}

// Clear empties a map or zeroes a slice's elements.
func (v Value) Clear() {
	switch v.kind() {
	case Slice:
		s := (*sliceHeader)(v.ptr)
		for i := range s.len {
			rtype.Zero(v.typ.Elem, addr(s.data, uintptr(i)*v.typ.Elem.Size))
		}
	case Map:
		if m := v.pointer(); m != nil {
			rtype.MapClear(v.typ, m)
		}
	default:
		v.wrong("Clear")
	}
}

// Swapper returns a function that exchanges two elements of the slice.
func Swapper(slice any) func(i, j int) {
	v := ValueOf(slice)
	if v.kind() != Slice {
		panic(&ValueError{Method: "Swapper", Kind: v.Kind()})
	}
	s := (*sliceHeader)(v.ptr)
	elem := v.typ.Elem
	tmp := rtype.New(elem)
	return func(i, j int) {
		if uint(i) >= uint(s.len) || uint(j) >= uint(s.len) {
			panic("reflect: slice index out of range")
		}
		p, q := addr(s.data, uintptr(i)*elem.Size), addr(s.data, uintptr(j)*elem.Size)
		rtype.Move(elem, tmp, p)
		rtype.Move(elem, p, q)
		rtype.Move(elem, q, tmp)
	}
}
