package fmt

import (
	"errors"
	"internal/fmtsort"
	"reflect"
	"unicode/utf8"
)

// badVerb prints %!verb(type=value) for an operand that the verb does not fit.
func (p *printer) badVerb(verb rune) {
	p.erroring = true
	p.buf = append(p.buf, "%!"...)
	p.buf = utf8.AppendRune(p.buf, verb)
	p.buf = append(p.buf, '(')
	switch {
	case p.arg != nil:
		p.buf = append(p.buf, reflect.TypeOf(p.arg).String()...)
		p.buf = append(p.buf, '=')
		p.argument(p.arg, 'v')
	case p.value.IsValid():
		p.buf = append(p.buf, p.value.Type().String()...)
		p.buf = append(p.buf, '=')
		p.reflected(p.value, 'v', 0)
	default:
		p.buf = append(p.buf, "<nil>"...)
	}
	p.buf = append(p.buf, ')')
	p.erroring = false
}

func (p *printer) bool(v bool, verb rune) {
	if verb != 't' && verb != 'v' {
		p.badVerb(verb)
		return
	}
	if v {
		p.appendPadded("true")
	} else {
		p.appendPadded("false")
	}
}

// hex0x formats u in hexadecimal, with 0x or without.
func (p *printer) hex0x(u uint64, prefix bool) {
	sharp := p.sharp
	p.sharp = prefix
	p.integer(u, 16, false, 'v', lowerDigits)
	p.sharp = sharp
}

func (p *printer) integerVerb(u uint64, signed bool, verb rune) {
	switch verb {
	case 'v':
		if p.sharpV && !signed {
			p.hex0x(u, true)
		} else {
			p.integer(u, 10, signed, verb, lowerDigits)
		}
	case 'd':
		p.integer(u, 10, signed, verb, lowerDigits)
	case 'b':
		p.integer(u, 2, signed, verb, lowerDigits)
	case 'o', 'O':
		p.integer(u, 8, signed, verb, lowerDigits)
	case 'x':
		p.integer(u, 16, signed, verb, lowerDigits)
	case 'X':
		p.integer(u, 16, signed, verb, upperDigits)
	case 'c':
		p.char(u)
	case 'q':
		p.quotedChar(u)
	case 'U':
		p.unicode(u)
	default:
		p.badVerb(verb)
	}
}

func (p *printer) floatVerb(v float64, size int, verb rune) {
	switch verb {
	case 'v':
		p.float(v, size, 'g', -1)
	case 'b', 'g', 'G', 'x', 'X':
		p.float(v, size, byte(verb), -1)
	case 'f', 'e', 'E':
		p.float(v, size, byte(verb), 6)
	case 'F':
		p.float(v, size, 'f', 6)
	default:
		p.badVerb(verb)
	}
}

func (p *printer) string(v string, verb rune) {
	switch verb {
	case 'v':
		if p.sharpV {
			p.quoted(v)
		} else {
			p.appendPadded(p.truncated(v))
		}
	case 's':
		p.appendPadded(p.truncated(v))
	case 'x':
		p.hexString(v, nil, lowerDigits)
	case 'X':
		p.hexString(v, nil, upperDigits)
	case 'q':
		p.quoted(v)
	default:
		p.badVerb(verb)
	}
}

func (p *printer) bytes(v []byte, verb rune, typeName string) {
	switch verb {
	case 'v', 'd':
		if p.sharpV {
			p.buf = append(p.buf, typeName...)
			if v == nil {
				p.buf = append(p.buf, "(nil)"...)
				return
			}
			p.buf = append(p.buf, '{')
			for i, c := range v {
				if i > 0 {
					p.buf = append(p.buf, ", "...)
				}
				p.hex0x(uint64(c), true)
			}
			p.buf = append(p.buf, '}')
		} else {
			p.buf = append(p.buf, '[')
			for i, c := range v {
				if i > 0 {
					p.buf = append(p.buf, ' ')
				}
				p.integer(uint64(c), 10, false, verb, lowerDigits)
			}
			p.buf = append(p.buf, ']')
		}
	case 's':
		p.appendPadded(p.truncated(string(v)))
	case 'x':
		p.hexString(string(v), nil, lowerDigits)
	case 'X':
		p.hexString(string(v), nil, upperDigits)
	case 'q':
		p.quoted(string(v))
	default:
		// As a slice of numbers.
		p.reflected(reflect.ValueOf(v), verb, 0)
	}
}

