package reflect

import (
	"internal/rtype"
	"unsafe"
)

// assignTo returns v as a value of type t, to which it must be assignable.
func (v Value) assignTo(context string, t *rtype.Type) Value {
	if v.flag&flagMethod != 0 {
		v = v.bind()
	}
	if directlyAssignable(t, v.typ) {
		return Value{t, v.ptr, v.flag&(flagAddr|flagIndir|flagRO) | flag(t.Kind)}
	}
	if implements(t, v.typ) {
		p := rtype.New(t)
		anyToIface(t, p, v.toAny("", false))
		return Value{t, p, flagIndir | flag(Interface)}
	}
	panic(context + ": value of type " + v.typ.Str + " is not assignable to type " + t.Str)
}

// store writes v, whose type is that of the place p, to it.
func (v Value) store(p unsafe.Pointer) {
	if v.flag&flagIndir != 0 {
		rtype.Move(v.typ, p, v.ptr)
	} else {
		*(*unsafe.Pointer)(p) = v.ptr
	}
}

// Set assigns x to the variable v.
func (v Value) Set(x Value) {
	v.mustBeAssignable("Set")
	x.mustBeExported("Set")
	x.assignTo("reflect.Set", v.typ).store(v.ptr)
}

// SetZero assigns the zero value to v.
func (v Value) SetZero() {
	v.mustBeAssignable("SetZero")
	rtype.Zero(v.typ, v.ptr)
}

// SetBool assigns to a bool.
func (v Value) SetBool(x bool) {
	v.mustBeAssignable("SetBool")
	v.mustBe(Bool, "SetBool")
	*(*bool)(v.ptr) = x
}

// SetInt assigns to a signed integer.
func (v Value) SetInt(x int64) {
	v.mustBeAssignable("SetInt")
	switch v.kind() {
	case Int, Int64:
		*(*int64)(v.ptr) = x
	case Int8:
		*(*int8)(v.ptr) = int8(x)
	case Int16:
		*(*int16)(v.ptr) = int16(x)
	case Int32:
		*(*int32)(v.ptr) = int32(x)
	default:
		v.wrong("SetInt")
	}
}

// SetUint assigns to an unsigned integer.
func (v Value) SetUint(x uint64) {
	v.mustBeAssignable("SetUint")
	switch v.kind() {
	case Uint, Uint64, Uintptr:
		*(*uint64)(v.ptr) = x
	case Uint8:
		*(*uint8)(v.ptr) = uint8(x)
	case Uint16:
		*(*uint16)(v.ptr) = uint16(x)
	case Uint32:
		*(*uint32)(v.ptr) = uint32(x)
	default:
		v.wrong("SetUint")
	}
}

// SetFloat assigns to a floating-point number.
func (v Value) SetFloat(x float64) {
	v.mustBeAssignable("SetFloat")
	switch v.kind() {
	case Float32:
		*(*float32)(v.ptr) = float32(x)
	case Float64:
		*(*float64)(v.ptr) = x
	default:
		v.wrong("SetFloat")
	}
}

// SetComplex assigns to a complex number.
func (v Value) SetComplex(x complex128) {
	v.mustBeAssignable("SetComplex")
	switch v.kind() {
	case Complex64:
		*(*complex64)(v.ptr) = complex64(x)
	case Complex128:
		*(*complex128)(v.ptr) = x
	default:
		v.wrong("SetComplex")
	}
}

// SetString assigns to a string.
func (v Value) SetString(x string) {
	v.mustBeAssignable("SetString")
	v.mustBe(String, "SetString")
	*(*string)(v.ptr) = x
}

// SetBytes assigns to a slice of bytes.
func (v Value) SetBytes(x []byte) {
	v.mustBeAssignable("SetBytes")
	v.mustBe(Slice, "SetBytes")
	if Kind(v.typ.Elem.Kind) != Uint8 {
		panic("reflect.Value.SetBytes of non-byte slice")
	}
	*(*[]byte)(v.ptr) = x
}

// SetPointer assigns to an unsafe.Pointer.
func (v Value) SetPointer(x unsafe.Pointer) {
	v.mustBeAssignable("SetPointer")
	v.mustBe(UnsafePointer, "SetPointer")
	*(*unsafe.Pointer)(v.ptr) = x
}

// New returns a pointer to a new zero value.
func New(typ Type) Value {
	if typ == nil {
		panic("reflect: New(nil)")
	}
	t := typ.descriptor()
	return Value{pointerTo(t), rtype.New(t), flag(Pointer)}
}

// NewAt returns p as a pointer to a typ.
func NewAt(typ Type, p unsafe.Pointer) Value {
	return Value{pointerTo(typ.descriptor()), p, flag(Pointer)}
}

// Zero returns the zero value, which is no variable.
func Zero(typ Type) Value {
	if typ == nil {
		panic("reflect: Zero(nil)")
	}
	return zero(typ.descriptor())
}

func zero(t *rtype.Type) Value {
	if t.IsDirect() {
		return Value{t, nil, flag(t.Kind)}
	}
	return Value{t, rtype.New(t), flag(t.Kind) | flagIndir}
}
