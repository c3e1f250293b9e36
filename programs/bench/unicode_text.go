// Text in UTF-8: ranging over runes, case, fields, replacing.
package main

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

func main() {
	text := strings.Repeat("Größe café naïve Ωmega 世界 plain ASCII words, and more of them. ", 2000)
	letters, upper, sum := 0, 0, 0
	for range 60 {
		for i, r := range text {
			if unicode.IsLetter(r) {
				letters++
			}
			if unicode.IsUpper(r) {
				upper++
			}
			sum += i & int(r)
		}
		sum += utf8.RuneCountInString(text)
	}
	for range 40 {
		words := strings.Fields(text)
		joined := strings.Join(words, "-")
		sum += len(words) + len(strings.ToUpper(joined)) + strings.Count(joined, "é")
		sum += len(strings.ReplaceAll(joined, "word", "mot")) + strings.Index(joined, "them.-X")
	}
	runes := []rune(text)
	for i, j := 0, len(runes)-1; i < j; i, j = i+1, j-1 {
		runes[i], runes[j] = runes[j], runes[i]
	}
	fmt.Println(letters, upper, sum, len(string(runes)))
}
