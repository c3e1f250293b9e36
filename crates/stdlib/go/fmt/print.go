// Package fmt formats and scans text, in the manner of C's printf and scanf.
package fmt

import (
	"io"
	"os"
	"reflect"
	"strconv"
	"sync/atomic"
	"unicode/utf8"
)

// State is what a Formatter gets to print to.
type State interface {
	// Write appends to the output.
	Write(b []byte) (n int, err error)
	// Width is the verb's width, if it has one.
	Width() (wid int, ok bool)
	// Precision is the verb's precision, if it has one.
	Precision() (prec int, ok bool)
	// Flag reports whether the flag c is set.
	Flag(c int) bool
}

// Formatter formats itself under every verb.
type Formatter interface {
	Format(f State, verb rune)
}

// Stringer has a text of its own, for the verbs that print strings.
type Stringer interface {
	String() string
}

// GoStringer has a text of its own for %#v.
type GoStringer interface {
	GoString() string
}

// printer holds the state of one call of Print.
type printer struct {
	buf   []byte
	arg   any           // the operand
	value reflect.Value // the operand, when reflection has taken over
	flags

	reordered bool // the format used an argument index, %[1]d
	goodIndex bool // the last argument index was valid
	panicking bool // a method has panicked: do not catch another panic
	erroring  bool // printing an error message: call no methods
	wrapErrs  bool // this is Errorf: %w is a verb
	wrapped   []int
	taken     *uint32 // set to 0 when it is free again, if it is kept
}

// kept are printers for those who print, as long as not more do at once.
var kept [4]struct {
	printer
	taken uint32
}

func newPrinter() *printer {
	for i := range kept {
		if k := &kept[i]; atomic.LoadUint32(&k.taken) == 0 && atomic.CompareAndSwapUint32(&k.taken, 0, 1) {
			k.printer.taken = &k.taken
			return &k.printer
		}
	}
	return new(printer)
}

func (p *printer) free() {
	if p.taken == nil {
		return
	}
	if cap(p.buf) > 64<<10 {
		p.buf = nil
	}
	p.buf = p.buf[:0]
	p.arg, p.value, p.wrapped = nil, reflect.Value{}, nil
	p.panicking, p.erroring, p.wrapErrs = false, false, false
	atomic.StoreUint32(p.taken, 0)
}

func (p *printer) Width() (wid int, ok bool)      { return p.width, p.hasWidth }
func (p *printer) Precision() (prec int, ok bool) { return p.precision, p.hasPrecision }

func (p *printer) Flag(c int) bool {
	switch c {
	case '-':
		return p.minus
	case '+':
		return p.plus || p.plusV
	case '#':
		return p.sharp || p.sharpV
	case ' ':
		return p.space
	case '0':
		return p.zero
	}
	return false
}

func (p *printer) Write(b []byte) (n int, err error) {
	p.buf = append(p.buf, b...)
	return len(b), nil
}

// WriteString makes io.WriteString work on a State.
func (p *printer) WriteString(s string) (n int, err error) {
	p.buf = append(p.buf, s...)
	return len(s), nil
}

// FormatString writes the verb that state stands for: the format that led to the Format call.
func FormatString(state State, verb rune) string {
	b := []byte{'%'}
	for _, c := range " +-#0" {
		if state.Flag(int(c)) {
			b = append(b, byte(c))
		}
	}
	if w, ok := state.Width(); ok {
		b = strconv.AppendInt(b, int64(w), 10)
	}
	if w, ok := state.Precision(); ok {
		b = append(b, '.')
		b = strconv.AppendInt(b, int64(w), 10)
	}
	return string(utf8.AppendRune(b, verb))
}

// Fprintf formats to w.
func Fprintf(w io.Writer, format string, a ...any) (n int, err error) {
	p := newPrinter()
	p.printf(format, a)
	n, err = w.Write(p.buf)
	p.free()
	return n, err
}

// Printf formats to standard output.
func Printf(format string, a ...any) (n int, err error) {
	return Fprintf(os.Stdout, format, a...)
}

// Sprintf formats to a string.
func Sprintf(format string, a ...any) string {
	p := newPrinter()
	p.printf(format, a)
	s := string(p.buf)
	p.free()
	return s
}

// Appendf formats to the end of b.
func Appendf(b []byte, format string, a ...any) []byte {
	p := newPrinter()
	p.printf(format, a)
	b = append(b, p.buf...)
	p.free()
	return b
}