func (p *printer) pointer(v reflect.Value, verb rune) {
	var u uintptr
	switch v.Kind() {
	case reflect.Chan, reflect.Func, reflect.Map, reflect.Pointer, reflect.Slice, reflect.UnsafePointer:
		u = uintptr(v.UnsafePointer())
	default:
		p.badVerb(verb)
		return
	}
	switch verb {
	case 'v':
		if p.sharpV {
			p.buf = append(p.buf, '(')
			p.buf = append(p.buf, v.Type().String()...)
			p.buf = append(p.buf, ")("...)
			if u == 0 {
				p.buf = append(p.buf, "nil"...)
			} else {
				p.hex0x(uint64(u), true)
			}
			p.buf = append(p.buf, ')')
		} else if u == 0 {
			p.appendPadded("<nil>")
		} else {
			p.hex0x(uint64(u), !p.sharp)
		}
	case 'p':
		p.hex0x(uint64(u), !p.sharp)
	case 'b', 'o', 'd', 'x', 'X':
		p.integerVerb(uint64(u), false, verb)
	default:
		p.badVerb(verb)
	}
}

// catchPanic prints the panic of a method, if there is one under way.
func (p *printer) catchPanic(arg any, verb rune, method string) {
	err := recover()
	if err == nil {
		return
	}
	if v := reflect.ValueOf(arg); v.Kind() == reflect.Pointer && v.IsNil() {
		p.buf = append(p.buf, "<nil>"...)
		return
	}
	if p.panicking {
		// A panic while printing a panic.
		panic(err)
	}
	old := p.flags
	p.flags = flags{}
	p.buf = append(p.buf, "%!"...)
	p.buf = utf8.AppendRune(p.buf, verb)
	p.buf = append(p.buf, "(PANIC="...)
	p.buf = append(p.buf, method...)
	p.buf = append(p.buf, " method: "...)
	p.panicking = true
	p.argument(err, 'v')
	p.panicking = false
	p.buf = append(p.buf, ')')
	p.flags = old
}

// methods prints the operand by a method of its own, and reports whether it has one that fits.
func (p *printer) methods(verb rune) (handled bool) {
	if p.erroring {
		return false
	}
	if verb == 'w' {
		if _, ok := p.arg.(error); !ok || !p.wrapErrs {
			p.badVerb(verb)
			return true
		}
		verb = 'v'
	}
	if f, ok := p.arg.(Formatter); ok {
		p.callFormat(f, verb)
		return true
	}
	if p.sharpV {
		if s, ok := p.arg.(GoStringer); ok {
			p.callGoString(s, verb)
			return true
		}
		return false
	}
	switch verb {
	case 'v', 's', 'x', 'X', 'q':
		switch v := p.arg.(type) {
		case error:
			p.callError(v, verb)
			return true
		case Stringer:
			p.callString(v, verb)
			return true
		}
	}
	return false
}

func (p *printer) callFormat(f Formatter, verb rune) {
	defer p.catchPanic(p.arg, verb, "Format")
	f.Format(p, verb)
}

func (p *printer) callGoString(s GoStringer, verb rune) {
	defer p.catchPanic(p.arg, verb, "GoString")
	p.appendPadded(p.truncated(s.GoString()))
}

func (p *printer) callError(e error, verb rune) {
	defer p.catchPanic(p.arg, verb, "Error")
	p.string(e.Error(), verb)
}

func (p *printer) callString(s Stringer, verb rune) {
	defer p.catchPanic(p.arg, verb, "String")
	p.string(s.String(), verb)
}

