// m[k] op= v looks its element up once: a division that panics leaves no element behind, a shift does, and v may change the map.
package main

import (
	"fmt"
	"math"
	"sort"
)

func try(name string, f func()) {
	defer func() {
		if e := recover(); e != nil {
			fmt.Println(name, "panics:", e)
		}
	}()
	f()
}

type point struct{ x, y int32 }

func count(words []string, counts map[string]int) {
	for _, w := range words {
		counts[w]++
	}
}

func main() {
	counts := map[string]int{}
	for i := range 3000 {
		count([]string{"a", "bb", fmt.Sprint("w", i%70), string(rune('a'+i%26)) + "x"}, counts)
	}
	keys := make([]string, 0, len(counts))
	for k := range counts {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	fmt.Println(len(keys), keys[:5], counts["a"], counts["bb"], counts["w69"], counts["zx"])

	ints := map[int]int{}
	grow := func(n int) int {
		for i := range n {
			ints[1000+i] -= i
		}
		return n
	}
	for i := range 40 {
		ints[i] += grow(i * 10)
		ints[i] <<= 1
		ints[i] |= 1
		ints[i] &^= 2
		ints[i] *= 3
	}
	fmt.Println(len(ints), ints[0], ints[39], ints[1005])

	zero := 0
	try("division", func() { ints[-5] /= zero })
	try("remainder", func() { ints[-6] %= zero })
	shift := -1
	try("shift", func() { ints[-7] <<= shift })
	_, a := ints[-5]
	_, b := ints[-6]
	_, c := ints[-7]
	fmt.Println(a, b, c)

	var none map[string]float64
	try("nil map", func() { none["x"] += 1.5 })
	try("nil map of words", func() { var m map[int]int; m[3]++ })
	odd := map[any]int{}
	odd[1]++
	odd["one"] += 2
	odd[point{1, 2}]--
	try("unhashable", func() { odd[[]int{1}]++ })
	fmt.Println(len(odd), odd[1], odd["one"], odd[point{1, 2}])

	floats := map[float64]float64{}
	for range 3 {
		floats[math.NaN()]++
		floats[math.Copysign(0, -1)] += 0.5
		floats[0] *= 2
	}
	fmt.Println(len(floats), floats[0])
	small := map[int8]uint8{}
	complexes := map[point]complex128{}
	texts := map[uint16]string{}
	for i := range 300 {
		small[int8(i)] += uint8(i)
		complexes[point{int32(i % 3), 7}] += complex(float64(i), 1)
		texts[uint16(i%5)] += fmt.Sprint(i, ",")
	}
	fmt.Println(len(small), small[3], small[-100], complexes[point{2, 7}], len(texts[4]), texts[1][:12])
	// The last of equal keys stays.
	long := "prefix:key and more text"
	byText := map[string]int{}
	for i := range 20 {
		byText[fmt.Sprint("k", i)] += i
	}
	for range 3 {
		byText[long[7:10]]++
		byText["key"] += 10
	}
	fmt.Println(byText["key"], len(byText))
}
