// String scanning: a lexer for a small language, over a large text.
package main

import (
	"fmt"
	"strings"
)

type kind int

const (
	eof kind = iota
	name
	number
	text
	operator
	keyword
)

type token struct {
	kind kind
	text string
	line int
}

type lexer struct {
	src  string
	pos  int
	line int
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

func (l *lexer) next() token {
	for l.pos < len(l.src) {
		c := l.src[l.pos]
		if c == '\n' {
			l.line++
		} else if c != ' ' && c != '\t' {
			break
		}
		l.pos++
	}
	if l.pos == len(l.src) {
		return token{eof, "", l.line}
	}
	start := l.pos
	c := l.src[l.pos]
	switch {
	case isLetter(c):
		for l.pos < len(l.src) && (isLetter(l.src[l.pos]) || isDigit(l.src[l.pos])) {
			l.pos++
		}
		word := l.src[start:l.pos]
		switch word {
		case "func", "return", "if", "else", "for", "var":
			return token{keyword, word, l.line}
		}
		return token{name, word, l.line}
	case isDigit(c):
		for l.pos < len(l.src) && isDigit(l.src[l.pos]) {
			l.pos++
		}
		return token{number, l.src[start:l.pos], l.line}
	case c == '"':
		l.pos++
		for l.src[l.pos] != '"' {
			if l.src[l.pos] == '\\' {
				l.pos++
			}
			l.pos++
		}
		l.pos++
		return token{text, l.src[start:l.pos], l.line}
	}
	l.pos++
	return token{operator, l.src[start:l.pos], l.line}
}

const page = `func area(width, height) {
	if width < 0 { return "negative \"width\"" }
	var result = width * height + 12345
	for i = 0; i < 10; i = i + 1 { result = result - i }
	return result
}
`

func main() {
	src := strings.Repeat(page, 8000)
	var counts [keyword + 1]int
	sum := 0
	for range 90 {
		l := lexer{src: src, line: 1}
		for {
			t := l.next()
			counts[t.kind]++
			sum += len(t.text) * (t.line & 15)
			if t.kind == eof {
				break
			}
		}
	}
	fmt.Println(counts, sum)
}
