// Package csv reads and writes comma-separated values (RFC 4180).
package csv

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode"
	"unicode/utf8"
)

// What can be wrong with an input; ErrTrailingComma is not used any more.
var (
	ErrBareQuote     = errors.New("bare \" in non-quoted-field")
	ErrQuote         = errors.New("extraneous or missing \" in quoted-field")
	ErrFieldCount    = errors.New("wrong number of fields")
	ErrTrailingComma = errors.New("extra delimiter at end of line")
)

var errDelimiter = errors.New("csv: invalid field or comment delimiter")

// ParseError says where an input is wrong. Lines and columns, in bytes, are counted from 1.
type ParseError struct {
	StartLine int // where the record begins
	Line      int
	Column    int
	Err       error
}

func (e *ParseError) Error() string {
	switch {
	case e.Err == ErrFieldCount:
		return fmt.Sprintf("record on line %d: %v", e.Line, e.Err)
	case e.StartLine != e.Line:
		return fmt.Sprintf("record on line %d; parse error on line %d, column %d: %v", e.StartLine, e.Line, e.Column, e.Err)
	}
	return fmt.Sprintf("parse error on line %d, column %d: %v", e.Line, e.Column, e.Err)
}

// Unwrap returns what is wrong.
func (e *ParseError) Unwrap() error { return e.Err }

func validDelimiter(r rune) bool {
	return r != 0 && r != '"' && r != '\r' && r != '\n' && utf8.ValidRune(r) && r != utf8.RuneError
}

type position struct{ line, column int }

// Reader reads records. Its exported fields may be set before the first one is read.
type Reader struct {
	Comma            rune // between fields: ','
	Comment          rune // at the beginning of lines that are skipped; 0: none
	FieldsPerRecord  int  // that each record must have; 0: as many as the first; negative: any number
	LazyQuotes       bool // allow quotes in unquoted fields, and single quotes in quoted ones
	TrimLeadingSpace bool // drop white space at the beginning of fields
	ReuseRecord      bool // return the same slice from each Read
	TrailingComma    bool // not used any more

	r       *bufio.Reader
	line    int
	offset  int64
	long    []byte     // a line that did not fit into r's buffer
	text    []byte     // the fields of the record, one after the other
	ends    []int      // where they end in it
	starts  []position // where they begin in the input
	records []string   // what the last Read returned, if it is to be used again
}

// NewReader returns a Reader of r.
func NewReader(r io.Reader) *Reader { return &Reader{Comma: ',', r: bufio.NewReader(r)} }

// Read reads a record, io.EOF when there is none. With a wrong number of fields it returns them and the error.
func (r *Reader) Read() (record []string, err error) {
	if !r.ReuseRecord {
		return r.record(nil)
	}
	record, err = r.record(r.records)
	r.records = record
	return record, err
}

// FieldPos returns where a field of the last record begins.
func (r *Reader) FieldPos(field int) (line, column int) {
	if field < 0 || field >= len(r.starts) {
		panic("out of range index passed to FieldPos")
	}
	at := r.starts[field]
	return at.line, at.column
}

// InputOffset returns how many bytes of the input have been read as records.
func (r *Reader) InputOffset() int64 { return r.offset }

// ReadAll reads all records.
func (r *Reader) ReadAll() (records [][]string, err error) {
	for {
		record, err := r.record(nil)
		if err == io.EOF {
			return records, nil
		}
		if err != nil {
			return nil, err
		}
		records = append(records, record)
	}
}

// next reads a line with its end, which is \n in any case; the last line may have none. The line is valid until the next call.
func (r *Reader) next() ([]byte, error) {
	line, err := r.r.ReadSlice('\n')
	if err == bufio.ErrBufferFull {
		r.long = append(r.long[:0], line...)
		for err == bufio.ErrBufferFull {
			line, err = r.r.ReadSlice('\n')
			r.long = append(r.long, line...)
		}
		line = r.long
	}
	n := len(line)
	if n > 0 && err == io.EOF {
		err = nil
		if line[n-1] == '\r' {
			line = line[:n-1]
		}
	}
	r.line++
	r.offset += int64(n)
	if end := len(line); end >= 2 && line[end-2] == '\r' && line[end-1] == '\n' {
		line[end-2] = '\n'
		line = line[:end-1]
	}
	return line, err
}

