package log

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// What a logger puts before each message.
const (
	Ldate         = 1 << iota     // the date: 2009/01/23
	Ltime                         // the time: 01:23:23
	Lmicroseconds                 // the time with microseconds: 01:23:23.123123
	Llongfile                     // the caller's place with its whole path: /a/b/c/d.go:23
	Lshortfile                    // the caller's place: d.go:23; wins over Llongfile
	LUTC                          // date and time are in UTC
	Lmsgprefix                    // the prefix stands before the message, not before the line
	LstdFlags     = Ldate | Ltime // what the standard logger begins with
)

// Logger writes lines to an io.Writer. It may be used by several goroutines at once: each line is one call of Write.
type Logger struct {
	prefix  atomic.Pointer[string]
	flag    atomic.Int32
	discard atomic.Bool // out is io.Discard: nothing needs to be formatted

	mu  sync.Mutex // protects out
	out io.Writer
}

// New returns a logger that writes to out.
func New(out io.Writer, prefix string, flag int) *Logger {
	l := new(Logger)
	l.SetOutput(out)
	l.SetPrefix(prefix)
	l.SetFlags(flag)
	return l
}

var std = New(os.Stderr, "", LstdFlags)

// Default returns the standard logger.
func Default() *Logger { return std }

// buffers of lines, kept between calls.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// Lines longer than this are not kept.
const maxKept = 64 << 10

// appendPadded appends a decimal of at least width digits.
func appendPadded(b []byte, n, width int) []byte {
	var digits [20]byte
	at := len(digits)
	for ; n > 0 || width > 0; width-- {
		at--
		digits[at] = byte('0' + n%10)
		n /= 10
	}
	return append(b, digits[at:]...)
}

// appendHeader appends what stands before the message.
func appendHeader(b []byte, t time.Time, prefix string, flag int, file string, line int) []byte {
	if flag&Lmsgprefix == 0 {
		b = append(b, prefix...)
	}
	if flag&LUTC != 0 {
		t = t.UTC()
	}
	if flag&Ldate != 0 {
		year, month, day := t.Date()
		b = append(appendPadded(b, year, 4), '/')
		b = append(appendPadded(b, int(month), 2), '/')
		b = append(appendPadded(b, day, 2), ' ')
	}
	if flag&(Ltime|Lmicroseconds) != 0 {
		hour, min, sec := t.Clock()
		b = append(appendPadded(b, hour, 2), ':')
		b = append(appendPadded(b, min, 2), ':')
		b = appendPadded(b, sec, 2)
		if flag&Lmicroseconds != 0 {
			b = appendPadded(append(b, '.'), t.Nanosecond()/1000, 6)
		}
		b = append(b, ' ')
	}
	if flag&(Lshortfile|Llongfile) != 0 {
		if flag&Lshortfile != 0 {
			for i := len(file) - 1; i > 0; i-- {
				if file[i] == '/' {
					file = file[i+1:]
					break
				}
			}
		}
		b = append(append(b, file...), ':')
		b = append(appendPadded(b, line, 0), ": "...)
	}
	if flag&Lmsgprefix != 0 {
		b = append(b, prefix...)
	}
	return b
}

// write writes a line whose message text appends. depth counts the callers to skip when a place is wanted: 1 is the caller of write.
func (l *Logger) write(depth int, text func([]byte) []byte) error {
	if l.discard.Load() {
		return nil
	}
	var now time.Time
	flag := l.Flags()
	if flag&(Ldate|Ltime|Lmicroseconds) != 0 {
		now = time.Now()
	}
	file, line := "???", 0
	if flag&(Lshortfile|Llongfile) != 0 {
		if _, f, n, ok := runtime.Caller(depth); ok {
			file, line = f, n
		}
	}
	buf := buffers.Get().(*[]byte)
	b := appendHeader((*buf)[:0], now, l.Prefix(), flag, file, line)
	b = text(b)
	if len(b) == 0 || b[len(b)-1] != '\n' {
		b = append(b, '\n')
	}
	l.mu.Lock()
	_, err := l.out.Write(b)
	l.mu.Unlock()
	if cap(b) <= maxKept {
		*buf = b
		buffers.Put(buf)
	}
	return err
}

// The callers of a logger's exported methods and of the package's functions are two frames above write.
const caller = 2

func (l *Logger) print(depth int, args []any) {
	l.write(depth+1, func(b []byte) []byte { return fmt.Append(b, args...) })
}

func (l *Logger) printf(depth int, format string, args []any) {
	l.write(depth+1, func(b []byte) []byte { return fmt.Appendf(b, format, args...) })
}

func (l *Logger) println(depth int, args []any) {
	l.write(depth+1, func(b []byte) []byte { return fmt.Appendln(b, args...) })
}

func (l *Logger) text(depth int, s string) error {
	return l.write(depth+1, func(b []byte) []byte { return append(b, s...) })
}

// Output writes a line. calldepth 1 stands for the place of the caller of Output.
func (l *Logger) Output(calldepth int, s string) error { return l.text(calldepth+1, s) }

// Print writes a message formed as by fmt.Print.
func (l *Logger) Print(v ...any) { l.print(caller, v) }

// Printf writes a message formed as by fmt.Printf.
func (l *Logger) Printf(format string, v ...any) { l.printf(caller, format, v) }

// Println writes a message formed as by fmt.Println.
func (l *Logger) Println(v ...any) { l.println(caller, v) }

// Fatal is Print, then os.Exit(1).
func (l *Logger) Fatal(v ...any) {
	l.print(caller, v)
	os.Exit(1)
}

// Fatalf is Printf, then os.Exit(1).
func (l *Logger) Fatalf(format string, v ...any) {
	l.printf(caller, format, v)
	os.Exit(1)
}

// Fatalln is Println, then os.Exit(1).
func (l *Logger) Fatalln(v ...any) {
	l.println(caller, v)
	os.Exit(1)
}

// Panic is Print, then a panic with the message.
func (l *Logger) Panic(v ...any) {
	s := fmt.Sprint(v...)
	l.text(caller, s)
	panic(s)
}

// Panicf is Printf, then a panic with the message.
func (l *Logger) Panicf(format string, v ...any) {
	s := fmt.Sprintf(format, v...)
	l.text(caller, s)
	panic(s)
}

// Panicln is Println, then a panic with the message.
func (l *Logger) Panicln(v ...any) {
	s := fmt.Sprintln(v...)
	l.text(caller, s)
	panic(s)
}

// Flags returns what stands before each message.
func (l *Logger) Flags() int { return int(l.flag.Load()) }

// SetFlags sets what stands before each message.
func (l *Logger) SetFlags(flag int) { l.flag.Store(int32(flag)) }

// Prefix returns the prefix.
func (l *Logger) Prefix() string {
	if p := l.prefix.Load(); p != nil {
		return *p
	}
	return ""
}

// SetPrefix sets the prefix.
func (l *Logger) SetPrefix(prefix string) { l.prefix.Store(&prefix) }

// Writer returns where the logger writes to.
func (l *Logger) Writer() io.Writer {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out
}

// SetOutput sets where the logger writes to.
func (l *Logger) SetOutput(w io.Writer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.out = w
	l.discard.Store(w == io.Discard)
}
