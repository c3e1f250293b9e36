package reflect

import (
	"internal/rtype"
	"sync/atomic"
	"unsafe"
)

// callReflect calls the func value fn. block holds the argument slots, then the result slots, which are filled in; slots has
// the number of argument slots in its lower half and of result slots in its upper. It is an instruction of the machine.
func callReflect(fn, block unsafe.Pointer, slots uintptr)

// layout says how arguments and results lie in the block of a call: each in as many whole slots as it needs.
type layout struct {
	block   *rtype.Type // a struct type with the block's size and pointers
	args    uintptr     // slots, the receiver's included
	results uintptr
}

type layoutKey struct {
	t        *rtype.Type
	receiver bool
}

// layouts are those that have been asked for. The map is never changed.
var layouts atomic.Pointer[map[layoutKey]layout]

// layoutOf returns the layout of a call of a function of type t, with a receiver (an interface's data word) or without.
func layoutOf(t *rtype.Type, receiver bool) layout {
	key := layoutKey{t, receiver}
	known := layouts.Load()
	if known != nil {
		if l, ok := (*known)[key]; ok {
			return l
		}
	}
	l := newLayout(t, receiver)
	for {
		more := map[layoutKey]layout{key: l}
		if known != nil {
			for k, l := range *known {
				more[k] = l
			}
		}
		if layouts.CompareAndSwap(known, &more) {
			return l
		}
		known = layouts.Load()
	}
}

func newLayout(t *rtype.Type, receiver bool) layout {
	var words []rtype.Field
	add := func(pointer bool) {
		w := rtype.Field{Name: "W" + itoa(len(words)), Typ: wordType}
		if pointer {
			w.Typ = pointerWordType
		}
		words = append(words, w)
	}
	addAll := func(types []*rtype.Type) {
		for _, t := range types {
			for i := range t.Slots() {
				add(t.WordIsPointer(i))
			}
		}
	}
	if receiver {
		add(true)
	}
	addAll(t.Params)
	l := layout{args: uintptr(len(words))}
	addAll(t.Results)
	l.results = uintptr(len(words)) - l.args
	l.block = rtype.StructOf(words)
	return l
}

var (
	wordType        = rtype.Of(uintptr(0))
	pointerWordType = rtype.Of(unsafe.Pointer(nil))
)

// toSlots writes the value of type t at p into a block. A scalar narrower than a slot is extended to it.
func toSlots(t *rtype.Type, slot, p unsafe.Pointer) {
	switch Kind(t.Kind) {
	case Bool, Uint8:
		*(*uint64)(slot) = uint64(*(*uint8)(p))
	case Int8:
		*(*int64)(slot) = int64(*(*int8)(p))
	case Int16:
		*(*int64)(slot) = int64(*(*int16)(p))
	case Int32:
		*(*int64)(slot) = int64(*(*int32)(p))
	case Uint16:
		*(*uint64)(slot) = uint64(*(*uint16)(p))
	case Uint32, Float32:
		*(*uint64)(slot) = uint64(*(*uint32)(p))
	default:
		rtype.Move(t, slot, p)
	}
}

// methodTarget returns what a method Value calls: its type, func value and receiver word.
func (v Value) methodTarget() (t *rtype.Type, fn, receiver unsafe.Pointer) {
	i := int(v.flag >> methodShift)
	if Kind(v.typ.Kind) == Interface {
		iface := (*rtype.Iface)(v.ptr)
		if iface.Tab == nil {
			panic("reflect: Method on nil interface value")
		}
		return v.typ.IMethods[i].Typ, rtype.FuncValue(iface.Tab.Funcs[i]), iface.Data
	}
	m := &exported(v.typ)[i]
	return m.Typ, rtype.FuncValue(m.Func), v.word()
}

func (v Value) methodType() *rtype.Type {
	i := int(v.flag >> methodShift)
	if Kind(v.typ.Kind) == Interface {
		return v.typ.IMethods[i].Typ
	}
	return exported(v.typ)[i].Typ
}

