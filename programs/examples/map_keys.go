// Maps by keys of all widths, and keys that are bytes: those are not copied to be looked up, compared or switched on.
package main

import (
	"fmt"
	"runtime"
)

type pair struct{ a, b byte }
type half [2]int16
type text string

func narrow[K comparable](name string, key func(i int) K) {
	m := map[K]int{}
	for i := range 300 {
		m[key(i)] += i
	}
	for i := range 300 {
		if i%3 == 0 {
			delete(m, key(i))
		}
		if i%5 == 0 {
			m[key(i)]++
		}
	}
	sum, found := 0, 0
	for i := -10; i < 310; i++ {
		sum += m[key(i)]
		if _, ok := m[key(i)]; ok {
			found++
		}
	}
	clear(m)
	_, ok := m[key(1)]
	fmt.Println(name, sum, found, len(m), ok)
}

// The number of objects that f allocates in 1000 calls is small.
func none(name string, f func()) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 1000 {
		f()
	}
	runtime.ReadMemStats(&after)
	fmt.Println(name, after.Mallocs-before.Mallocs < 100)
}

func kind(b []byte) int {
	switch string(b) {
	case "one":
		return 1
	case "two", "zwei":
		return 2
	case "three":
		return 3
	case "":
		return 0
	case "four":
		return 4
	}
	return -1
}

func main() {
	narrow("int8", func(i int) int8 { return int8(i) })
	narrow("uint8", func(i int) uint8 { return uint8(i * 7) })
	narrow("bool", func(i int) bool { return i%2 == 0 })
	narrow("int16", func(i int) int16 { return int16(-i * 111) })
	narrow("uint16", func(i int) uint16 { return uint16(i * 777) })
	narrow("rune", func(i int) rune { return rune(i) - 150 })
	narrow("uint32", func(i int) uint32 { return uint32(-i) })
	narrow("int64", func(i int) int64 { return int64(-i) << 33 })
	narrow("pair", func(i int) pair { return pair{byte(i), byte(-i)} })
	narrow("half", func(i int) half { return half{int16(i), -1} })
	narrow("float", func(i int) float64 { return float64(i) / 3 })
	narrow("string", func(i int) string { return fmt.Sprint(i) })
	narrow("pointer", func() func(i int) *int {
		ps := map[int]*int{}
		return func(i int) *int {
			if ps[i] == nil {
				ps[i] = new(int)
			}
			return ps[i]
		}
	}())

	long := []byte("a key that is longer than any buffer for small strings would be, so that copies show")
	m := map[string]int{string(long): 1, "": 2, "x": 3}
	named := map[text]bool{text(long): true}
	sum := 0
	none("lookup", func() { sum += m[string(long)] })
	none("lookup with ok", func() {
		if v, ok := m[string(long[:len(long)-1])]; ok {
			sum += v * 1000000
		}
	})
	none("named", func() {
		if named[text(long)] {
			sum++
		}
	})
	none("comparison", func() {
		if string(long) == "a key" || string(long[2:5]) != "key" {
			sum += 1000000
		}
		if string(long) < string(long[2:]) {
			sum++
		}
	})
	none("switch", func() { sum += kind(long) })
	fmt.Println(sum, m[string(long[:0])], m[string([]byte(nil))], m[string(long[10:11])], m[string([]byte("x"))])
	fmt.Println(kind([]byte("zwei")), kind(nil), kind([]byte("four")), kind([]byte("fourth")))

	// What is kept is a copy.
	m[string(long[:5])] = 4
	m[string(long[2:5])]++
	long[2] = 'K'
	fmt.Println(m["a key"], m["key"], m["a Key"], m[string(long[:5])])
	if v, ok := m[string(long[:5])]; !ok {
		fmt.Println("absent", v)
	}
	slices := map[string][]byte{"one": []byte("two"), "two": []byte("three")}
	at := []byte("one")
	for range 3 {
		at = slices[string(at)]
		fmt.Printf("%q\n", at)
	}
	var nothing map[string]int
	fmt.Println(nothing[string(long)])
}
