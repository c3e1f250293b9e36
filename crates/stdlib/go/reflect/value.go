package reflect

import (
	"internal/rtype"
	"strconv"
	"unsafe"
)

// flag describes a Value: its kind in the low bits, then the bits below; above them a method's index.
type flag uintptr

const (
	kindMask   flag = 1<<5 - 1
	flagSticky flag = 1 << 5 // obtained through an unexported field
	flagEmbed  flag = 1 << 6 // obtained through an unexported embedded field
	flagIndir  flag = 1 << 7 // ptr points to the value; else it is the value
	flagAddr   flag = 1 << 8 // the value is a variable
	flagMethod flag = 1 << 9 // the value is a method, bound to the receiver that typ and ptr hold
	flagRO          = flagSticky | flagEmbed

	methodShift = 10
)

func (f flag) kind() Kind { return Kind(f & kindMask) }

// ro returns how f makes a field obtained through it read-only.
func (f flag) ro() flag {
	if f&flagRO != 0 {
		return flagSticky
	}
	return 0
}

// Value is a Go value, or nothing: the zero Value.
type Value struct {
	typ *rtype.Type
	ptr unsafe.Pointer
	flag
}

// ValueError is the panic of a method that does not apply to the Value.
type ValueError struct {
	Method string
	Kind   Kind
}

func (e *ValueError) Error() string {
	if e.Kind == Invalid {
		return "reflect: call of " + e.Method + " on zero Value"
	}
	return "reflect: call of " + e.Method + " on " + e.Kind.String() + " Value"
}

func itoa(i int) string { return strconv.Itoa(i) }

// wrong panics because method does not apply to v.
func (v Value) wrong(method string) {
	panic(&ValueError{"reflect.Value." + method, v.kind()})
}

func (v Value) mustBe(k Kind, method string) {
	if v.kind() != k {
		v.wrong(method)
	}
}

func (v Value) mustBeExported(method string) {
	if v.flag == 0 {
		panic(&ValueError{"reflect.Value." + method, Invalid})
	}
	if v.flag&flagRO != 0 {
		panic("reflect: reflect.Value." + method + " using value obtained using unexported field")
	}
}

func (v Value) mustBeAssignable(method string) {
	v.mustBeExported(method)
	if v.flag&flagAddr == 0 {
		panic("reflect: reflect.Value." + method + " using unaddressable value")
	}
}

// ValueOf returns the Value of i's dynamic value, the zero Value for nil.
func ValueOf(i any) Value {
	e := (*rtype.Eface)(unsafe.Pointer(&i))
	return fromEface(e.Typ, e.Data)
}

func fromEface(t *rtype.Type, data unsafe.Pointer) Value {
	if t == nil {
		return Value{}
	}
	f := flag(t.Kind)
	if t.Flags&rtype.DirectIface == 0 {
		f |= flagIndir
	}
	return Value{t, data, f}
}

// word is the value as an interface's data word. A variable is copied, since data words are never written through.
func (v Value) word() unsafe.Pointer {
	if v.typ.IsDirect() {
		if v.flag&flagIndir != 0 {
			return *(*unsafe.Pointer)(v.ptr)
		}
		return v.ptr
	}
	if v.flag&flagAddr != 0 {
		p := rtype.New(v.typ)
		rtype.Move(v.typ, p, v.ptr)
		return p
	}
	return v.ptr
}

func makeAny(t *rtype.Type, word unsafe.Pointer) (i any) {
	e := (*rtype.Eface)(unsafe.Pointer(&i))
	e.Typ, e.Data = t, word
	return i
}

// ifaceToAny reads the value of interface type t at p as an empty interface.
func ifaceToAny(t *rtype.Type, p unsafe.Pointer) any {
	if len(t.IMethods) == 0 {
		return *(*any)(p)
	}
	i := (*rtype.Iface)(p)
	if i.Tab == nil {
		return nil
	}
	return makeAny(i.Tab.Typ, i.Data)
}

