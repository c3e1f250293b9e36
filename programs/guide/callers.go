// Walking one's own stack: runtime.Callers, CallersFrames and Caller name the
// functions and lines, from the innermost outwards.
package main

import (
	"fmt"
	"runtime"
	"strings"
)

type walker struct{}

//go:noinline
func (walker) here() []string {
	pcs := make([]uintptr, 16)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	var names []string
	for {
		frame, more := frames.Next()
		if strings.HasPrefix(frame.Function, "main.") {
			names = append(names, fmt.Sprintf("%s at line %d", frame.Function, frame.Line))
		}
		if !more {
			return names
		}
	}
}

//go:noinline
func middle(depth int, w walker) []string {
	if depth > 0 {
		return middle(depth-1, w)
	}
	return w.here()
}

func main() {
	for _, line := range middle(2, walker{}) {
		fmt.Println(line)
	}
	closure := func() []string { return walker{}.here() }
	fmt.Println(len(closure()) >= 2)

	_, file, line, ok := runtime.Caller(0)
	fmt.Println(file[strings.LastIndex(file, "/")+1:], line, ok)
}
