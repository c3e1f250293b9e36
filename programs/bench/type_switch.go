// Type switches and assertions: an evaluator over a tree of interface values.
package main

import "fmt"

type number int
type variable string
type add struct{ a, b any }
type mul struct{ a, b any }
type neg struct{ a any }

type namer interface{ name() string }

func (v variable) name() string { return string(v) }

func eval(e any, x int) int {
	switch e := e.(type) {
	case number:
		return int(e)
	case *add:
		return eval(e.a, x) + eval(e.b, x)
	case *mul:
		return eval(e.a, x) * eval(e.b, x)
	case neg:
		return -eval(e.a, x)
	case namer:
		if e.name() == "x" {
			return x
		}
		return 0
	case nil:
		return 1
	}
	panic("unknown node")
}

func main() {
	var e any = number(3)
	for i := range 12 {
		switch i % 4 {
		case 0:
			e = &add{e, variable("x")}
		case 1:
			e = &mul{e, number(i)}
		case 2:
			e = neg{e}
		case 3:
			e = &add{e, nil}
		}
	}
	sum := 0
	for x := range 3_000_000 {
		sum += eval(e, x%1000)
		if n, ok := any(x).(number); ok {
			sum += int(n)
		}
	}
	fmt.Println(sum)
}
