// Package reflect lets a program look at and change values of types it does not know.
//
// It reads the virtual machine's type descriptors (internal/rtype) in place; a Type is a pointer to one.
package reflect

import (
	"internal/rtype"
	"iter"
	"strconv"
	"unsafe"
)

// Type is a Go type. Types are comparable: identical types are equal.
type Type interface {
	// Align is the alignment of a variable, in bytes.
	Align() int
	// FieldAlign is the alignment of a struct field.
	FieldAlign() int
	// Method returns the i'th exported method, in the order of names; an interface type's lacks Func and a receiver.
	Method(int) Method
	// Methods yields the exported methods.
	Methods() iter.Seq[Method]
	// MethodByName finds an exported method.
	MethodByName(string) (Method, bool)
	// NumMethod counts the exported methods (all methods, for an interface type).
	NumMethod() int
	// Name is the name of a defined or predeclared type, else empty.
	Name() string
	// PkgPath is the import path of the package that declares the type.
	PkgPath() string
	// Size is the size of a value, in bytes.
	Size() uintptr
	// String describes the type; names are qualified by the package name.
	String() string
	// Kind is the kind of the underlying type.
	Kind() Kind
	// Implements reports whether the type has u's methods.
	Implements(u Type) bool
	// AssignableTo reports whether a value can be assigned to a variable of type u.
	AssignableTo(u Type) bool
	// ConvertibleTo reports whether a value can be converted to u (though the conversion may still panic).
	ConvertibleTo(u Type) bool
	// Comparable reports whether == is defined (though it may still panic).
	Comparable() bool
	// Bits is the size of a number in bits.
	Bits() int
	// ChanDir is a channel type's direction.
	ChanDir() ChanDir
	// IsVariadic reports whether a func type's last parameter is ...T.
	IsVariadic() bool
	// Elem is the element type of an array, channel, map, pointer or slice.
	Elem() Type
	// Field returns the i'th field of a struct type.
	Field(i int) StructField
	// Fields yields the fields of a struct type.
	Fields() iter.Seq[StructField]
	// FieldByIndex follows index through embedded structs.
	FieldByIndex(index []int) StructField
	// FieldByName finds a field, promoted ones included.
	FieldByName(name string) (StructField, bool)
	// FieldByNameFunc finds the one shallowest field whose name satisfies match.
	FieldByNameFunc(match func(string) bool) (StructField, bool)
	// In is the type of the i'th parameter.
	In(i int) Type
	// Ins yields the parameter types.
	Ins() iter.Seq[Type]
	// Key is a map type's key type.
	Key() Type
	// Len is an array type's length.
	Len() int
	// NumField counts a struct type's fields.
	NumField() int
	// NumIn counts a func type's parameters.
	NumIn() int
	// NumOut counts a func type's results.
	NumOut() int
	// Out is the type of the i'th result.
	Out(i int) Type
	// Outs yields the result types.
	Outs() iter.Seq[Type]
	// OverflowComplex reports whether the type cannot hold x.
	OverflowComplex(x complex128) bool
	// OverflowFloat reports whether the type cannot hold x.
	OverflowFloat(x float64) bool
	// OverflowInt reports whether the type cannot hold x.
	OverflowInt(x int64) bool
	// OverflowUint reports whether the type cannot hold x.
	OverflowUint(x uint64) bool
	// CanSeq reports whether a value can be ranged over with one variable.
	CanSeq() bool
	// CanSeq2 reports whether a value can be ranged over with two variables.
	CanSeq2() bool

	descriptor() *rtype.Type
}

// Kind is what sort of type a type is.
type Kind uint

const (
	Invalid Kind = iota
	Bool
	Int
	Int8
	Int16
	Int32
	Int64
	Uint
	Uint8
	Uint16
	Uint32
	Uint64
	Uintptr
	Float32
	Float64
	Complex64
	Complex128
	Array
	Chan
	Func
	Interface
	Map
	Pointer
	Slice
	String
	Struct
	UnsafePointer
)

// Ptr is the old name of Pointer.
const Ptr = Pointer

// kindNames has a name every 15 bytes, padded: a string costs nothing at start, a table would.
const kindNames = "invalid        bool           int            int8           int16          int32          int64          " +
	"uint           uint8          uint16         uint32         uint64         uintptr        float32        " +
	"float64        complex64      complex128     array          chan           func           interface      " +
	"map            ptr            slice          string         struct         unsafe.Pointer "

// String returns the kind's name.
func (k Kind) String() string {
	if k > UnsafePointer {
		return "kind" + strconv.Itoa(int(k))
	}
	name := kindNames[k*15 : k*15+15]
	end := 0
	for end < len(name) && name[end] != ' ' {
		end++
	}
	return name[:end]
}

