// Package tabwriter aligns tab-separated columns with the elastic tabstops of Nick Gravgaard.
package tabwriter

import (
	"fmt"
	"io"
	"unicode/utf8"
)

// The flags of a Writer.
const (
	FilterHTML          uint = 1 << iota // tags have no width, entities that of one character
	StripEscape                          // drop the Escape characters
	AlignRight                           // text at the right of its cell
	DiscardEmptyColumns                  // drop columns that are empty and not ended by a horizontal tab
	TabIndent                            // pad leading empty cells with tabs
	Debug                                // show columns with '|'
)

// Escape encloses text that is passed on as it is.
const Escape = '\xff'

// cell is a piece of text in a line, ended by a tab.
type cell struct {
	size  int  // in bytes
	width int  // in characters
	htab  bool // ended by a horizontal tab
}

// Writer aligns the columns of what is written to it. A cell belongs to a column when a tab ends it; a column is a
// block of neighbouring lines with such cells.
type Writer struct {
	out                         io.Writer
	minwidth, tabwidth, padding int
	padchar                     byte
	flags                       uint

	buf     []byte // text of the lines, without tabs and newlines
	pos     int    // up to where the current cell's width is known
	cur     cell   // not yet ended
	endChar byte   // what ends the escaped text we are in, or 0
	lines   [][]cell
	widths  []int // of the columns to the left of what is being formatted
}

// failure carries a write error out of the formatting.
type failure struct{ err error }

// NewWriter returns a Writer; see Init.
func NewWriter(output io.Writer, minwidth, tabwidth, padding int, padchar byte, flags uint) *Writer {
	return new(Writer).Init(output, minwidth, tabwidth, padding, padchar, flags)
}

// Init sets the least width of a cell with its padding, the width of a tab, the padding added to a cell, the character to
// pad with (for '\t' cells are left-aligned and tabwidth is that of the output) and flags. It panics if one is negative.
func (b *Writer) Init(output io.Writer, minwidth, tabwidth, padding int, padchar byte, flags uint) *Writer {
	if minwidth < 0 || tabwidth < 0 || padding < 0 {
		panic("negative minwidth, tabwidth, or padding")
	}
	if padchar == '\t' {
		flags &^= AlignRight
	}
	*b = Writer{out: output, minwidth: minwidth, tabwidth: tabwidth, padding: padding, padchar: padchar, flags: flags}
	b.reset()
	return b
}

func (b *Writer) reset() {
	b.buf = b.buf[:0]
	b.pos = 0
	b.cur = cell{}
	b.endChar = 0
	b.lines = append(b.lines[:0], nil)
	b.widths = b.widths[:0]
}

func (b *Writer) emit(p []byte) {
	n, err := b.out.Write(p)
	if n != len(p) && err == nil {
		err = io.ErrShortWrite
	}
	if err != nil {
		panic(failure{err})
	}
}

func (b *Writer) emitN(c byte, n int) {
	if n <= 0 {
		return
	}
	p := make([]byte, n)
	for i := range p {
		p[i] = c
	}
	b.emit(p)
}

func (b *Writer) pad(text, width int, tabs bool) {
	if b.padchar == '\t' || tabs {
		if b.tabwidth == 0 {
			return
		}
		width = (width + b.tabwidth - 1) / b.tabwidth * b.tabwidth
		b.emitN('\t', (width-text+b.tabwidth-1)/b.tabwidth)
		return
	}
	b.emitN(b.padchar, width-text)
}

// emitLines writes lines [from, to), whose text begins at pos, and returns where it ends.
func (b *Writer) emitLines(pos, from, to int) int {
	for i := from; i < to; i++ {
		tabs := b.flags&TabIndent != 0
		for j, c := range b.lines[i] {
			if j > 0 && b.flags&Debug != 0 {
				b.emit([]byte{'|'})
			}
			padded := j < len(b.widths)
			if c.size == 0 {
				if padded {
					b.pad(c.width, b.widths[j], tabs)
				}
				continue
			}
			tabs = false
			if padded && b.flags&AlignRight != 0 {
				b.pad(c.width, b.widths[j], false)
			}
			b.emit(b.buf[pos : pos+c.size])
			pos += c.size
			if padded && b.flags&AlignRight == 0 {
				b.pad(c.width, b.widths[j], false)
			}
		}
		if i+1 == len(b.lines) {
			// The last line has no newline; its text may go on.
			b.emit(b.buf[pos : pos+b.cur.size])
			pos += b.cur.size
		} else {
			b.emit([]byte{'\n'})
		}
	}
	return pos
}

