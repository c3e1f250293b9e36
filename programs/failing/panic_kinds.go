// How panic prints values of every kind; the last one goes unrecovered.
package main

import (
	"errors"
	"fmt"
	"os"
)

type code int

type named struct{ a, b int }

type stringer struct{}

func (stringer) String() string { return "from String" }

func main() {
	values := []any{1, -2.5, true, 'x', uint8(7), 3i, "text", code(4), errors.New("an error"), stringer{}, nil}
	for _, v := range values {
		func() {
			defer func() { fmt.Println(recover()) }()
			panic(v)
		}()
	}
	if len(os.Args) > 5 {
		return
	}
	panic(named{1, 2})
}
