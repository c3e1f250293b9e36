// Package rtype lets reflect, fmt and their like read the virtual machine's type descriptors.
//
// The structures mirror crates/bytecode/src/rtype.rs word for word; the two declarations change together.
package rtype

import "unsafe"

// Kinds, numbered as reflect.Kind.
const (
	Invalid uint8 = iota
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

// Bits of Type.Flags.
const (
	DirectIface uint8 = 1 << iota // an interface's data word is the value itself
	Named                         // defined or predeclared
	Comparable                    // == is defined (and may panic on an interface inside)
	PlainMemory                   // == is equality of the bytes
	Variadic                      // a func type whose last parameter is ...T
)

// Type describes a type. Descriptors are unique: identity is pointer equality.
type Type struct {
	Size       uintptr
	PtrBytes   uintptr
	Hash       uint32
	Kind       uint8
	Align      uint8
	FieldAlign uint8
	Flags      uint8
	GCMask     *byte
	Str        string // as %T prints it
	Name       string // empty for a type literal
	PkgPath    string // of a defined type
	Elem       *Type  // of pointer, slice, array, channel, map
	Key        *Type
	Len        int // of an array; of a channel: 1 receive, 2 send, 3 both
	Fields     []Field
	Params     []*Type
	Results    []*Type
	IMethods   []IMethod // of an interface type, sorted by name
	methods    []Method  // of any other type, sorted by name; made when MethodTable is first called
	PtrTo      *Type     // *T, if it was ever needed
	known      bool      // whether methods is made
}

// Field is a field of a struct type.
type Field struct {
	Name     string
	PkgPath  string // of an unexported name
	Typ      *Type
	Offset   uintptr
	Tag      string
	Embedded uintptr
}

// IMethod is a method that an interface type asks for.
type IMethod struct {
	Name    string
	PkgPath string
	Typ     *Type // without a receiver
}

// Method is a method that a type has.
type Method struct {
	Name    string
	PkgPath string
	Typ     *Type          // without a receiver
	Func    unsafe.Pointer // takes an interface's data word as its receiver
}

// Itab is the first word of a value of a non-empty interface type.
type Itab struct {
	Inter *Type
	Typ   *Type
	Funcs []unsafe.Pointer
}

// Eface is an empty interface in memory.
type Eface struct {
	Typ  *Type
	Data unsafe.Pointer
}

// Iface is a non-empty interface in memory.
type Iface struct {
	Tab  *Itab
	Data unsafe.Pointer
}

// closureOffset is where a function's handle (bytecode::func::Func) holds its own one-word closure object.
const closureOffset = 16

// FuncValue returns the func value of the function with the given handle.
func FuncValue(handle unsafe.Pointer) unsafe.Pointer { return unsafe.Add(handle, closureOffset) }

// Of returns the dynamic type of v, nil for a nil interface.
func Of(v any) *Type { return (*Eface)(unsafe.Pointer(&v)).Typ }

// Slots returns how many 8-byte slots of a frame a value takes.
func (t *Type) Slots() uintptr { return (t.Size + 7) / 8 }

// IsDirect reports whether an interface's data word is the value itself.
func (t *Type) IsDirect() bool { return t.Flags&DirectIface != 0 }

// WordIsPointer reports whether word i of a value holds a pointer.
func (t *Type) WordIsPointer(i uintptr) bool {
	if i*8 >= t.PtrBytes {
		return false
	}
	return *(*byte)(unsafe.Add(unsafe.Pointer(t.GCMask), i/8))>>(i%8)&1 != 0
}

// The natives. Types are made once each.

// PointerTo returns *t.
func PointerTo(t *Type) *Type

// SliceOf returns []t.
func SliceOf(t *Type) *Type

// ArrayOf returns [n]t.
func ArrayOf(n int, t *Type) *Type

// MapOf returns map[key]elem.
func MapOf(key, elem *Type) *Type

// ChanOf returns the channel type; dir is 1 for receive, 2 for send, 3 for both.
func ChanOf(dir int, t *Type) *Type

// FuncOf returns the func type.
func FuncOf(params, results []*Type, variadic bool) *Type

// StructOf returns the struct type; offsets are computed.
func StructOf(fields []Field) *Type

// New allocates a zero value.
func New(t *Type) unsafe.Pointer

// NewArray allocates n consecutive zero values.
func NewArray(t *Type, n int) unsafe.Pointer

// Move copies a value; the two places may overlap.
func Move(t *Type, dst, src unsafe.Pointer)

// Zero clears a value.
func Zero(t *Type, p unsafe.Pointer)

// MoveN copies n consecutive values; the two places may overlap.
func MoveN(t *Type, dst, src unsafe.Pointer, n int)

// Equal reports p's == q's value; it panics as == does.
func Equal(t *Type, p, q unsafe.Pointer) bool

// MethodTable returns the methods of a type that is no interface, sorted by name.
func MethodTable(t *Type) []Method

// GetItab returns the table of t for the interface type inter, nil when t lacks a method.
func GetItab(inter, t *Type) *Itab

// MakeMap makes a map with room for hint entries.
func MakeMap(t *Type, hint int) unsafe.Pointer

// MapGet returns the address of a copy of the element for *key, nil when there is none.
func MapGet(t *Type, m, key unsafe.Pointer) unsafe.Pointer

// MapSet assigns *elem to the entry for *key.
func MapSet(t *Type, m, key, elem unsafe.Pointer)

// MapDelete deletes the entry for *key, if any.
func MapDelete(t *Type, m, key unsafe.Pointer)

// MapClear deletes all entries.
func MapClear(t *Type, m unsafe.Pointer)

// MapLen returns the number of entries.
func MapLen(m unsafe.Pointer) int

// MapIterNew starts an iteration.
func MapIterNew(t *Type, m unsafe.Pointer) unsafe.Pointer

// MapIterNext copies the next entry to *key and *elem (either may be nil), or reports false at the end.
func MapIterNext(it, key, elem unsafe.Pointer) bool

// MakeChan makes a channel.
func MakeChan(t *Type, size int) unsafe.Pointer

// ChanLen returns the number of elements in the buffer.
func ChanLen(c unsafe.Pointer) int

// ChanCap returns the size of the buffer.
func ChanCap(c unsafe.Pointer) int

// ChanClose closes c as close does.
func ChanClose(c unsafe.Pointer)

// ChanTrySend sends *elem if that needs no waiting. It panics on a closed channel.
func ChanTrySend(t *Type, c, elem unsafe.Pointer) bool

// ChanTryRecv receives into *elem if that needs no waiting: 0 would wait, 1 received, 2 closed.
func ChanTryRecv(t *Type, c, elem unsafe.Pointer) int