// lineEnd returns the length of the line's end.
func lineEnd(line []byte) int {
	if len(line) > 0 && line[len(line)-1] == '\n' {
		return 1
	}
	return 0
}

func first(b []byte) rune {
	r, _ := utf8.DecodeRune(b)
	return r
}

// begin reads to the first line of a record.
func (r *Reader) begin() (line []byte, err error) {
	for {
		line, err = r.next()
		if r.Comment != 0 && first(line) == r.Comment {
			if err != nil {
				return nil, err
			}
			continue
		}
		if err != nil || len(line) > lineEnd(line) {
			return line, err
		}
	}
}

func (r *Reader) record(record []string) ([]string, error) {
	if r.Comma == r.Comment || !validDelimiter(r.Comma) || r.Comment != 0 && !validDelimiter(r.Comment) {
		return nil, errDelimiter
	}
	line, readErr := r.begin()
	if readErr == io.EOF {
		return nil, readErr
	}
	r.text, r.ends, r.starts = r.text[:0], r.ends[:0], r.starts[:0]
	start := r.line
	err := r.fields(line, readErr)

	text := string(r.text)
	if cap(record) < len(r.ends) {
		record = make([]string, len(r.ends))
	}
	record = record[:len(r.ends)]
	from := 0
	for i, end := range r.ends {
		record[i] = text[from:end]
		from = end
	}
	switch {
	case r.FieldsPerRecord > 0:
		if len(record) != r.FieldsPerRecord && err == nil {
			err = &ParseError{StartLine: start, Line: start, Column: 1, Err: ErrFieldCount}
		}
	case r.FieldsPerRecord == 0:
		r.FieldsPerRecord = len(record)
	}
	return record, err
}

// end ends a field that began there.
func (r *Reader) end(start position) {
	r.ends = append(r.ends, len(r.text))
	r.starts = append(r.starts, start)
}

// fields reads the fields of a record that begins with this line, which came with readErr.
func (r *Reader) fields(line []byte, readErr error) error {
	comma := utf8.RuneLen(r.Comma)
	start := r.line
	at := position{start, 1}
	wrong := func(line, column int, err error) error { return &ParseError{start, line, column, err} }
	for {
		if r.TrimLeadingSpace {
			n := bytes.IndexFunc(line, func(c rune) bool { return !unicode.IsSpace(c) })
			if n < 0 {
				n = len(line)
				at.column -= lineEnd(line)
			}
			line = line[n:]
			at.column += n
		}
		if len(line) == 0 || line[0] != '"' {
			n := bytes.IndexRune(line, r.Comma)
			field := line[:len(line)-lineEnd(line)]
			if n >= 0 {
				field = line[:n]
			}
			if !r.LazyQuotes {
				if quote := bytes.IndexByte(field, '"'); quote >= 0 {
					return wrong(r.line, at.column+quote, ErrBareQuote)
				}
			}
			r.text = append(r.text, field...)
			r.end(at)
			if n < 0 {
				return readErr
			}
			line = line[n+comma:]
			at.column += n + comma
			continue
		}

		began := at
		line = line[1:]
		at.column++
	quoted:
		for {
			n := bytes.IndexByte(line, '"')
			switch {
			case n >= 0:
				r.text = append(r.text, line[:n]...)
				line = line[n+1:]
				at.column += n + 1
				switch c := first(line); {
				case c == '"':
					r.text = append(r.text, '"')
					line = line[1:]
					at.column++
				case c == r.Comma:
					line = line[comma:]
					at.column += comma
					r.end(began)
					break quoted
				case len(line) == lineEnd(line):
					r.end(began)
					return readErr
				case r.LazyQuotes:
					r.text = append(r.text, '"')
				default:
					return wrong(r.line, at.column-1, ErrQuote)
				}
			case len(line) > 0:
				// The field goes on in the next line.
				r.text = append(r.text, line...)
				if readErr != nil {
					return readErr
				}
				at.column += len(line)
				line, readErr = r.next()
				if len(line) > 0 {
					at = position{at.line + 1, 1}
				}
				if readErr == io.EOF {
					readErr = nil
				}
			default:
				if !r.LazyQuotes && readErr == nil {
					return wrong(at.line, at.column, ErrQuote)
				}
				r.end(began)
				return readErr
			}
		}
	}
}