// ChanDir is a channel's direction.
type ChanDir int

const (
	RecvDir ChanDir = 1 << iota
	SendDir
	BothDir = RecvDir | SendDir
)

func (d ChanDir) String() string {
	switch d {
	case SendDir:
		return "chan<-"
	case RecvDir:
		return "<-chan"
	case BothDir:
		return "chan"
	}
	return "ChanDir" + strconv.Itoa(int(d))
}

// Method is a method of a type.
type Method struct {
	Name    string
	PkgPath string // empty for an exported name
	Type    Type
	Func    Value // takes the receiver first
	Index   int
}

// IsExported reports whether the name is exported.
func (m Method) IsExported() bool { return m.PkgPath == "" }

// StructField is a field of a struct type.
type StructField struct {
	Name      string
	PkgPath   string // empty for an exported name
	Type      Type
	Tag       StructTag
	Offset    uintptr
	Index     []int
	Anonymous bool
}

// IsExported reports whether the name is exported.
func (f StructField) IsExported() bool { return f.PkgPath == "" }

// StructTag is a field's tag; by convention pairs key:"value", separated by spaces.
type StructTag string

// Get returns the value for key, empty if there is none.
func (tag StructTag) Get(key string) string {
	v, _ := tag.Lookup(key)
	return v
}

// Lookup returns the value for key and whether there is one.
func (tag StructTag) Lookup(key string) (value string, ok bool) {
	rest := string(tag)
	for {
		for rest != "" && rest[0] == ' ' {
			rest = rest[1:]
		}
		n := 0
		for n < len(rest) && rest[n] > ' ' && rest[n] != ':' && rest[n] != '"' && rest[n] != 0x7f {
			n++
		}
		if n == 0 || n+1 >= len(rest) || rest[n] != ':' || rest[n+1] != '"' {
			return "", false
		}
		name := rest[:n]
		rest = rest[n+1:]
		n = 1
		for n < len(rest) && rest[n] != '"' {
			if rest[n] == '\\' {
				n++
			}
			n++
		}
		if n >= len(rest) {
			return "", false
		}
		quoted := rest[:n+1]
		rest = rest[n+1:]
		if name == key {
			value, err := strconv.Unquote(quoted)
			return value, err == nil
		}
	}
}

// typ is the Type made of a descriptor. It has the descriptor's address, so equality is identity.
type typ struct{ d rtype.Type }

func toType(t *rtype.Type) Type {
	if t == nil {
		return nil
	}
	return (*typ)(unsafe.Pointer(t))
}

// TypeOf returns i's dynamic type, nil for a nil interface.
func TypeOf(i any) Type { return toType(rtype.Of(i)) }

// TypeFor returns the type T.
func TypeFor[T any]() Type {
	var p *T
	return toType(rtype.Of(p).Elem)
}

func (t *typ) descriptor() *rtype.Type { return &t.d }
func (t *typ) Align() int              { return int(t.d.Align) }
func (t *typ) FieldAlign() int         { return int(t.d.FieldAlign) }
func (t *typ) Name() string            { return t.d.Name }
func (t *typ) Size() uintptr           { return t.d.Size }
func (t *typ) String() string          { return t.d.Str }
func (t *typ) Kind() Kind              { return Kind(t.d.Kind) }
func (t *typ) Comparable() bool        { return t.d.Flags&rtype.Comparable != 0 }

func (t *typ) PkgPath() string {
	if t.d.Flags&rtype.Named == 0 {
		return ""
	}
	return t.d.PkgPath
}

func (t *typ) mustBe(k Kind, method string) {
	if Kind(t.d.Kind) != k {
		panic("reflect: " + method + " of non-" + k.String() + " type " + t.d.Str)
	}
}

func (t *typ) Bits() int {
	k := Kind(t.d.Kind)
	if k < Int || k > Complex128 {
		panic("reflect: Bits of non-arithmetic Type " + t.d.Str)
	}
	return int(t.d.Size) * 8
}

func (t *typ) ChanDir() ChanDir {
	t.mustBe(Chan, "ChanDir")
	return ChanDir(t.d.Len)
}

func (t *typ) IsVariadic() bool {
	t.mustBe(Func, "IsVariadic")
	return t.d.Flags&rtype.Variadic != 0
}

func (t *typ) Elem() Type {
	switch Kind(t.d.Kind) {
	case Array, Chan, Map, Pointer, Slice:
		return toType(t.d.Elem)
	}
	panic("reflect: Elem of invalid type " + t.d.Str)
}

func (t *typ) Key() Type {
	t.mustBe(Map, "Key")
	return toType(t.d.Key)
}

