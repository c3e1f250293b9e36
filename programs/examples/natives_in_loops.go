// Natives in hot loops: their results, their panics with the right line, and strings made from everything.
package main

import (
	"fmt"
	"hash/crc32"
	"math/bits"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"sync/atomic"
	"unicode"
	"unicode/utf8"
	"unsafe"
)

// try runs f and tells what it panicked with, and in which line.
func try(name string, f func()) {
	defer func() {
		if e := recover(); e != nil {
			var pcs [16]uintptr
			frames := runtime.CallersFrames(pcs[:runtime.Callers(0, pcs[:])])
			line := 0
			for {
				frame, more := frames.Next()
				if strings.HasPrefix(frame.Function, "main.hot") {
					line = frame.Line
					break
				}
				if !more {
					break
				}
			}
			fmt.Println(name, e, "line", line)
		}
	}()
	f()
}

func hotSwap(n int, p *unsafe.Pointer, with unsafe.Pointer) (same int) {
	for range n {
		if atomic.SwapPointer(p, with) == with {
			same++
		}
	}
	return same
}

func hotCRC(n int, table *crc32.Table, text []byte) (sum uint32) {
	for range n {
		sum = crc32.Update(sum, table, text)
	}
	return sum
}

func hotAnd(n int, word *uint32) (old uint32) {
	for i := range n {
		old ^= atomic.AndUint32(word, uint32(i))
	}
	return old
}

func hotDivide(n int, by uint64) (sum uint64) {
	for i := range n {
		quo, rem := bits.Div64(uint64(i)%7, uint64(i)*0x9E3779B97F4A7C15, by)
		sum += quo ^ rem
	}
	return sum
}

// held has values in registers over calls of natives.
func held(text string, n int) (sum int) {
	at, step, low, high := 3, 7, 1<<40, -1
	for i := range n {
		at = (at + step) % len(text)
		a := strings.IndexByte(text[at:], 'e')
		b := strings.Count(text, "an") + utf8.RuneCountInString(text[:at])
		low, high = min(low, a), max(high, b)
		sum += a*step + b - at ^ i
	}
	return sum + low + high
}

// pieces makes strings that die at once, while others live.
func pieces(n int) (string, int) {
	kept, total := "", 0
	for i := range n {
		r := rune(i * 37 % 0x11000)
		s := "<" + strconv.Itoa(i-n/2) + string(r) + ">"
		bytes := []byte(s)
		bytes[0] = byte('a' + i%26)
		t := string(bytes[:len(bytes)-1])
		total += len(t + s)
		if i%1000 == 0 {
			kept += t[:1] + s[len(s)-1:] + ""
		}
		if unicode.IsLetter(r) {
			total++
		}
		if unicode.ToUpper(r) != r || unicode.IsPunct(unicode.ToLower(r)) {
			total += 2
		}
	}
	return kept, total
}

func main() {
	var place unsafe.Pointer
	fmt.Println(hotSwap(5000, &place, unsafe.Pointer(&place)))
	fmt.Println(hotCRC(5000, crc32.IEEETable, []byte("native")))
	word := ^uint32(0)
	fmt.Println(hotAnd(5000, &word), word)
	fmt.Println(hotDivide(5000, 12345))
	fmt.Println(held("the quick brown fox can and cannot jump over a lazy dog, né", 20000))
	fmt.Println(pieces(20000))

	try("swap", func() { hotSwap(5, nil, nil) })
	try("and", func() { hotAnd(5, nil) })
	try("divide", func() { hotDivide(5, 0) })
	try("overflow", func() { hotDivide(7000, 3) })
	swap := func(s []string) func(i, j int) {
		return func(i, j int) { s[i], s[j] = s[j], s[i] }
	}([]string{"a", "b"})
	try("index", func() { swap(0, 2) })
	names := []string{"pear", "fig", "apple", "kiwi"}
	for range 3000 {
		sort.Strings(names)
		names[0], names[3] = names[3], names[0]
	}
	fmt.Println(names)

	for _, n := range []int64{0, 9, 10, 99, 100, 101, 999, 1000, 12345, -1, -10, -99, -100, -101, 1<<63 - 1, -1 << 63} {
		fmt.Print(strconv.FormatInt(n, 10), " ", string(strconv.AppendInt(nil, n, 10)), " ", strconv.FormatInt(n, 36), " ")
		fmt.Println(strconv.FormatUint(uint64(n), 10), string(strconv.AppendUint([]byte("u"), uint64(n), 10)))
	}
	fmt.Println(strings.ToUpper("Straße ŉ ÿ ǆ abc"), strings.ToLower("ÀÉÎ ΑΣ İ XYZ"), strings.ToUpper("ok\xff\xfe"))
}