// argument prints one operand.
func (p *printer) argument(arg any, verb rune) {
	p.arg = arg
	p.value = reflect.Value{}
	if arg == nil {
		switch verb {
		case 'T', 'v':
			p.appendPadded("<nil>")
		default:
			p.badVerb(verb)
		}
		return
	}
	switch verb {
	case 'T':
		p.string(reflect.TypeOf(arg).String(), 's')
		return
	case 'p':
		p.pointer(reflect.ValueOf(arg), 'p')
		return
	}
	switch v := arg.(type) {
	case bool:
		p.bool(v, verb)
	case float32:
		p.floatVerb(float64(v), 32, verb)
	case float64:
		p.floatVerb(v, 64, verb)
	case complex64:
		p.complex(complex128(v), 64, verb)
	case complex128:
		p.complex(v, 128, verb)
	case int:
		p.integerVerb(uint64(v), true, verb)
	case int8:
		p.integerVerb(uint64(v), true, verb)
	case int16:
		p.integerVerb(uint64(v), true, verb)
	case int32:
		p.integerVerb(uint64(v), true, verb)
	case int64:
		p.integerVerb(uint64(v), true, verb)
	case uint:
		p.integerVerb(uint64(v), false, verb)
	case uint8:
		p.integerVerb(uint64(v), false, verb)
	case uint16:
		p.integerVerb(uint64(v), false, verb)
	case uint32:
		p.integerVerb(uint64(v), false, verb)
	case uint64:
		p.integerVerb(v, false, verb)
	case uintptr:
		p.integerVerb(uint64(v), false, verb)
	case string:
		p.string(v, verb)
	case []byte:
		p.bytes(v, verb, "[]byte")
	case reflect.Value:
		// What it holds, not it.
		if v.IsValid() && v.CanInterface() {
			p.arg = v.Interface()
			if p.methods(verb) {
				return
			}
		}
		p.reflected(v, verb, 0)
	default:
		if !p.methods(verb) {
			p.reflected(reflect.ValueOf(arg), verb, 0)
		}
	}
}

// inner reads an interface, or an element of any other kind.
func element(v reflect.Value) reflect.Value {
	if v.Kind() == reflect.Interface && !v.IsNil() {
		v = v.Elem()
	}
	return v
}

// reflected prints a value by its kind. depth is 0 for an operand: its methods were tried already.
func (p *printer) reflected(v reflect.Value, verb rune, depth int) {
	if depth > 0 && v.IsValid() {
		if v.CanInterface() {
			p.arg = v.Interface()
			if p.methods(verb) {
				return
			}
		} else {
			p.arg = nil
		}
	}
	p.value = v
	switch v.Kind() {
	case reflect.Invalid:
		switch {
		case depth == 0:
			p.buf = append(p.buf, "<invalid reflect.Value>"...)
		case verb == 'v':
			p.buf = append(p.buf, "<nil>"...)
		default:
			p.badVerb(verb)
		}
	case reflect.Bool:
		p.bool(v.Bool(), verb)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		p.integerVerb(uint64(v.Int()), true, verb)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		p.integerVerb(v.Uint(), false, verb)
	case reflect.Float32:
		p.floatVerb(v.Float(), 32, verb)
	case reflect.Float64:
		p.floatVerb(v.Float(), 64, verb)
	case reflect.Complex64:
		p.complex(v.Complex(), 64, verb)
	case reflect.Complex128:
		p.complex(v.Complex(), 128, verb)
	case reflect.String:
		p.string(v.String(), verb)
	case reflect.Map:
		p.mapValue(v, verb, depth)
	case reflect.Struct:
		p.structValue(v, verb, depth)
	case reflect.Interface:
		e := v.Elem()
		switch {
		case e.IsValid():
			p.reflected(e, verb, depth+1)
		case p.sharpV:
			p.buf = append(p.buf, v.Type().String()...)
			p.buf = append(p.buf, "(nil)"...)
		default:
			p.buf = append(p.buf, "<nil>"...)
		}
	case reflect.Array, reflect.Slice:
		p.list(v, verb, depth)
	case reflect.Pointer:
		if depth == 0 && !v.IsNil() {
			// &{...}, but an address further inside.
			e := v.Elem()
			switch e.Kind() {
			case reflect.Array, reflect.Slice, reflect.Struct, reflect.Map:
				p.buf = append(p.buf, '&')
				p.reflected(e, verb, depth+1)
				return
			}
		}
		p.pointer(v, verb)
	case reflect.Chan, reflect.Func, reflect.UnsafePointer:
		p.pointer(v, verb)
	default:
		p.buf = append(p.buf, "?"+v.Type().String()+"?"...)
	}
}

