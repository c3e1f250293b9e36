package log

import (
	"fmt"
	"io"
	"os"
)

// Print writes a message formed as by fmt.Print to the standard logger.
func Print(v ...any) { std.print(caller, v) }

// Printf writes a message formed as by fmt.Printf to the standard logger.
func Printf(format string, v ...any) { std.printf(caller, format, v) }

// Println writes a message formed as by fmt.Println to the standard logger.
func Println(v ...any) { std.println(caller, v) }

// Fatal is Print, then os.Exit(1).
func Fatal(v ...any) {
	std.print(caller, v)
	os.Exit(1)
}

// Fatalf is Printf, then os.Exit(1).
func Fatalf(format string, v ...any) {
	std.printf(caller, format, v)
	os.Exit(1)
}

// Fatalln is Println, then os.Exit(1).
func Fatalln(v ...any) {
	std.println(caller, v)
	os.Exit(1)
}

// Panic is Print, then a panic with the message.
func Panic(v ...any) {
	s := fmt.Sprint(v...)
	std.text(caller, s)
	panic(s)
}

// Panicf is Printf, then a panic with the message.
func Panicf(format string, v ...any) {
	s := fmt.Sprintf(format, v...)
	std.text(caller, s)
	panic(s)
}

// Panicln is Println, then a panic with the message.
func Panicln(v ...any) {
	s := fmt.Sprintln(v...)
	std.text(caller, s)
	panic(s)
}

// Output writes a line to the standard logger. calldepth 1 stands for the place of the caller of Output.
func Output(calldepth int, s string) error { return std.text(calldepth+1, s) }

// Flags returns what the standard logger puts before each message.
func Flags() int { return std.Flags() }

// SetFlags sets what the standard logger puts before each message.
func SetFlags(flag int) { std.SetFlags(flag) }

// Prefix returns the standard logger's prefix.
func Prefix() string { return std.Prefix() }

// SetPrefix sets the standard logger's prefix.
func SetPrefix(prefix string) { std.SetPrefix(prefix) }

// Writer returns where the standard logger writes to.
func Writer() io.Writer { return std.Writer() }

// SetOutput sets where the standard logger writes to.
func SetOutput(w io.Writer) { std.SetOutput(w) }
