package runtime

// Callers fills pc with the places of the goroutine's calls, innermost first, and returns how many. skip 1 starts at the caller.
func Callers(skip int, pc []uintptr) int

// Caller returns a place on the stack: skip 0 is where Caller was called.
func Caller(skip int) (pc uintptr, file string, line int, ok bool)

// locate describes a place in the code.
func locate(pc uintptr) (function, file string, line int, entry uintptr, ok bool)

// Func is a function.
type Func struct {
	name  string
	file  string
	line  int
	entry uintptr
}

// FuncForPC returns the function at pc, nil if there is none.
func FuncForPC(pc uintptr) *Func {
	function, file, line, entry, ok := locate(pc)
	if !ok {
		return nil
	}
	return &Func{function, file, line, entry}
}

// Name returns the function's name, with its package.
func (f *Func) Name() string {
	if f == nil {
		return ""
	}
	return f.name
}

// Entry returns where the function's code starts.
func (f *Func) Entry() uintptr { return f.entry }

// FileLine returns the file and line of pc.
func (f *Func) FileLine(pc uintptr) (file string, line int) {
	if _, file, line, _, ok := locate(pc); ok {
		return file, line
	}
	return "?", 0
}

// Frame is a call on a stack.
type Frame struct {
	PC       uintptr
	Func     *Func
	Function string
	File     string
	Line     int
	Entry    uintptr
}

// Frames walks the result of Callers.
type Frames struct {
	callers []uintptr
}

// CallersFrames prepares to walk the result of Callers.
func CallersFrames(callers []uintptr) *Frames { return &Frames{callers} }

// Next returns the next call, and whether there are more.
func (ci *Frames) Next() (frame Frame, more bool) {
	for len(ci.callers) > 0 {
		pc := ci.callers[0]
		ci.callers = ci.callers[1:]
		if function, file, line, entry, ok := locate(pc); ok {
			f := &Func{function, file, line, entry}
			return Frame{pc, f, function, file, line, entry}, len(ci.callers) > 0
		}
	}
	return Frame{}, false
}
