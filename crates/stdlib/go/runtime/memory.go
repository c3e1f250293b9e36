package runtime

import (
	"internal/rtype"
	"unsafe"
)

// MemStats are figures of the memory; the machine knows this layout.
type MemStats struct {
	Alloc         uint64 // bytes of live objects, and of those not swept yet
	TotalAlloc    uint64 // bytes allocated since the start
	Sys           uint64 // bytes got from the system
	Lookups       uint64
	Mallocs       uint64 // objects allocated
	Frees         uint64 // objects freed
	HeapAlloc     uint64
	HeapSys       uint64
	HeapIdle      uint64
	HeapInuse     uint64
	HeapReleased  uint64
	HeapObjects   uint64
	StackInuse    uint64 // bytes of goroutine stacks
	StackSys      uint64
	MSpanInuse    uint64
	MSpanSys      uint64
	MCacheInuse   uint64
	MCacheSys     uint64
	BuckHashSys   uint64
	GCSys         uint64
	OtherSys      uint64
	NextGC        uint64 // heap size at which the next collection starts
	LastGC        uint64 // end of the last one, in nanoseconds since 1970
	PauseTotalNs  uint64
	PauseNs       [256]uint64 // the last pauses; the latest at (NumGC+255)%256
	PauseEnd      [256]uint64
	NumGC         uint32
	NumForcedGC   uint32
	GCCPUFraction float64
	EnableGC      bool
	DebugGC       bool
	BySize        [61]struct {
		Size    uint32
		Mallocs uint64
		Frees   uint64
	}
}

// ReadMemStats fills in m.
func ReadMemStats(m *MemStats)

// setFinalizer hangs a call of closure with the object on it: 0 done, 1 no start of an object on the heap, 2 it has one.
// asInterface: the argument is an interface with that first word.
func setFinalizer(object, closure unsafe.Pointer, asInterface bool, word uintptr, results int) int

// SetFinalizer makes a goroutine call finalizer(obj) when obj, a pointer, is found unreachable. nil removes the finalizer.
func SetFinalizer(obj any, finalizer any) {
	o := (*rtype.Eface)(unsafe.Pointer(&obj))
	if o.Typ == nil {
		fatal("runtime.SetFinalizer: first argument is nil")
	}
	if o.Typ.Kind != rtype.Pointer {
		fatal("runtime.SetFinalizer: first argument is " + o.Typ.Str + ", not pointer")
	}
	if o.Data == nil {
		fatal("nil elem type!")
	}
	f := (*rtype.Eface)(unsafe.Pointer(&finalizer))
	if f.Typ == nil {
		setFinalizer(o.Data, nil, false, 0, 0)
		return
	}
	if f.Typ.Kind != rtype.Func {
		fatal("runtime.SetFinalizer: second argument is " + f.Typ.Str + ", not a function")
	}
	if f.Typ.Flags&rtype.Variadic != 0 {
		fatal("runtime.SetFinalizer: cannot pass " + o.Typ.Str + " to finalizer " + f.Typ.Str + " because dotdotdot")
	}
	bad := func() { fatal("runtime.SetFinalizer: cannot pass " + o.Typ.Str + " to finalizer " + f.Typ.Str) }
	if len(f.Typ.Params) != 1 {
		bad()
	}
	results := uintptr(0)
	for _, r := range f.Typ.Results {
		results += r.Slots()
	}
	asInterface, word := false, uintptr(0)
	switch p := f.Typ.Params[0]; {
	case p == o.Typ:
	case p.Kind == rtype.Pointer && p.Elem == o.Typ.Elem:
	case p.Kind == rtype.Interface && len(p.IMethods) == 0:
		asInterface, word = true, uintptr(unsafe.Pointer(o.Typ))
	case p.Kind == rtype.Interface:
		tab := rtype.GetItab(p, o.Typ)
		if tab == nil {
			bad()
		}
		asInterface, word = true, uintptr(unsafe.Pointer(tab))
	default:
		bad()
	}
	// What is not of the heap lives for ever.
	if setFinalizer(o.Data, f.Data, asInterface, word, int(results)) == 2 {
		fatal("runtime.SetFinalizer: finalizer already set")
	}
}

// Cleanup is a call that AddCleanup arranged.
type Cleanup struct {
	id  uint64
	ptr uintptr
}

// addCleanup hangs a call of a func() on an object and returns its number.
func addCleanup(object, closure unsafe.Pointer) uint64

func stopCleanup(object uintptr, id uint64)

// AddCleanup makes a goroutine call cleanup(arg) after what ptr points to has become unreachable.
func AddCleanup[T, S any](ptr *T, cleanup func(S), arg S) Cleanup {
	if ptr == nil {
		panic(plainError("runtime.AddCleanup: ptr is nil"))
	}
	if p, ok := any(arg).(*T); ok && p == ptr {
		panic(plainError("runtime.AddCleanup: ptr is equal to arg, cleanup will never run"))
	}
	call := func() { cleanup(arg) }
	return Cleanup{addCleanup(unsafe.Pointer(ptr), *(*unsafe.Pointer)(unsafe.Pointer(&call))), uintptr(unsafe.Pointer(ptr))}
}

// Stop cancels the call, unless it is under way.
func (c Cleanup) Stop() {
	if c.id != 0 {
		stopCleanup(c.ptr, c.id)
	}
}