func (v Value) methodFunc() unsafe.Pointer {
	_, fn, _ := v.methodTarget()
	return *(*unsafe.Pointer)(fn)
}

// bind returns a method Value as an ordinary func Value.
func (v Value) bind() Value {
	if v.typ.IsDirect() || Kind(v.typ.Kind) == Interface {
		v.ptr = v.place()
	}
	// The receiver is that of now, not of the call.
	copied := v
	p := rtype.New(v.typ)
	rtype.Move(v.typ, p, v.ptr)
	copied.ptr = p
	copied.flag = v.flag&^flagAddr | flagIndir
	t := v.methodType()
	call := copied.callBound
	if t.Flags&rtype.Variadic != 0 {
		call = copied.callBoundSlice
	}
	f := makeFunc(t, call)
	f.flag |= v.ro()
	return f
}

// callBound is Call for bound methods: a deferred one may recover.
//
//go:wrapper
func (v Value) callBound(in []Value) []Value {
	return v.call("Call", in)
}

// callBoundSlice is CallSlice for bound methods.
//
//go:wrapper
func (v Value) callBoundSlice(in []Value) []Value {
	return v.call("CallSlice", in)
}

// NumMethod counts the methods that Method can give.
func (v Value) NumMethod() int {
	if v.typ == nil {
		v.wrong("NumMethod")
	}
	if v.flag&flagMethod != 0 {
		return 0
	}
	return toType(v.typ).NumMethod()
}

// Method returns the i'th method, bound to v.
func (v Value) Method(i int) Value {
	if v.typ == nil {
		v.wrong("Method")
	}
	if v.flag&flagMethod != 0 || uint(i) >= uint(toType(v.typ).NumMethod()) {
		panic("reflect: Method index out of range")
	}
	if Kind(v.typ.Kind) == Interface && v.IsNil() {
		panic("reflect: Method on nil interface value")
	}
	fl := v.ro() | v.flag&(flagIndir|flagAddr) | flag(Func) | flagMethod | flag(i)<<methodShift
	return Value{v.typ, v.ptr, fl}
}

// MethodByName returns a method bound to v, or the zero Value.
func (v Value) MethodByName(name string) Value {
	if v.typ == nil {
		v.wrong("MethodByName")
	}
	if v.flag&flagMethod != 0 {
		return Value{}
	}
	i := methodIndex(v.typ, name)
	if i < 0 {
		return Value{}
	}
	return v.Method(i)
}

// Call calls the function v. A variadic function gets its last arguments one by one.
func (v Value) Call(in []Value) []Value {
	v.mustBe(Func, "Call")
	v.mustBeExported("Call")
	return v.call("Call", in)
}

// CallSlice calls the variadic function v with its last arguments in a slice.
func (v Value) CallSlice(in []Value) []Value {
	v.mustBe(Func, "CallSlice")
	v.mustBeExported("CallSlice")
	return v.call("CallSlice", in)
}