// anyToIface writes x, which implements t, to p as a value of interface type t.
func anyToIface(t *rtype.Type, p unsafe.Pointer, x any) {
	if len(t.IMethods) == 0 {
		*(*any)(p) = x
		return
	}
	i := (*rtype.Iface)(p)
	e := (*rtype.Eface)(unsafe.Pointer(&x))
	if e.Typ == nil {
		i.Tab, i.Data = nil, nil
		return
	}
	i.Tab, i.Data = rtype.GetItab(t, e.Typ), e.Data
}

// place returns where the value lies in memory, having put it there if needed.
func (v Value) place() unsafe.Pointer {
	if v.flag&flagIndir != 0 {
		return v.ptr
	}
	p := new(unsafe.Pointer)
	*p = v.ptr
	return unsafe.Pointer(p)
}

// pointer returns the one word of a value of a pointer-shaped type.
func (v Value) pointer() unsafe.Pointer {
	if v.flag&flagIndir != 0 {
		return *(*unsafe.Pointer)(v.ptr)
	}
	return v.ptr
}

// IsValid reports whether v is a value.
func (v Value) IsValid() bool { return v.flag != 0 }

// Kind returns the kind of v's type, Invalid for the zero Value.
func (v Value) Kind() Kind { return v.kind() }

// Type returns v's type.
func (v Value) Type() Type {
	if v.flag == 0 {
		v.wrong("Type")
	}
	if v.flag&flagMethod != 0 {
		return toType(v.methodType())
	}
	return toType(v.typ)
}

// CanInterface reports whether Interface works.
func (v Value) CanInterface() bool {
	if v.flag == 0 {
		v.wrong("CanInterface")
	}
	return v.flag&flagRO == 0
}

// Interface returns v's value.
func (v Value) Interface() (i any) { return v.toAny("Interface", true) }

func (v Value) toAny(method string, safe bool) any {
	if v.flag == 0 {
		v.wrong(method)
	}
	if safe && v.flag&flagRO != 0 {
		panic("reflect.Value.Interface: cannot return value obtained from unexported field or method")
	}
	if v.flag&flagMethod != 0 {
		v = v.bind()
	}
	if v.kind() == Interface {
		return ifaceToAny(v.typ, v.ptr)
	}
	return makeAny(v.typ, v.word())
}

// TypeAssert is v.Interface().(T) without the panic.
func TypeAssert[T any](v Value) (T, bool) {
	x, ok := v.toAny("TypeAssert", true).(T)
	return x, ok
}

// InterfaceData returns the two words of an interface variable.
func (v Value) InterfaceData() [2]uintptr {
	v.mustBe(Interface, "InterfaceData")
	return *(*[2]uintptr)(v.ptr)
}

// CanAddr reports whether v is a variable.
func (v Value) CanAddr() bool { return v.flag&flagAddr != 0 }

// CanSet reports whether v can be assigned to.
func (v Value) CanSet() bool { return v.flag&(flagAddr|flagRO) == flagAddr }

// Addr returns a pointer to the variable v.
func (v Value) Addr() Value {
	if v.flag&flagAddr == 0 {
		panic("reflect.Value.Addr of unaddressable value")
	}
	return Value{pointerTo(v.typ), v.ptr, v.ro() | flag(Pointer)}
}

// UnsafeAddr returns the address of the variable v.
func (v Value) UnsafeAddr() uintptr {
	if v.typ == nil {
		v.wrong("UnsafeAddr")
	}
	if v.flag&flagAddr == 0 {
		panic("reflect.Value.UnsafeAddr of unaddressable value")
	}
	return uintptr(v.ptr)
}

// Elem returns what an interface holds or a pointer points to, the zero Value for nil.
func (v Value) Elem() Value {
	switch v.kind() {
	case Interface:
		e := ValueOf(ifaceToAny(v.typ, v.ptr))
		if e.flag != 0 {
			e.flag |= v.ro()
		}
		return e
	case Pointer:
		p := v.pointer()
		if p == nil {
			return Value{}
		}
		t := v.typ.Elem
		return Value{t, p, v.flag&flagRO | flagIndir | flagAddr | flag(t.Kind)}
	}
	v.wrong("Elem")
	return Value{}
}

