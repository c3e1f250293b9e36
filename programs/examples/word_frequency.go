// Counting the words of a text with a Scanner, a map and a sort.
package main

import (
	"bufio"
	"cmp"
	"fmt"
	"slices"
	"strings"
)

const poem = `the stack is small, the stack is young,
it grows when calls are deeply strung;
and when the calls return, the stack
gives half its space, then half, then half back.`

func main() {
	counts := map[string]int{}
	words := bufio.NewScanner(strings.NewReader(poem))
	words.Split(bufio.ScanWords)
	for words.Scan() {
		counts[strings.Trim(words.Text(), ".,;")]++
	}
	if err := words.Err(); err != nil {
		fmt.Println("reading:", err)
		return
	}

	type entry struct {
		word  string
		count int
	}
	var list []entry
	for word, count := range counts {
		list = append(list, entry{word, count})
	}
	slices.SortFunc(list, func(a, b entry) int {
		return cmp.Or(cmp.Compare(b.count, a.count), strings.Compare(a.word, b.word))
	})
	for _, e := range list[:6] {
		fmt.Printf("%-6s %s\n", e.word, strings.Repeat("#", e.count))
	}
}
