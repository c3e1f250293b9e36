package csv

import (
	"bufio"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Writer writes records, through a buffer: Flush has to be called at the end. Its exported fields may be set before the first record is written.
type Writer struct {
	Comma   rune // between fields: ','
	UseCRLF bool // end lines with \r\n
	w       *bufio.Writer
}

// NewWriter returns a Writer to w.
func NewWriter(w io.Writer) *Writer { return &Writer{Comma: ',', w: bufio.NewWriter(w)} }

// Write writes a record, with quotes around the fields that need them.
func (w *Writer) Write(record []string) error {
	if !validDelimiter(w.Comma) {
		return errDelimiter
	}
	for i, field := range record {
		if i > 0 {
			if _, err := w.w.WriteRune(w.Comma); err != nil {
				return err
			}
		}
		if err := w.field(field); err != nil {
			return err
		}
	}
	end := "\n"
	if w.UseCRLF {
		end = "\r\n"
	}
	_, err := w.w.WriteString(end)
	return err
}

func (w *Writer) field(field string) error {
	if !w.needsQuotes(field) {
		_, err := w.w.WriteString(field)
		return err
	}
	if err := w.w.WriteByte('"'); err != nil {
		return err
	}
	for field != "" {
		n := strings.IndexAny(field, "\"\r\n")
		if n < 0 {
			n = len(field)
		}
		if _, err := w.w.WriteString(field[:n]); err != nil {
			return err
		}
		field = field[n:]
		if field == "" {
			break
		}
		special := field[:1]
		switch {
		case special == `"`:
			special = `""`
		case w.UseCRLF && special == "\n":
			special = "\r\n"
		case w.UseCRLF:
			special = ""
		}
		if _, err := w.w.WriteString(special); err != nil {
			return err
		}
		field = field[1:]
	}
	return w.w.WriteByte('"')
}

// needsQuotes tells whether a field would be read differently without quotes, or by others: \. alone ends PostgreSQL's input.
func (w *Writer) needsQuotes(field string) bool {
	if field == "" {
		return false
	}
	if field == `\.` || strings.ContainsRune(field, w.Comma) || strings.ContainsAny(field, "\"\r\n") {
		return true
	}
	c, _ := utf8.DecodeRuneInString(field)
	return unicode.IsSpace(c)
}

// Flush writes what is in the buffer. Error tells whether that failed.
func (w *Writer) Flush() { w.w.Flush() }

// Error returns the error of an earlier Write or Flush.
func (w *Writer) Error() error {
	_, err := w.w.Write(nil)
	return err
}

// WriteAll writes records and flushes.
func (w *Writer) WriteAll(records [][]string) error {
	for _, record := range records {
		if err := w.Write(record); err != nil {
			return err
		}
	}
	return w.w.Flush()
}
