// Package runtime is the virtual machine as the program sees it.
package runtime

// Compiler names the compiler; programs know only this one.
const Compiler = "gc"

// GOOS and GOARCH are the system and the architecture.
const (
	GOOS   string = "linux"
	GOARCH string = "amd64"
)

// MemProfileRate is how many bytes are allocated between two samples of a memory profile; it has no effect.
var MemProfileRate int = 512 * 1024

// Version returns the version of the language that the machine runs.
func Version() string { return "go1.27" }

// GOROOT returns $GOROOT; the machine needs none.
func GOROOT() string { return "" }

// Gosched lets other goroutines run.
func Gosched()

// Goexit ends the goroutine after its deferred calls.
func Goexit()

// GC collects garbage.
func GC()

// NumGoroutine returns how many goroutines exist.
func NumGoroutine() int

// NumCPU returns how many processors the process may use.
func NumCPU() int

// GOMAXPROCS sets how many processors run goroutines at a time, if n > 0, and returns the previous number.
func GOMAXPROCS(n int) int

// SetDefaultGOMAXPROCS sets what GOMAXPROCS is by default.
func SetDefaultGOMAXPROCS() { GOMAXPROCS(NumCPU()) }

// NumCgoCall returns how many calls of C there were: none.
func NumCgoCall() int64 { return 0 }

// LockOSThread wires the goroutine to its thread: it runs on no other, and no other goroutine on it, until UnlockOSThread has been called as often.
func LockOSThread()

// UnlockOSThread undoes one LockOSThread.
func UnlockOSThread()

// Breakpoint stops in a debugger, if one is attached.
func Breakpoint() {}

// KeepAlive keeps x reachable until here.
func KeepAlive(x any) {}

// Stack writes the trace of the goroutine, or of all, to buf and returns how much it wrote.
func Stack(buf []byte, all bool) int

// fatal ends the program with "fatal error: " and text.
func fatal(text string)

// Error is an error of the machine: an index out of range, a nil dereference and so on.
type Error interface {
	error
	// RuntimeError tells it from other errors.
	RuntimeError()
}

// errorString is an error whose text has a prefix.
type errorString string

func (e errorString) Error() string { return "runtime error: " + string(e) }
func (e errorString) RuntimeError() {}

// boundsError is an index or slice expression out of bounds.
type boundsError string

func (e boundsError) Error() string { return "runtime error: " + string(e) }
func (e boundsError) RuntimeError() {}

// plainError is an error whose text has no prefix.
type plainError string

func (e plainError) Error() string { return string(e) }
func (e plainError) RuntimeError() {}

// TypeAssertionError is a failed type assertion.
type TypeAssertionError struct {
	text string
}

func (e *TypeAssertionError) Error() string { return e.text }

// RuntimeError makes it an Error.
func (*TypeAssertionError) RuntimeError() {}

// PanicNilError is what recover returns after panic(nil).
type PanicNilError struct {
	_ [0]func() // not comparable
}

func (*PanicNilError) Error() string {
	return "runtime error: panic called with nil argument"
}

// RuntimeError makes it an Error.
func (*PanicNilError) RuntimeError() {}

// Pinner keeps objects where they are, which they are anyway.
type Pinner struct {
	pinned []any
}

// Pin pins what pointer points to.
func (p *Pinner) Pin(pointer any) { p.pinned = append(p.pinned, pointer) }

// Unpin unpins all.
func (p *Pinner) Unpin() { p.pinned = nil }