// Fprint prints to w; spaces go between operands when neither is a string.
func Fprint(w io.Writer, a ...any) (n int, err error) {
	p := newPrinter()
	p.print(a)
	n, err = w.Write(p.buf)
	p.free()
	return n, err
}

// Print prints to standard output.
func Print(a ...any) (n int, err error) {
	return Fprint(os.Stdout, a...)
}

// Sprint prints to a string.
func Sprint(a ...any) string {
	p := newPrinter()
	p.print(a)
	s := string(p.buf)
	p.free()
	return s
}

// Append prints to the end of b.
func Append(b []byte, a ...any) []byte {
	p := newPrinter()
	p.print(a)
	b = append(b, p.buf...)
	p.free()
	return b
}

// Fprintln prints to w with spaces between operands and a newline at the end.
func Fprintln(w io.Writer, a ...any) (n int, err error) {
	p := newPrinter()
	p.println(a)
	n, err = w.Write(p.buf)
	p.free()
	return n, err
}

// Println prints to standard output with spaces between operands and a newline at the end.
func Println(a ...any) (n int, err error) {
	p := newPrinter()
	p.println(a)
	n, err = os.Stdout.Write(p.buf)
	p.free()
	return n, err
}

// Sprintln prints to a string with spaces between operands and a newline at the end.
func Sprintln(a ...any) string {
	p := newPrinter()
	p.println(a)
	s := string(p.buf)
	p.free()
	return s
}

// Appendln prints to the end of b with spaces between operands and a newline at the end.
func Appendln(b []byte, a ...any) []byte {
	p := newPrinter()
	p.println(a)
	b = append(b, p.buf...)
	p.free()
	return b
}

func (p *printer) print(a []any) {
	p.flags = flags{}
	wasString := true
	for i, arg := range a {
		isString := false
		if arg != nil {
			if _, ok := arg.(string); ok {
				isString = true
			} else {
				isString = reflect.TypeOf(arg).Kind() == reflect.String
			}
		}
		if i > 0 && !isString && !wasString {
			p.buf = append(p.buf, ' ')
		}
		p.argument(arg, 'v')
		wasString = isString
	}
}

func (p *printer) println(a []any) {
	p.flags = flags{}
	for i, arg := range a {
		if i > 0 {
			p.buf = append(p.buf, ' ')
		}
		switch x := arg.(type) {
		case string:
			p.buf = append(p.buf, x...)
		case int:
			p.buf = strconv.AppendInt(p.buf, int64(x), 10)
		default:
			p.argument(arg, 'v')
		}
	}
	p.buf = append(p.buf, '\n')
}

// tooLarge reports whether a width or precision is absurd.
func tooLarge(x int) bool { return x > 1e6 || x < -1e6 }

// number reads a decimal number from format[start:end]; ok is false without digits or when it is too large.
func number(format string, start, end int) (n int, ok bool, next int) {
	for next = start; next < end && '0' <= format[next] && format[next] <= '9'; next++ {
		if tooLarge(n) {
			return 0, false, end
		}
		n = n*10 + int(format[next]-'0')
		ok = true
	}
	return n, ok, next
}

// index reads an argument index, [3], at format[i]. It returns the number, the length of the text, and whether it is an index.
func bracketed(format string) (index, width int, ok bool) {
	if len(format) < 3 {
		return 0, 1, false
	}
	for i := 1; i < len(format); i++ {
		if format[i] == ']' {
			n, ok, next := number(format, 1, i)
			if !ok || next != i {
				return 0, i + 1, false
			}
			return n - 1, i + 1, true
		}
	}
	return 0, 1, false
}

// argIndex moves argNum to an argument index at format[i], if there is one.
func (p *printer) argIndex(argNum int, format string, i, count int) (newArgNum, newI int, found bool) {
	if i >= len(format) || format[i] != '[' {
		return argNum, i, false
	}
	p.reordered = true
	index, width, ok := bracketed(format[i:])
	if ok && 0 <= index && index < count {
		return index, i + width, true
	}
	p.goodIndex = false
	return argNum, i + width, ok
}

// starArg takes a width or precision from the arguments.
func starArg(a []any, argNum int) (n int, ok bool, next int) {
	next = argNum
	if argNum < len(a) {
		next++
		n, ok = a[argNum].(int)
		if !ok {
			switch v := reflect.ValueOf(a[argNum]); v.Kind() {
			case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
				x := v.Int()
				n, ok = int(x), int64(int(x)) == x
			case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
				x := v.Uint()
				n, ok = int(x), int64(x) >= 0
			}
		}
		if tooLarge(n) {
			n, ok = 0, false
		}
	}
	return n, ok, next
}

