// Strings made from pieces: concatenation, Builder, byte slices, formatting of numbers.
package main

import (
	"fmt"
	"strconv"
	"strings"
)

func hash(s string) uint32 {
	h := uint32(2166136261)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h
}

func main() {
	var total uint32
	for round := range 150 {
		var b strings.Builder
		for i := range 10_000 {
			b.WriteString("item ")
			b.WriteString(strconv.Itoa(i * round))
			b.WriteByte(';')
		}
		total += hash(b.String())
	}
	s := ""
	for i := range 6000 {
		s += string(rune('a' + i%26))
	}
	total += hash(s)
	for i := range 400_000 {
		key := "k" + strconv.Itoa(i) + ":" + s[i%100:i%100+8]
		total += uint32(len(key)) + uint32(key[len(key)-1])
	}
	buf := []byte(nil)
	for i := range 1_000_000 {
		buf = strconv.AppendInt(buf[:i%64], int64(i), 10)
		total += uint32(buf[len(buf)-1])
	}
	fmt.Println(total)
}
