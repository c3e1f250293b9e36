package reflect

import (
	"internal/rtype"
	"unsafe"
)

// MakeChan makes a channel.
func MakeChan(typ Type, buffer int) Value {
	if typ.Kind() != Chan {
		panic("reflect.MakeChan of non-chan type")
	}
	if buffer < 0 {
		panic("reflect.MakeChan: negative buffer size")
	}
	if typ.ChanDir() != BothDir {
		panic("reflect.MakeChan: unidirectional channel type")
	}
	t := typ.descriptor()
	return Value{t, rtype.MakeChan(t, buffer), flag(Chan)}
}

// Close closes a channel.
func (v Value) Close() {
	v.mustBe(Chan, "Close")
	v.mustBeExported("Close")
	if ChanDir(v.typ.Len)&SendDir == 0 {
		panic("reflect: close of receive-only channel")
	}
	rtype.ChanClose(v.pointer())
}

func (v Value) receiver(method string) (c, p unsafe.Pointer) {
	v.mustBe(Chan, method)
	v.mustBeExported(method)
	if ChanDir(v.typ.Len)&RecvDir == 0 {
		panic("reflect: recv on send-only channel")
	}
	return v.pointer(), rtype.New(v.typ.Elem)
}

// Recv receives from a channel; ok is false for a closed one.
func (v Value) Recv() (x Value, ok bool) {
	c, p := v.receiver("Recv")
	if !rtype.ChanRecv(v.typ, c, p) {
		return zero(v.typ.Elem), false
	}
	return loaded(v.typ.Elem, p, 0), true
}

// TryRecv receives if that needs no waiting; else x is the zero Value.
func (v Value) TryRecv() (x Value, ok bool) {
	c, p := v.receiver("TryRecv")
	if c == nil {
		return Value{}, false
	}
	switch rtype.ChanTryRecv(v.typ, c, p) {
	case 1:
		return loaded(v.typ.Elem, p, 0), true
	case 2:
		return zero(v.typ.Elem), false
	}
	return Value{}, false
}

func (v Value) sender(method string, x Value) (c, p unsafe.Pointer) {
	v.mustBe(Chan, method)
	v.mustBeExported(method)
	if ChanDir(v.typ.Len)&SendDir == 0 {
		panic("reflect: send on recv-only channel")
	}
	x.mustBeExported(method)
	return v.pointer(), x.assignTo("reflect.Value.Send", v.typ.Elem).place()
}

// Send sends x.
func (v Value) Send(x Value) {
	c, p := v.sender("Send", x)
	rtype.ChanSend(v.typ, c, p)
}

// TrySend sends x if that needs no waiting, and reports whether it did.
func (v Value) TrySend(x Value) bool {
	c, p := v.sender("TrySend", x)
	return c != nil && rtype.ChanTrySend(v.typ, c, p)
}

// SelectDir is what a SelectCase does.
type SelectDir int

const (
	_ SelectDir = iota
	SelectSend
	SelectRecv
	SelectDefault
)

// SelectCase is a case of a select statement.
type SelectCase struct {
	Dir  SelectDir
	Chan Value // the zero Value is a nil channel
	Send Value
}

// Select executes a select statement: it waits until a case can go ahead and carries it out.
func Select(cases []SelectCase) (chosen int, recv Value, recvOK bool) {
	if len(cases) > 65536 {
		panic("reflect.Select: too many cases (max 65536)")
	}
	defaultCase := -1
	chans := make([]unsafe.Pointer, len(cases))
	places := make([]unsafe.Pointer, len(cases))
	sends := make([]bool, len(cases))
	for i := range cases {
		c := &cases[i]
		switch c.Dir {
		default:
			panic("reflect.Select: invalid Dir")
		case SelectDefault:
			if defaultCase >= 0 {
				panic("reflect.Select: multiple default cases")
			}
			defaultCase = i
			if c.Chan.IsValid() {
				panic("reflect.Select: default case has Chan value")
			}
			if c.Send.IsValid() {
				panic("reflect.Select: default case has Send value")
			}
		case SelectSend:
			if !c.Chan.IsValid() {
				break
			}
			c.Chan.mustBe(Chan, "Select")
			c.Chan.mustBeExported("Select")
			if ChanDir(c.Chan.typ.Len)&SendDir == 0 {
				panic("reflect.Select: SendDir case using recv-only channel")
			}
			if !c.Send.IsValid() {
				panic("reflect.Select: SendDir case missing Send value")
			}
			c.Send.mustBeExported("Select")
			chans[i] = c.Chan.pointer()
			sends[i] = true
			places[i] = c.Send.assignTo("reflect.Select", c.Chan.typ.Elem).place()
		case SelectRecv:
			if c.Send.IsValid() {
				panic("reflect.Select: RecvDir case has Send value")
			}
			if !c.Chan.IsValid() {
				break
			}
			c.Chan.mustBe(Chan, "Select")
			c.Chan.mustBeExported("Select")
			if ChanDir(c.Chan.typ.Len)&RecvDir == 0 {
				panic("reflect.Select: RecvDir case using send-only channel")
			}
			chans[i] = c.Chan.pointer()
			places[i] = rtype.New(c.Chan.typ.Elem)
		}
	}
	for {
		// Some order of trying that favours no case for ever.
		n := len(cases)
		start := 0
		if n > 0 {
			start = int(nextRandom() % uint32(n))
		}
		for k := range n {
			i := (start + k) % n
			if chans[i] == nil {
				continue
			}
			t := cases[i].Chan.typ
			if sends[i] {
				if rtype.ChanTrySend(t, chans[i], places[i]) {
					return i, Value{}, false
				}
				continue
			}
			switch rtype.ChanTryRecv(t, chans[i], places[i]) {
			case 1:
				return i, loaded(t.Elem, places[i], 0), true
			case 2:
				return i, zero(t.Elem), false
			}
		}
		if defaultCase >= 0 {
			return defaultCase, Value{}, false
		}
		rtype.ChanWaitAny(chans, sends)
	}
}

var randomState uint32 = 2463534242

// nextRandom is Marsaglia's xorshift32; a lost update between goroutines does no harm.
func nextRandom() uint32 {
	x := randomState
	x ^= x << 13
	x ^= x >> 17
	x ^= x << 5
	randomState = x
	return x
}