func (p *printer) printf(format string, a []any) {
	end := len(format)
	argNum := 0
	afterIndex := false // the last thing read was an argument index
	p.reordered = false
	for i := 0; i < end; {
		p.goodIndex = true
		start := i
		for i < end && format[i] != '%' {
			i++
		}
		if i > start {
			p.buf = append(p.buf, format[start:i]...)
		}
		if i >= end {
			break
		}
		i++
		p.flags = flags{}
	flagLoop:
		for ; i < end; i++ {
			c := format[i]
			switch c {
			case '#':
				p.sharp = true
			case '0':
				p.zero = true
			case '+':
				p.plus = true
			case '-':
				p.minus = true
			case ' ':
				p.space = true
			default:
				// A plain verb with an argument waiting needs none of what follows.
				if 'a' <= c && c <= 'z' && argNum < len(a) {
					p.setVerbFlags(rune(c), argNum)
					p.argument(a[argNum], rune(c))
					argNum++
					i++
					goto next
				}
				break flagLoop
			}
		}

		argNum, i, afterIndex = p.argIndex(argNum, format, i, len(a))
		if i < end && format[i] == '*' {
			i++
			p.width, p.hasWidth, argNum = starArg(a, argNum)
			if !p.hasWidth {
				p.buf = append(p.buf, "%!(BADWIDTH)"...)
			}
			if p.width < 0 {
				p.width = -p.width
				p.minus = true
				p.zero = false
			}
			afterIndex = false
		} else {
			p.width, p.hasWidth, i = number(format, i, end)
			if afterIndex && p.hasWidth {
				p.goodIndex = false
			}
		}

		if i+1 < end && format[i] == '.' {
			i++
			if afterIndex {
				p.goodIndex = false
			}
			argNum, i, afterIndex = p.argIndex(argNum, format, i, len(a))
			if i < end && format[i] == '*' {
				i++
				p.precision, p.hasPrecision, argNum = starArg(a, argNum)
				if p.precision < 0 {
					p.precision = 0
					p.hasPrecision = false
				}
				if !p.hasPrecision {
					p.buf = append(p.buf, "%!(BADPREC)"...)
				}
				afterIndex = false
			} else {
				p.precision, p.hasPrecision, i = number(format, i, end)
				if !p.hasPrecision {
					p.precision = 0
					p.hasPrecision = true
				}
			}
		}

		if !afterIndex {
			argNum, i, afterIndex = p.argIndex(argNum, format, i, len(a))
		}
		if i >= end {
			p.buf = append(p.buf, "%!(NOVERB)"...)
			break
		}
		{
			verb, size := rune(format[i]), 1
			if verb >= utf8.RuneSelf {
				verb, size = utf8.DecodeRuneInString(format[i:])
			}
			i += size
			switch {
			case verb == '%':
				p.buf = append(p.buf, '%')
			case !p.goodIndex:
				p.complain(verb, "BADINDEX")
			case argNum >= len(a):
				p.complain(verb, "MISSING")
			default:
				p.setVerbFlags(verb, argNum)
				p.argument(a[argNum], verb)
				argNum++
			}
		}
	next:
	}

	if !p.reordered && argNum < len(a) {
		p.flags = flags{}
		p.buf = append(p.buf, "%!(EXTRA "...)
		for i, arg := range a[argNum:] {
			if i > 0 {
				p.buf = append(p.buf, ", "...)
			}
			if arg == nil {
				p.buf = append(p.buf, "<nil>"...)
			} else {
				p.buf = append(p.buf, reflect.TypeOf(arg).String()...)
				p.buf = append(p.buf, '=')
				p.argument(arg, 'v')
			}
		}
		p.buf = append(p.buf, ')')
	}
}

// complain prints %!verb(what).
func (p *printer) complain(verb rune, what string) {
	p.buf = append(p.buf, "%!"...)
	p.buf = utf8.AppendRune(p.buf, verb)
	p.buf = append(p.buf, '(')
	p.buf = append(p.buf, what...)
	p.buf = append(p.buf, ')')
}

// setVerbFlags turns %#v and %+v into flags of their own and notes the argument of %w.
func (p *printer) setVerbFlags(verb rune, argNum int) {
	switch verb {
	case 'w':
		p.wrapped = append(p.wrapped, argNum)
		p.setV()
	case 'v':
		p.setV()
	}
}

func (p *printer) setV() {
	p.sharpV = p.sharp
	p.sharp = false
	p.plusV = p.plus
	p.plus = false
}