func (p *printer) mapValue(v reflect.Value, verb rune, depth int) {
	if p.sharpV {
		p.buf = append(p.buf, v.Type().String()...)
		if v.IsNil() {
			p.buf = append(p.buf, "(nil)"...)
			return
		}
		p.buf = append(p.buf, '{')
	} else {
		p.buf = append(p.buf, "map["...)
	}
	for i, e := range fmtsort.Sort(v) {
		if i > 0 {
			if p.sharpV {
				p.buf = append(p.buf, ", "...)
			} else {
				p.buf = append(p.buf, ' ')
			}
		}
		p.reflected(e.Key, verb, depth+1)
		p.buf = append(p.buf, ':')
		p.reflected(e.Value, verb, depth+1)
	}
	if p.sharpV {
		p.buf = append(p.buf, '}')
	} else {
		p.buf = append(p.buf, ']')
	}
}

func (p *printer) structValue(v reflect.Value, verb rune, depth int) {
	t := v.Type()
	if p.sharpV {
		p.buf = append(p.buf, t.String()...)
	}
	p.buf = append(p.buf, '{')
	for i := range v.NumField() {
		if i > 0 {
			if p.sharpV {
				p.buf = append(p.buf, ", "...)
			} else {
				p.buf = append(p.buf, ' ')
			}
		}
		if p.plusV || p.sharpV {
			p.buf = append(p.buf, t.Field(i).Name...)
			p.buf = append(p.buf, ':')
		}
		p.reflected(element(v.Field(i)), verb, depth+1)
	}
	p.buf = append(p.buf, '}')
}

// asBytes returns the bytes of a slice or array whose element kind is uint8.
func asBytes(v reflect.Value) []byte {
	if v.Kind() == reflect.Slice || v.CanAddr() {
		return v.Bytes()
	}
	b := make([]byte, v.Len())
	for i := range b {
		b[i] = byte(v.Index(i).Uint())
	}
	return b
}

func (p *printer) list(v reflect.Value, verb rune, depth int) {
	t := v.Type()
	switch verb {
	case 's', 'q', 'x', 'X':
		if t.Elem().Kind() == reflect.Uint8 {
			p.bytes(asBytes(v), verb, t.String())
			return
		}
	}
	open, sep, end := "[", " ", "]"
	if p.sharpV {
		p.buf = append(p.buf, t.String()...)
		if t.Kind() == reflect.Slice && v.IsNil() {
			p.buf = append(p.buf, "(nil)"...)
			return
		}
		open, sep, end = "{", ", ", "}"
	}
	p.buf = append(p.buf, open...)
	for i := range v.Len() {
		if i > 0 {
			p.buf = append(p.buf, sep...)
		}
		p.reflected(v.Index(i), verb, depth+1)
	}
	p.buf = append(p.buf, end...)
}

// wrapError is Errorf's error with one %w.
type wrapError struct {
	msg string
	err error
}

func (e *wrapError) Error() string { return e.msg }
func (e *wrapError) Unwrap() error { return e.err }

// wrapErrors is Errorf's error with several.
type wrapErrors struct {
	msg  string
	errs []error
}

func (e *wrapErrors) Error() string   { return e.msg }
func (e *wrapErrors) Unwrap() []error { return e.errs }

// Errorf makes an error of the formatted text that wraps the operands of %w.
func Errorf(format string, a ...any) error {
	p := newPrinter()
	p.wrapErrs = true
	p.printf(format, a)
	s := string(p.buf)
	wrapped := p.wrapped
	p.free()
	switch len(wrapped) {
	case 0:
		return errors.New(s)
	case 1:
		err, _ := a[wrapped[0]].(error)
		return &wrapError{s, err}
	}
	// In the order of the arguments, each once.
	used := make([]bool, len(a))
	for _, i := range wrapped {
		used[i] = true
	}
	var errs []error
	for i, ok := range used {
		if ok {
			if err, ok := a[i].(error); ok {
				errs = append(errs, err)
			}
		}
	}
	return &wrapErrors{s, errs}
}
