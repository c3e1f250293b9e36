package reflect

import (
	"internal/rtype"
	"unsafe"
)

// Convert returns v converted to type t.
func (v Value) Convert(t Type) Value {
	if v.flag&flagMethod != 0 {
		v = v.bind()
	}
	d := t.descriptor()
	op := conversion(d, v.typ)
	if op == nil {
		panic("reflect.Value.Convert: value of type " + v.typ.Str + " cannot be converted to type " + d.Str)
	}
	return op(v, d)
}

// CanConvert reports whether Convert works.
func (v Value) CanConvert(t Type) bool {
	if !v.Type().ConvertibleTo(t) {
		return false
	}
	if v.kind() == Slice {
		switch {
		case t.Kind() == Array && t.Len() > v.Len():
			return false
		case t.Kind() == Pointer && t.Elem().Kind() == Array && t.Elem().Len() > v.Len():
			return false
		}
	}
	return true
}

// made returns a new value of type t that fill has written.
func made(v Value, t *rtype.Type, fill func(dst Value)) Value {
	p := rtype.New(t)
	fill(Value{t, p, flagAddr | flagIndir | flag(t.Kind)})
	return Value{t, p, v.ro() | flagIndir | flag(t.Kind)}
}

func isInt(k Kind) bool     { return Int <= k && k <= Int64 }
func isUint(k Kind) bool    { return Uint <= k && k <= Uintptr }
func isFloat(k Kind) bool   { return k == Float32 || k == Float64 }
func isComplex(k Kind) bool { return k == Complex64 || k == Complex128 }

// conversion returns the function that converts a src to a dst, nil if there is none.
func conversion(dst, src *rtype.Type) func(Value, *rtype.Type) Value {
	d, s := Kind(dst.Kind), Kind(src.Kind)
	switch {
	case isInt(s) || isUint(s):
		switch {
		case isInt(d) || isUint(d):
			return convertInt
		case isFloat(d):
			return convertIntFloat
		case d == String:
			return convertIntString
		}
	case isFloat(s):
		switch {
		case isInt(d):
			return func(v Value, t *rtype.Type) Value {
				return made(v, t, func(dst Value) { dst.SetInt(int64(v.Float())) })
			}
		case isUint(d):
			return func(v Value, t *rtype.Type) Value {
				return made(v, t, func(dst Value) { dst.SetUint(uint64(v.Float())) })
			}
		case isFloat(d):
			return func(v Value, t *rtype.Type) Value {
				return made(v, t, func(dst Value) { dst.SetFloat(v.Float()) })
			}
		}
	case isComplex(s):
		if isComplex(d) {
			return func(v Value, t *rtype.Type) Value {
				return made(v, t, func(dst Value) { dst.SetComplex(v.Complex()) })
			}
		}
	case s == String:
		if d == Slice && dst.Elem.PkgPath == "" {
			switch Kind(dst.Elem.Kind) {
			case Uint8:
				return func(v Value, t *rtype.Type) Value {
					return made(v, t, func(dst Value) { *(*[]byte)(dst.ptr) = []byte(v.String()) })
				}
			case Int32:
				return func(v Value, t *rtype.Type) Value {
					return made(v, t, func(dst Value) { *(*[]rune)(dst.ptr) = []rune(v.String()) })
				}
			}
		}
	case s == Slice:
		if d == String && src.Elem.PkgPath == "" {
			switch Kind(src.Elem.Kind) {
			case Uint8:
				return func(v Value, t *rtype.Type) Value {
					return made(v, t, func(dst Value) { dst.SetString(string(v.Bytes())) })
				}
			case Int32:
				return func(v Value, t *rtype.Type) Value {
					return made(v, t, func(dst Value) { dst.SetString(string(*(*[]rune)(v.ptr))) })
				}
			}
		}
		if d == Pointer && Kind(dst.Elem.Kind) == Array && src.Elem == dst.Elem.Elem {
			return convertSliceArrayPointer
		}
		if d == Array && src.Elem == dst.Elem {
			return convertSliceArray
		}
	case s == Chan:
		if d == Chan && ChanDir(src.Len) == BothDir && src.Elem == dst.Elem && (!named(src) || !named(dst)) {
			return convertSame
		}
	}
	if sameUnderlying(dst, src, false) {
		return convertSame
	}
	if d == Pointer && !named(dst) && s == Pointer && !named(src) && sameUnderlying(dst.Elem, src.Elem, false) {
		return convertSame
	}
	if implements(dst, src) {
		return func(v Value, t *rtype.Type) Value {
			p := rtype.New(t)
			anyToIface(t, p, v.toAny("", false))
			return Value{t, p, v.ro() | flagIndir | flag(Interface)}
		}
	}
	return nil
}

// convertSame changes the type but not the representation.
func convertSame(v Value, t *rtype.Type) Value {
	if v.flag&flagAddr != 0 {
		p := rtype.New(t)
		rtype.Move(t, p, v.ptr)
		v.ptr = p
	}
	return Value{t, v.ptr, v.flag&flagIndir | v.ro() | flag(t.Kind)}
}

// bits returns an integer's bits.
func (v Value) bits() uint64 {
	if isInt(v.kind()) {
		return uint64(v.Int())
	}
	return v.Uint()
}

func convertInt(v Value, t *rtype.Type) Value {
	return made(v, t, func(dst Value) {
		if isInt(dst.kind()) {
			dst.SetInt(int64(v.bits()))
		} else {
			dst.SetUint(v.bits())
		}
	})
}

func convertIntFloat(v Value, t *rtype.Type) Value {
	return made(v, t, func(dst Value) {
		if isInt(v.kind()) {
			dst.SetFloat(float64(v.Int()))
		} else {
			dst.SetFloat(float64(v.Uint()))
		}
	})
}

func convertIntString(v Value, t *rtype.Type) Value {
	return made(v, t, func(dst Value) {
		s := "\uFFFD"
		if isInt(v.kind()) {
			if x := v.Int(); int64(rune(x)) == x {
				s = string(rune(x))
			}
		} else if x := v.Uint(); uint64(rune(x)) == x {
			s = string(rune(x))
		}
		dst.SetString(s)
	})
}

func convertSliceArrayPointer(v Value, t *rtype.Type) Value {
	if n := t.Elem.Len; n > v.Len() {
		panic("reflect: cannot convert slice with length " + itoa(v.Len()) + " to pointer to array with length " + itoa(n))
	}
	return Value{t, *(*unsafe.Pointer)(v.ptr), v.ro() | flag(Pointer)}
}

func convertSliceArray(v Value, t *rtype.Type) Value {
	if t.Len > v.Len() {
		panic("reflect: cannot convert slice with length " + itoa(v.Len()) + " to array with length " + itoa(t.Len))
	}
	p := rtype.New(t)
	rtype.Move(t, p, *(*unsafe.Pointer)(v.ptr))
	return loaded(t, p, v.ro())
}
