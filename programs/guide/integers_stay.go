// Integers that equal addresses in the stack are integers: a copy of the stack
// leaves them as they are, in variables, arrays, interfaces, maps and slices,
// while every pointer follows.
package main

import (
	"fmt"
	"os"
	"unsafe"
)

func count(full, small int) int {
	if os.Getenv("PROGRAM_SCALE") == "small" {
		return small
	}
	return full
}

const mask = 0x5a5a_5a5a_5a5a_5a5a

//go:noinline
func grow(depth int) int {
	var frame [32]int
	frame[depth%32] = 1
	if depth == 0 {
		return 1
	}
	return grow(depth-1) + frame[depth%32]
}

//go:noinline
func same(value, masked uint64) bool { return value^mask == masked }

func probe(depth int) {
	local := 7
	p := &local
	address := uint64(uintptr(unsafe.Pointer(p)))
	masked := address ^ mask // looks like no address at all

	array := [3]uint64{address, address + 8, address - 8}
	boxed := any(address)
	table := map[uint64]string{address: "key"}
	values := map[string]uint64{"value": address}
	slice := []uint64{address}
	word := uintptr(address)
	pair := struct {
		pointer *int
		integer uint64
	}{p, address}

	if grow(depth) != depth+1 {
		panic("wrong sum")
	}
	*p = 8

	fmt.Println("variable:", same(address, masked))
	fmt.Println("array:", same(array[0], masked), same(array[1]-8, masked), same(array[2]+8, masked))
	fmt.Println("interface:", same(boxed.(uint64), masked))
	fmt.Println("map key:", table[masked^mask] == "key")
	fmt.Println("map value:", same(values["value"], masked))
	fmt.Println("slice:", same(slice[0], masked))
	fmt.Println("uintptr:", same(uint64(word), masked))
	fmt.Println("struct:", same(pair.integer, masked), pair.pointer == &local, *pair.pointer)
	fmt.Println("pointer followed:", local)
}

func main() {
	done := make(chan bool)
	go func() {
		probe(count(5000, 200))
		done <- true
	}()
	<-done
}