func (t *typ) Len() int {
	t.mustBe(Array, "Len")
	return t.d.Len
}

func (t *typ) NumIn() int {
	t.mustBe(Func, "NumIn")
	return len(t.d.Params)
}

func (t *typ) NumOut() int {
	t.mustBe(Func, "NumOut")
	return len(t.d.Results)
}

func (t *typ) In(i int) Type {
	t.mustBe(Func, "In")
	return toType(t.d.Params[i])
}

func (t *typ) Out(i int) Type {
	t.mustBe(Func, "Out")
	return toType(t.d.Results[i])
}

func typeSeq(list []*rtype.Type) iter.Seq[Type] {
	return func(yield func(Type) bool) {
		for _, t := range list {
			if !yield(toType(t)) {
				return
			}
		}
	}
}

func (t *typ) Ins() iter.Seq[Type] {
	t.mustBe(Func, "Ins")
	return typeSeq(t.d.Params)
}

func (t *typ) Outs() iter.Seq[Type] {
	t.mustBe(Func, "Outs")
	return typeSeq(t.d.Results)
}

func (t *typ) OverflowComplex(x complex128) bool {
	switch t.Kind() {
	case Complex64:
		return overflowFloat32(real(x)) || overflowFloat32(imag(x))
	case Complex128:
		return false
	}
	panic("reflect: OverflowComplex of non-complex type " + t.d.Str)
}

func overflowFloat32(x float64) bool {
	const maxFloat32, maxFloat64 = 0x1p127 * (1 + (1 - 0x1p-23)), 0x1p1023 * (1 + (1 - 0x1p-52))
	if x < 0 {
		x = -x
	}
	return maxFloat32 < x && x <= maxFloat64
}

func (t *typ) OverflowFloat(x float64) bool {
	switch t.Kind() {
	case Float32:
		return overflowFloat32(x)
	case Float64:
		return false
	}
	panic("reflect: OverflowFloat of non-float type " + t.d.Str)
}

func (t *typ) OverflowInt(x int64) bool {
	switch t.Kind() {
	case Int, Int8, Int16, Int32, Int64:
		unused := 64 - 8*t.d.Size
		return x<<unused>>unused != x
	}
	panic("reflect: OverflowInt of non-int type " + t.d.Str)
}

func (t *typ) OverflowUint(x uint64) bool {
	switch t.Kind() {
	case Uint, Uintptr, Uint8, Uint16, Uint32, Uint64:
		unused := 64 - 8*t.d.Size
		return x<<unused>>unused != x
	}
	panic("reflect: OverflowUint of non-uint type " + t.d.Str)
}

// isYield reports whether t is func(yield func(...n parameters) bool).
func isYield(t *rtype.Type, n int) bool {
	if Kind(t.Kind) != Func || len(t.Params) != 1 || len(t.Results) != 0 {
		return false
	}
	y := t.Params[0]
	return Kind(y.Kind) == Func && len(y.Params) == n && len(y.Results) == 1 && Kind(y.Results[0].Kind) == Bool
}

func (t *typ) CanSeq() bool {
	switch t.Kind() {
	case Int8, Int16, Int32, Int64, Int, Uint8, Uint16, Uint32, Uint64, Uint, Uintptr, Array, Slice, Chan, String, Map:
		return true
	case Func:
		return isYield(&t.d, 1)
	case Pointer:
		return Kind(t.d.Elem.Kind) == Array
	}
	return false
}

func (t *typ) CanSeq2() bool {
	switch t.Kind() {
	case Array, Slice, String, Map:
		return true
	case Func:
		return isYield(&t.d, 2)
	case Pointer:
		return Kind(t.d.Elem.Kind) == Array
	}
	return false
}

// exported returns the exported methods of a type that is no interface.
func exported(t *rtype.Type) []rtype.Method {
	// Exported names, which begin with an upper-case letter, come first unless a letter is outside ASCII.
	n := 0
	methods := rtype.MethodTable(t)
	for n < len(methods) && methods[n].PkgPath == "" {
		n++
	}
	for _, m := range methods[n:] {
		if m.PkgPath == "" {
			var list []rtype.Method
			for _, m := range methods {
				if m.PkgPath == "" {
					list = append(list, m)
				}
			}
			return list
		}
	}
	return methods[:n]
}

func (t *typ) NumMethod() int {
	if t.Kind() == Interface {
		return len(t.d.IMethods)
	}
	return len(exported(&t.d))
}