//go:wrapper
func (v Value) call(op string, in []Value) []Value {
	var t *rtype.Type
	var fn, receiver unsafe.Pointer
	isMethod := v.flag&flagMethod != 0
	if isMethod {
		t, fn, receiver = v.methodTarget()
	} else {
		t, fn = v.typ, v.pointer()
	}
	if fn == nil {
		panic("reflect.Value.Call: call of nil function")
	}
	n := len(t.Params)
	variadic := t.Flags&rtype.Variadic != 0
	if op == "CallSlice" {
		if !variadic {
			panic("reflect: CallSlice of non-variadic function")
		}
		if len(in) < n {
			panic("reflect: CallSlice with too few input arguments")
		}
		if len(in) > n {
			panic("reflect: CallSlice with too many input arguments")
		}
	} else {
		if variadic {
			n--
		}
		if len(in) < n {
			panic("reflect: Call with too few input arguments")
		}
		if !variadic && len(in) > n {
			panic("reflect: Call with too many input arguments")
		}
	}
	for _, x := range in {
		if x.Kind() == Invalid {
			panic("reflect: " + op + " using zero Value argument")
		}
	}
	for i := range n {
		if x := in[i]; !toType(x.Type().descriptor()).AssignableTo(toType(t.Params[i])) {
			panic("reflect: " + op + " using " + x.Type().String() + " as type " + t.Params[i].Str)
		}
	}
	if variadic && op != "CallSlice" {
		st := t.Params[n]
		rest := MakeSlice(toType(st), len(in)-n, len(in)-n)
		for i, x := range in[n:] {
			if !x.Type().AssignableTo(toType(st.Elem)) {
				panic("reflect: cannot use " + x.Type().String() + " as type " + st.Elem.Str + " in " + op)
			}
			rest.Index(i).Set(x)
		}
		in = append(append([]Value(nil), in[:n]...), rest)
	}

	l := layoutOf(t, isMethod)
	block := rtype.New(l.block)
	slot := uintptr(0)
	if isMethod {
		*(*unsafe.Pointer)(block) = receiver
		slot = 1
	}
	for i, x := range in {
		x.mustBeExported(op)
		pt := t.Params[i]
		x = x.assignTo("reflect.Value.Call", pt)
		if pt.Size > 0 {
			toSlots(pt, addr(block, slot*8), x.place())
		}
		slot += pt.Slots()
	}
	callReflect(fn, block, l.args|l.results<<32)
	out := make([]Value, len(t.Results))
	slot = l.args
	for i, rt := range t.Results {
		p := rtype.New(rt)
		rtype.Move(rt, p, addr(block, slot*8))
		out[i] = loaded(rt, p, 0)
		slot += rt.Slots()
	}
	return out
}

// funcImpl is what a function made by MakeFunc does.
type funcImpl struct {
	t  *rtype.Type
	l  layout
	fn func(args []Value) []Value
}

// newFuncClosure makes a func value of type t that, called, puts its arguments, of params slots, into a new object of type
// block, laid out as for callReflect, calls run(impl, object), and returns the results found in the object.
func newFuncClosure(t, block *rtype.Type, params uintptr, impl *funcImpl, run func(*funcImpl, unsafe.Pointer)) unsafe.Pointer

// MakeFunc returns a function of the given type that passes its arguments to fn and returns what fn does.
func MakeFunc(typ Type, fn func(args []Value) (results []Value)) Value {
	if typ.Kind() != Func {
		panic("reflect: call of MakeFunc with non-Func type")
	}
	return makeFunc(typ.descriptor(), fn)
}

func makeFunc(t *rtype.Type, fn func(args []Value) []Value) Value {
	impl := &funcImpl{t, layoutOf(t, false), fn}
	return Value{t, newFuncClosure(t, impl.l.block, impl.l.args, impl, runMade), flag(Func)}
}

// runMade is called by functions that MakeFunc made.
//
//go:wrapper
func runMade(impl *funcImpl, block unsafe.Pointer) {
	in := make([]Value, len(impl.t.Params))
	slot := uintptr(0)
	for i, pt := range impl.t.Params {
		p := rtype.New(pt)
		rtype.Move(pt, p, addr(block, slot*8))
		in[i] = loaded(pt, p, 0)
		slot += pt.Slots()
	}
	out := impl.fn(in)
	if len(out) != len(impl.t.Results) {
		panic("reflect: wrong return count from function created by MakeFunc")
	}
	for i, rt := range impl.t.Results {
		v := out[i]
		if v.typ == nil {
			panic("reflect: function created by MakeFunc using " + "closure" + " returned zero Value")
		}
		if v.flag&flagRO != 0 {
			panic("reflect: function created by MakeFunc using " + "closure" + " returned value obtained from unexported field")
		}
		v = v.assignTo("reflect.MakeFunc", rt)
		if rt.Size > 0 {
			toSlots(rt, addr(block, slot*8), v.place())
		}
		slot += rt.Slots()
	}
}
