// Command rand writes the table that math/rand's generator is seeded with, the state of an additive lagged Fibonacci
// generator (607, 273) after 7.8e12 steps. It takes it, as a fact, from the Go toolchain that runs it: a seeded
// source's state is the table xor numbers that the seed gives.
//
//	go run crates/stdlib/gen/rand/main.go crates/stdlib
package main

import (
	"bytes"
	"fmt"
	"math/rand"
	"os"
)

const (
	length = 607
	tap    = 273
)

// state runs the generator backwards from its first outputs: each is the sum of two elements, of which the first
// is replaced by it.
func state(seed int64) [length]uint64 {
	src := rand.NewSource(seed).(rand.Source64)
	var out [length]uint64
	for i := range out {
		out[i] = src.Uint64()
	}
	// Output i replaces element (length-tap-1-i) mod length; after length outputs each element is one of them.
	var vec [length]uint64
	for i := range out {
		vec[(2*length-tap-1-i)%length] = out[i]
	}
	for i := length - 1; i >= 0; i-- {
		feed := (2*length - tap - 1 - i) % length
		at := (2*length - 1 - i) % length
		vec[feed] -= vec[at]
	}
	return vec
}

func main() {
	seedrand := func(x int32) int32 {
		hi, lo := x/44488, x%44488
		if x = 48271*lo - 3399*hi; x < 0 {
			x += 1<<31 - 1
		}
		return x
	}
	vec := state(1)
	x := int32(1)
	for range 20 {
		x = seedrand(x)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "//! The table of math/rand's generator, written by gen/rand; change that instead.\n\n")
	fmt.Fprintf(&b, "#[rustfmt::skip]\npub static COOKED: [u64; %d] = [\n", length)
	for i := range vec {
		var u uint64
		for shift := 40; shift >= 0; shift -= 20 {
			x = seedrand(x)
			u ^= uint64(int64(x) << shift)
		}
		fmt.Fprintf(&b, " %s0x%016x,", map[bool]string{true: "   "}[i%5 == 0], vec[i]^u)
		if i%5 == 4 || i == length-1 {
			fmt.Fprintln(&b)
		}
	}
	fmt.Fprintf(&b, "];\n")
	if err := os.WriteFile(os.Args[1]+"/src/natives/rand_table.rs", b.Bytes(), 0o666); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
