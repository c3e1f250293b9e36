// A switch in a loop: an interpreter for a small stack machine.
package main

import "fmt"

type opcode byte

const (
	push opcode = iota
	load
	store
	add
	sub
	mul
	less
	jump
	jumpIfZero
	halt
)

type instruction struct {
	op  opcode
	arg int
}

type machine struct {
	stack  [32]int
	locals [8]int
	sp     int
}

func (m *machine) run(code []instruction) (steps int) {
	for pc := 0; ; {
		in := code[pc]
		pc++
		steps++
		switch in.op {
		case push:
			m.stack[m.sp] = in.arg
			m.sp++
		case load:
			m.stack[m.sp] = m.locals[in.arg]
			m.sp++
		case store:
			m.sp--
			m.locals[in.arg] = m.stack[m.sp]
		case add:
			m.sp--
			m.stack[m.sp-1] += m.stack[m.sp]
		case sub:
			m.sp--
			m.stack[m.sp-1] -= m.stack[m.sp]
		case mul:
			m.sp--
			m.stack[m.sp-1] *= m.stack[m.sp]
		case less:
			m.sp--
			if m.stack[m.sp-1] < m.stack[m.sp] {
				m.stack[m.sp-1] = 1
			} else {
				m.stack[m.sp-1] = 0
			}
		case jump:
			pc = in.arg
		case jumpIfZero:
			m.sp--
			if m.stack[m.sp] == 0 {
				pc = in.arg
			}
		case halt:
			return steps
		}
	}
}

func main() {
	code := []instruction{
		{push, 0}, {store, 0}, // i = 0
		{push, 1}, {store, 1}, // x = 1
		{load, 0}, {push, 10_000_000}, {less, 0}, {jumpIfZero, 19}, // while i < n
		{load, 1}, {push, 3}, {mul, 0}, {load, 0}, {add, 0}, {store, 1}, // x = x*3 + i
		{load, 0}, {push, 1}, {add, 0}, {store, 0}, // i = i + 1
		{jump, 4},
		{halt, 0},
	}
	var m machine
	steps := m.run(code)
	fmt.Println(steps, m.locals[1])
}