// Indirect returns what v points to if it is a pointer, else v.
func Indirect(v Value) Value {
	if v.kind() != Pointer {
		return v
	}
	return v.Elem()
}

// IsNil reports whether v is nil.
func (v Value) IsNil() bool {
	switch v.kind() {
	case Chan, Func, Map, Pointer, UnsafePointer:
		return v.flag&flagMethod == 0 && v.pointer() == nil
	case Interface, Slice:
		return *(*unsafe.Pointer)(v.ptr) == nil
	}
	v.wrong("IsNil")
	return false
}

// IsZero reports whether v is its type's zero value.
func (v Value) IsZero() bool {
	switch v.kind() {
	case Bool:
		return !v.Bool()
	case Int, Int8, Int16, Int32, Int64:
		return v.Int() == 0
	case Uint, Uint8, Uint16, Uint32, Uint64, Uintptr:
		return v.Uint() == 0
	case Float32, Float64:
		x := v.Float()
		return x == 0 && 1/x > 0
	case Complex64, Complex128:
		x := v.Complex()
		return x == 0 && 1/real(x) > 0 && 1/imag(x) > 0
	case Array:
		for i := range v.Len() {
			if !v.Index(i).IsZero() {
				return false
			}
		}
		return true
	case Chan, Func, Interface, Map, Pointer, Slice, UnsafePointer:
		return v.IsNil()
	case String:
		return v.Len() == 0
	case Struct:
		for i := range v.typ.Fields {
			if !v.Field(i).IsZero() && v.typ.Fields[i].Name != "_" {
				return false
			}
		}
		return true
	}
	v.wrong("IsZero")
	return false
}

// Bool returns a bool.
func (v Value) Bool() bool {
	if v.kind() != Bool {
		v.wrong("Bool")
	}
	return *(*bool)(v.ptr)
}

// CanInt reports whether Int works.
func (v Value) CanInt() bool { return Int <= v.kind() && v.kind() <= Int64 }

// CanUint reports whether Uint works.
func (v Value) CanUint() bool { return Uint <= v.kind() && v.kind() <= Uintptr }

// CanFloat reports whether Float works.
func (v Value) CanFloat() bool { return v.kind() == Float32 || v.kind() == Float64 }

// CanComplex reports whether Complex works.
func (v Value) CanComplex() bool { return v.kind() == Complex64 || v.kind() == Complex128 }

// Int returns a signed integer.
func (v Value) Int() int64 {
	switch v.kind() {
	case Int, Int64:
		return *(*int64)(v.ptr)
	case Int8:
		return int64(*(*int8)(v.ptr))
	case Int16:
		return int64(*(*int16)(v.ptr))
	case Int32:
		return int64(*(*int32)(v.ptr))
	}
	v.wrong("Int")
	return 0
}

// Uint returns an unsigned integer.
func (v Value) Uint() uint64 {
	switch v.kind() {
	case Uint, Uint64, Uintptr:
		return *(*uint64)(v.ptr)
	case Uint8:
		return uint64(*(*uint8)(v.ptr))
	case Uint16:
		return uint64(*(*uint16)(v.ptr))
	case Uint32:
		return uint64(*(*uint32)(v.ptr))
	}
	v.wrong("Uint")
	return 0
}

// Float returns a floating-point number.
func (v Value) Float() float64 {
	switch v.kind() {
	case Float32:
		return float64(*(*float32)(v.ptr))
	case Float64:
		return *(*float64)(v.ptr)
	}
	v.wrong("Float")
	return 0
}

// Complex returns a complex number.
func (v Value) Complex() complex128 {
	switch v.kind() {
	case Complex64:
		return complex128(*(*complex64)(v.ptr))
	case Complex128:
		return *(*complex128)(v.ptr)
	}
	v.wrong("Complex")
	return 0
}

// String returns a string; of any other value it returns "<T Value>" with its type.
func (v Value) String() string {
	switch v.kind() {
	case String:
		return *(*string)(v.ptr)
	case Invalid:
		return "<invalid Value>"
	}
	return "<" + v.Type().String() + " Value>"
}

