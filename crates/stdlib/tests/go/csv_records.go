// Records of comma-separated values: random texts read in every way, and written again.
package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
)

var state = uint32(5)

func random(n int) int {
	state = state*1664525 + 1013904223
	return int(state>>8) % n
}

var pieces = []string{"a", "bc", ",", ",", "\"", "\"", "\"\"", "\n", "\r\n", "\r", " ", "é", ";", "#", "\t", "\xff", "\u3000", "long field"}

func text() string {
	var b strings.Builder
	for n := random(25); n > 0; n-- {
		b.WriteString(pieces[random(len(pieces))])
	}
	return b.String()
}

func read(r *csv.Reader) string {
	var b strings.Builder
	for range 40 {
		record, err := r.Read()
		fmt.Fprintf(&b, "%q %v %d", record, err, r.InputOffset())
		for i := range record {
			line, column := r.FieldPos(i)
			fmt.Fprint(&b, " ", line, ":", column)
		}
		b.WriteString("\n")
		if err == io.EOF {
			break
		}
	}
	return b.String()
}

func main() {
	sum := uint32(0)
	for i := range 3000 {
		s := text()
		r := csv.NewReader(strings.NewReader(s))
		r.FieldsPerRecord = random(4) - 1
		r.LazyQuotes = random(3) == 0
		r.TrimLeadingSpace = random(3) == 0
		r.ReuseRecord = random(2) == 0
		r.Comma = []rune{',', ',', ',', ';', 'é', '\t', '\u3000', '"', '\n', 0, 0xFFFD}[random(11)]
		r.Comment = []rune{0, 0, '#', '#', ',', 'é', '\r'}[random(7)]
		out := read(r)
		sum = crc32.Update(sum, crc32.IEEETable, []byte(out))
		if i < 12 {
			fmt.Printf("%q\n%s", s, out)
		}
		all, err := csv.NewReader(&slowly{s, io.EOF}).ReadAll()
		sum = crc32.Update(sum, crc32.IEEETable, []byte(fmt.Sprintf("%q %v", all, err)))

		var b strings.Builder
		w := csv.NewWriter(&b)
		w.UseCRLF = random(3) == 0
		w.Comma = []rune{',', ',', ';', 'é', '\r'}[random(5)]
		record := strings.Split(text(), "\xff")
		err = w.WriteAll([][]string{record, {text(), "", `\.`, " a", "a "}, {}})
		sum = crc32.Update(sum, crc32.IEEETable, []byte(fmt.Sprintf("%q %v %v", b.String(), err, w.Error())))
	}
	fmt.Printf("%08x\n", sum)
	long := strings.Repeat("x", 10000)
	record, err := csv.NewReader(strings.NewReader(long + ",\"" + long + "\n" + long + "\"\n")).Read()
	fmt.Println(len(record), len(record[0]), len(record[1]), err)
	_, err = csv.NewReader(&slowly{"a,b\nc", errors.New("timeout")}).ReadAll()
	fmt.Println(err)
	_, err = csv.NewReader(strings.NewReader("a,\"b\n\nc\"d,e")).ReadAll()
	var wrong *csv.ParseError
	fmt.Println(err, errors.As(err, &wrong), errors.Is(err, csv.ErrQuote), wrong.StartLine, wrong.Line, wrong.Column)
	w := csv.NewWriter(failing{})
	w.Write([]string{long})
	w.Flush()
	fmt.Println(w.Error(), w.Write([]string{"a", "\"b"}))
	defer func() { fmt.Println(recover()) }()
	csv.NewReader(nil).FieldPos(0)
}

// slowly reads one byte at a time, and ends with an error.
type slowly struct {
	text string
	err  error
}

func (s *slowly) Read(p []byte) (int, error) {
	if s.text == "" {
		return 0, s.err
	}
	n := copy(p[:1], s.text)
	s.text = s.text[n:]
	return n, nil
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("failing") }