// format writes lines [from, to), whose text begins at pos, with the columns after those of known width, and returns
// where the text ends.
func (b *Writer) format(pos, from, to int) int {
	column := len(b.widths)
	for i := from; i < to; i++ {
		if column >= len(b.lines[i])-1 {
			continue
		}
		// A column begins here: lines before it are done, then its width is that of its widest cell.
		pos = b.emitLines(pos, from, i)
		from = i
		width, discard := b.minwidth, b.flags&DiscardEmptyColumns != 0
		for ; i < to && column < len(b.lines[i])-1; i++ {
			c := b.lines[i][column]
			width = max(width, c.width+b.padding)
			if c.width > 0 || c.htab {
				discard = false
			}
		}
		if discard {
			width = 0
		}
		b.widths = append(b.widths, width)
		pos = b.format(pos, from, i)
		b.widths = b.widths[:column]
		from = i
	}
	return b.emitLines(pos, from, to)
}

// add appends text to the current cell.
func (b *Writer) add(text []byte) {
	b.buf = append(b.buf, text...)
	b.cur.size += len(text)
}

func (b *Writer) measure() {
	b.cur.width += utf8.RuneCount(b.buf[b.pos:])
	b.pos = len(b.buf)
}

func (b *Writer) endEscape() {
	switch b.endChar {
	case Escape:
		b.measure()
		if b.flags&StripEscape == 0 {
			b.cur.width -= 2
		}
	case ';':
		b.cur.width++
	}
	b.pos = len(b.buf)
	b.endChar = 0
}

// endCell ends the current cell and returns the number of cells of its line.
func (b *Writer) endCell(htab bool) int {
	b.cur.htab = htab
	last := len(b.lines) - 1
	b.lines[last] = append(b.lines[last], b.cur)
	b.cur = cell{}
	return len(b.lines[last])
}

// guard turns a panic in op into an error, or says where it was.
func guard(err *error, op string) {
	if e := recover(); e != nil {
		if f, ok := e.(failure); ok {
			*err = f.err
			return
		}
		panic(fmt.Sprintf("tabwriter: panic during %s (%v)", op, e))
	}
}

// Flush writes all that is buffered. Incomplete escapes count as complete.
func (b *Writer) Flush() (err error) {
	defer guard(&err, "Flush")
	defer b.reset()
	b.flush()
	return nil
}

func (b *Writer) flush() {
	if b.cur.size > 0 {
		if b.endChar != 0 {
			b.endEscape()
		}
		b.endCell(false)
	}
	b.format(0, 0, len(b.lines))
	b.reset()
}

// Write takes text. What cannot change any more is written at once, so the error may be the output's.
func (b *Writer) Write(buf []byte) (n int, err error) {
	defer guard(&err, "Write")
	n = 0
	for i, c := range buf {
		if b.endChar != 0 {
			if c == b.endChar {
				end := i + 1
				if c == Escape && b.flags&StripEscape != 0 {
					end = i
				}
				b.add(buf[n:end])
				n = i + 1
				b.endEscape()
			}
			continue
		}
		switch c {
		case '\t', '\v', '\n', '\f':
			b.add(buf[n:i])
			b.measure()
			n = i + 1
			cells := b.endCell(c == '\t')
			if c == '\n' || c == '\f' {
				b.lines = append(b.lines, nil)
				// A line of one cell ends all columns.
				if c == '\f' || cells == 1 {
					b.flush()
					if c == '\f' && b.flags&Debug != 0 {
						b.emit([]byte("---\n"))
					}
				}
			}
		case Escape:
			b.add(buf[n:i])
			b.measure()
			n = i
			if b.flags&StripEscape != 0 {
				n++
			}
			b.endChar = Escape
		case '<', '&':
			if b.flags&FilterHTML != 0 {
				b.add(buf[n:i])
				b.measure()
				n = i
				if c == '<' {
					b.endChar = '>'
				} else {
					b.endChar = ';'
				}
			}
		}
	}
	b.add(buf[n:])
	return len(buf), nil
}