func (t *typ) Method(i int) (m Method) {
	if t.Kind() == Interface {
		if i < 0 || i >= len(t.d.IMethods) {
			panic("reflect: Method index out of range")
		}
		im := &t.d.IMethods[i]
		return Method{Name: im.Name, PkgPath: im.PkgPath, Type: toType(im.Typ), Index: i}
	}
	methods := exported(&t.d)
	if i < 0 || i >= len(methods) {
		panic("reflect: Method index out of range")
	}
	return methodOf(&t.d, &methods[i], i)
}

// methodOf describes a method as a function whose first parameter is the receiver.
func methodOf(t *rtype.Type, m *rtype.Method, i int) Method {
	params := append([]*rtype.Type{t}, m.Typ.Params...)
	ft := rtype.FuncOf(params, m.Typ.Results, m.Typ.Flags&rtype.Variadic != 0)
	fn := rtype.FuncValue(m.Func)
	if t.IsDirect() {
		// The interface's data word is the receiver.
		return Method{Name: m.Name, Type: toType(ft), Func: Value{ft, fn, flag(Func)}, Index: i}
	}
	call := methodNumber(i).call
	if ft.Flags&rtype.Variadic != 0 {
		call = methodNumber(i).callSlice
	}
	return Method{Name: m.Name, Type: toType(ft), Func: makeFunc(ft, call), Index: i}
}

// methodNumber calls a method of its first argument, which a deferred function may do to recover.
type methodNumber int

//go:wrapper
func (i methodNumber) call(args []Value) []Value {
	return args[0].Method(int(i)).callBound(args[1:])
}

//go:wrapper
func (i methodNumber) callSlice(args []Value) []Value {
	return args[0].Method(int(i)).callBoundSlice(args[1:])
}

func (t *typ) Methods() iter.Seq[Method] {
	return func(yield func(Method) bool) {
		for i := range t.NumMethod() {
			if !yield(t.Method(i)) {
				return
			}
		}
	}
}

func (t *typ) MethodByName(name string) (m Method, ok bool) {
	if i := methodIndex(&t.d, name); i >= 0 {
		return t.Method(i), true
	}
	return Method{}, false
}

// methodIndex finds an exported method, or returns -1.
func methodIndex(t *rtype.Type, name string) int {
	if Kind(t.Kind) == Interface {
		for i := range t.IMethods {
			if t.IMethods[i].Name == name {
				return i
			}
		}
		return -1
	}
	methods := exported(t)
	for i := range methods {
		if methods[i].Name == name {
			return i
		}
	}
	return -1
}

// PointerTo returns *t.
func PointerTo(t Type) Type { return toType(pointerTo(t.descriptor())) }

// PtrTo is the old name of PointerTo.
func PtrTo(t Type) Type { return PointerTo(t) }

func pointerTo(t *rtype.Type) *rtype.Type {
	if t.PtrTo != nil {
		return t.PtrTo
	}
	return rtype.PointerTo(t)
}

// SliceOf returns []t.
func SliceOf(t Type) Type { return toType(rtype.SliceOf(t.descriptor())) }

// ArrayOf returns [length]elem.
func ArrayOf(length int, elem Type) Type {
	if length < 0 {
		panic("reflect: negative length passed to ArrayOf")
	}
	if e := elem.Size(); e > 0 && uintptr(length) > ^uintptr(0)/e {
		panic("reflect.ArrayOf: array size would exceed virtual address space")
	}
	return toType(rtype.ArrayOf(length, elem.descriptor()))
}

// MapOf returns map[key]elem.
func MapOf(key, elem Type) Type {
	if !key.Comparable() {
		panic("reflect.MapOf: invalid key type " + key.String())
	}
	return toType(rtype.MapOf(key.descriptor(), elem.descriptor()))
}

// ChanOf returns the channel type of elements t.
func ChanOf(dir ChanDir, t Type) Type {
	if t.Size() >= 1<<16 {
		panic("reflect.ChanOf: element size too large")
	}
	if dir < RecvDir || dir > BothDir {
		panic("reflect.ChanOf: invalid dir")
	}
	return toType(rtype.ChanOf(int(dir), t.descriptor()))
}

// FuncOf returns the func type.
func FuncOf(in, out []Type, variadic bool) Type {
	if variadic && (len(in) == 0 || in[len(in)-1].Kind() != Slice) {
		panic("reflect.FuncOf: last arg of variadic func must be slice")
	}
	return toType(rtype.FuncOf(descriptors(in), descriptors(out), variadic))
}

func descriptors(types []Type) []*rtype.Type {
	list := make([]*rtype.Type, len(types))
	for i, t := range types {
		list[i] = t.descriptor()
	}
	return list
}

// addr returns a place p + offset inside an object.
func addr(p unsafe.Pointer, offset uintptr) unsafe.Pointer { return unsafe.Add(p, offset) }