// Bytes returns a slice of bytes, or the bytes of an array variable.
func (v Value) Bytes() []byte {
	switch v.kind() {
	case Slice:
		if Kind(v.typ.Elem.Kind) != Uint8 {
			panic("reflect.Value.Bytes of non-byte slice")
		}
		return *(*[]byte)(v.ptr)
	case Array:
		if Kind(v.typ.Elem.Kind) != Uint8 {
			panic("reflect.Value.Bytes of non-byte array")
		}
		if !v.CanAddr() {
			panic("reflect.Value.Bytes of unaddressable byte array")
		}
		return unsafe.Slice((*byte)(v.ptr), v.typ.Len)
	}
	v.wrong("Bytes")
	return nil
}

// Pointer returns the address that v holds: of a func its code's.
func (v Value) Pointer() uintptr {
	switch v.kind() {
	case String:
		return uintptr(unsafe.Pointer(unsafe.StringData(*(*string)(v.ptr))))
	case Chan, Func, Map, Pointer, UnsafePointer, Slice:
		return uintptr(v.UnsafePointer())
	}
	v.wrong("Pointer")
	return 0
}

// UnsafePointer is Pointer with another result type.
func (v Value) UnsafePointer() unsafe.Pointer {
	switch v.kind() {
	case Chan, Map, Pointer, UnsafePointer:
		return v.pointer()
	case Func:
		if v.flag&flagMethod != 0 {
			return v.methodFunc()
		}
		if p := v.pointer(); p != nil {
			return *(*unsafe.Pointer)(p)
		}
		return nil
	case Slice, String:
		return *(*unsafe.Pointer)(v.ptr)
	}
	v.wrong("UnsafePointer")
	return nil
}

// OverflowInt reports whether v's type cannot hold x.
func (v Value) OverflowInt(x int64) bool {
	if !v.CanInt() {
		v.wrong("OverflowInt")
	}
	return toType(v.typ).OverflowInt(x)
}

// OverflowUint reports whether v's type cannot hold x.
func (v Value) OverflowUint(x uint64) bool {
	if !v.CanUint() {
		v.wrong("OverflowUint")
	}
	return toType(v.typ).OverflowUint(x)
}

// OverflowFloat reports whether v's type cannot hold x.
func (v Value) OverflowFloat(x float64) bool {
	if !v.CanFloat() {
		v.wrong("OverflowFloat")
	}
	return toType(v.typ).OverflowFloat(x)
}

// OverflowComplex reports whether v's type cannot hold x.
func (v Value) OverflowComplex(x complex128) bool {
	if !v.CanComplex() {
		v.wrong("OverflowComplex")
	}
	return toType(v.typ).OverflowComplex(x)
}

// Comparable reports whether v can be compared without a panic.
func (v Value) Comparable() bool {
	switch v.kind() {
	case Invalid:
		return true
	case Interface:
		return v.IsNil() || v.Elem().Comparable()
	case Array:
		switch Kind(v.typ.Elem.Kind) {
		case Interface, Array, Struct:
			for i := range v.Len() {
				if !v.Index(i).Comparable() {
					return false
				}
			}
			return true
		}
	case Struct:
		for i := range v.typ.Fields {
			if !v.Field(i).Comparable() {
				return false
			}
		}
		return true
	}
	return v.typ.Flags&rtype.Comparable != 0
}

// Equal reports whether v and u are equal, as == does for their values.
func (v Value) Equal(u Value) bool {
	if v.kind() == Interface {
		v = v.Elem()
	}
	if u.kind() == Interface {
		u = u.Elem()
	}
	if !v.IsValid() || !u.IsValid() {
		return v.IsValid() == u.IsValid()
	}
	if v.typ != u.typ {
		return false
	}
	switch v.kind() {
	case Func, Map, Slice:
		panic("reflect.Value.Equal: values of type " + v.Type().String() + " are not comparable")
	}
	return rtype.Equal(v.typ, v.place(), u.place())
}
