package flag

import (
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
)

// ErrHelp is the error of Parse when -h or -help is given and no such flag is defined.
var ErrHelp = errors.New("flag: help requested")

// ErrorHandling says what FlagSet.Parse does with an error.
type ErrorHandling int

// The ways of handling an error.
const (
	ContinueOnError ErrorHandling = iota // Parse returns it.
	ExitOnError                          // The program ends with code 2, or with 0 after -h.
	PanicOnError                         // Parse panics with it.
)

// Flag is a defined flag.
type Flag struct {
	Name     string // as it stands on the command line, without dashes
	Usage    string // its line of help
	Value    Value  // what it is set to
	DefValue string // its default as text, for the help
}

// FlagSet is a set of flags, parsed together. The zero FlagSet has no name and continues on errors.
type FlagSet struct {
	// Usage is called when an error occurs; nil stands for a message that lists the defaults.
	Usage func()

	name     string
	parsed   bool
	actual   map[string]*Flag
	formal   map[string]*Flag
	args     []string // what follows the flags
	handling ErrorHandling
	output   io.Writer
	// Flags that were set before they were defined, with the place of the call that did: defining them then is a mistake.
	undefined map[string]string
}

// CommandLine is the set of the functions of this package; it is parsed from os.Args.
var CommandLine = newCommandLine()

func newCommandLine() *FlagSet {
	name := ""
	if len(os.Args) > 0 {
		name = os.Args[0]
	}
	return NewFlagSet(name, ExitOnError)
}

// The variable Usage refers to CommandLine, so that it cannot be in its initialiser.
func init() {
	CommandLine.Usage = func() { Usage() }
}

// Usage writes how the program is called to CommandLine's output. Programs may replace it.
var Usage = func() {
	fmt.Fprintf(CommandLine.Output(), "Usage of %s:\n", CommandLine.name)
	PrintDefaults()
}

// NewFlagSet returns an empty set.
func NewFlagSet(name string, errorHandling ErrorHandling) *FlagSet {
	f := &FlagSet{name: name, handling: errorHandling}
	f.Usage = f.defaultUsage
	return f
}

// Init sets the name and error handling of a set.
func (f *FlagSet) Init(name string, errorHandling ErrorHandling) {
	f.name, f.handling = name, errorHandling
}

// Name returns the name of the set.
func (f *FlagSet) Name() string { return f.name }

// ErrorHandling returns what the set does with errors.
func (f *FlagSet) ErrorHandling() ErrorHandling { return f.handling }

// Output returns where messages go: os.Stderr if nothing else was set.
func (f *FlagSet) Output() io.Writer {
	if f.output != nil {
		return f.output
	}
	return os.Stderr
}

// SetOutput sets where messages go; nil stands for os.Stderr.
func (f *FlagSet) SetOutput(output io.Writer) { f.output = output }

// inOrder calls fn for each flag of a table, ordered by name.
func inOrder(flags map[string]*Flag, fn func(*Flag)) {
	names := make([]string, 0, len(flags))
	for name := range flags {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fn(flags[name])
	}
}

// VisitAll calls fn for every defined flag in the order of names.
func (f *FlagSet) VisitAll(fn func(*Flag)) { inOrder(f.formal, fn) }

// VisitAll calls fn for every defined command-line flag in the order of names.
func VisitAll(fn func(*Flag)) { CommandLine.VisitAll(fn) }

// Visit calls fn for every flag that has been set, in the order of names.
func (f *FlagSet) Visit(fn func(*Flag)) { inOrder(f.actual, fn) }

// Visit calls fn for every command-line flag that has been set, in the order of names.
func Visit(fn func(*Flag)) { CommandLine.Visit(fn) }

// Lookup returns the flag of that name, or nil.
func (f *FlagSet) Lookup(name string) *Flag { return f.formal[name] }

// Lookup returns the command-line flag of that name, or nil.
func Lookup(name string) *Flag { return CommandLine.Lookup(name) }

// Set sets the flag of that name.
func (f *FlagSet) Set(name, value string) error {
	flag, ok := f.formal[name]
	if !ok {
		if _, file, line, ok := runtime.Caller(2); ok {
			if f.undefined == nil {
				f.undefined = map[string]string{}
			}
			f.undefined[name] = fmt.Sprintf("%s:%d", file, line)
		}
		return fmt.Errorf("no such flag -%v", name)
	}
	if err := flag.Value.Set(value); err != nil {
		return err
	}
	f.mark(flag)
	return nil
}

// Set sets the command-line flag of that name.
func Set(name, value string) error { return CommandLine.Set(name, value) }

// mark notes that a flag has been set.
func (f *FlagSet) mark(flag *Flag) {
	if f.actual == nil {
		f.actual = map[string]*Flag{}
	}
	f.actual[flag.Name] = flag
}

// UnquoteUsage returns the name that a flag's help gives its value, and the help without the back quotes around that name. A help without such a name
// has one after the value's type; a boolean flag has none.
func UnquoteUsage(flag *Flag) (name string, usage string) {
	if before, rest, ok := strings.Cut(flag.Usage, "`"); ok {
		if name, after, ok := strings.Cut(rest, "`"); ok {
			return name, before + name + after
		}
	}
	name = "value"
	switch v := flag.Value.(type) {
	case boolFlag:
		if v.IsBoolFlag() {
			name = ""
		}
	case *durationValue:
		name = "duration"
	case *float64Value:
		name = "float"
	case *intValue, *int64Value:
		name = "int"
	case *stringValue:
		name = "string"
	case *uintValue, *uint64Value:
		name = "uint"
	}
	return name, flag.Usage
}

// isZero reports whether text is how the zero value of the flag's type is written.
func isZero(flag *Flag, text string) (zero bool, err error) {
	typ := reflect.TypeOf(flag.Value)
	var fresh reflect.Value
	if typ.Kind() == reflect.Pointer {
		fresh = reflect.New(typ.Elem())
	} else {
		fresh = reflect.Zero(typ)
	}
	// A type may not be prepared for String on its zero value.
	defer func() {
		if e := recover(); e != nil {
			if typ.Kind() == reflect.Pointer {
				typ = typ.Elem()
			}
			err = fmt.Errorf("panic calling String method on zero %v for flag %s: %v", typ, flag.Name, e)
		}
	}()
	return text == fresh.Interface().(Value).String(), nil
}

// PrintDefaults writes the help of every flag to the set's output.
func (f *FlagSet) PrintDefaults() {
	var failures []error
	f.VisitAll(func(flag *Flag) {
		var b strings.Builder
		b.WriteString("  -" + flag.Name)
		name, usage := UnquoteUsage(flag)
		if name != "" {
			b.WriteString(" " + name)
		}
		// The help of a flag of one letter fits behind it.
		if b.Len() <= 4 {
			b.WriteString("\t")
		} else {
			b.WriteString("\n    \t")
		}
		b.WriteString(strings.ReplaceAll(usage, "\n", "\n    \t"))
		if zero, err := isZero(flag, flag.DefValue); err != nil {
			failures = append(failures, err)
		} else if !zero {
			if _, ok := flag.Value.(*stringValue); ok {
				fmt.Fprintf(&b, " (default %q)", flag.DefValue)
			} else {
				fmt.Fprintf(&b, " (default %v)", flag.DefValue)
			}
		}
		fmt.Fprint(f.Output(), b.String(), "\n")
	})
	if len(failures) > 0 {
		fmt.Fprintln(f.Output())
		for _, err := range failures {
			fmt.Fprintln(f.Output(), err)
		}
	}
}

// PrintDefaults writes the help of every command-line flag to standard error, or where CommandLine's output goes.
func PrintDefaults() { CommandLine.PrintDefaults() }

func (f *FlagSet) defaultUsage() {
	if f.name == "" {
		fmt.Fprintf(f.Output(), "Usage:\n")
	} else {
		fmt.Fprintf(f.Output(), "Usage of %s:\n", f.name)
	}
	f.PrintDefaults()
}

// NFlag returns how many flags have been set.
func (f *FlagSet) NFlag() int { return len(f.actual) }

// NFlag returns how many command-line flags have been set.
func NFlag() int { return CommandLine.NFlag() }

// Arg returns argument i of those after the flags, "" if there are not so many.
func (f *FlagSet) Arg(i int) string {
	if i < 0 || i >= len(f.args) {
		return ""
	}
	return f.args[i]
}

// Arg returns command-line argument i of those after the flags, "" if there are not so many.
func Arg(i int) string { return CommandLine.Arg(i) }

// NArg returns how many arguments there are after the flags.
func (f *FlagSet) NArg() int { return len(f.args) }

// NArg returns how many command-line arguments there are after the flags.
func NArg() int { return CommandLine.NArg() }

// Args returns the arguments after the flags.
func (f *FlagSet) Args() []string { return f.args }

// Args returns the command-line arguments after the flags.
func Args() []string { return CommandLine.Args() }

// Parsed reports whether Parse has been called.
func (f *FlagSet) Parsed() bool { return f.parsed }

// Parsed reports whether the command line has been parsed.
func Parsed() bool { return CommandLine.Parsed() }

// Var defines a flag of any type that implements Value.
func (f *FlagSet) Var(value Value, name string, usage string) {
	switch {
	case strings.HasPrefix(name, "-"):
		panic(f.complain("flag %q begins with -", name))
	case strings.Contains(name, "="):
		panic(f.complain("flag %q contains =", name))
	}
	if _, ok := f.formal[name]; ok {
		if f.name == "" {
			panic(f.complain("flag redefined: %s", name))
		}
		panic(f.complain("%s flag redefined: %s", f.name, name))
	}
	if place := f.undefined[name]; place != "" {
		panic(fmt.Sprintf("flag %s set at %s before being defined", name, place))
	}
	if f.formal == nil {
		f.formal = map[string]*Flag{}
	}
	f.formal[name] = &Flag{name, usage, value, value.String()}
}

// Var defines a command-line flag of any type that implements Value.
func Var(value Value, name string, usage string) { CommandLine.Var(value, name, usage) }

// complain writes a message to the output and returns it.
func (f *FlagSet) complain(format string, args ...any) string {
	text := fmt.Sprintf(format, args...)
	fmt.Fprintln(f.Output(), text)
	return text
}

// fail reports a mistake of the command line with the usage.
func (f *FlagSet) fail(format string, args ...any) error {
	err := errors.New(f.complain(format, args...))
	f.usage()
	return err
}

func (f *FlagSet) usage() {
	if f.Usage == nil {
		f.defaultUsage()
	} else {
		f.Usage()
	}
}

// next parses one flag. It reports whether there was one.
func (f *FlagSet) next() (bool, error) {
	if len(f.args) == 0 {
		return false, nil
	}
	arg := f.args[0]
	if len(arg) < 2 || arg[0] != '-' {
		return false, nil
	}
	name := arg[1:]
	if name[0] == '-' {
		if name = name[1:]; name == "" { // "--" ends the flags
			f.args = f.args[1:]
			return false, nil
		}
	}
	if name == "" || name[0] == '-' || name[0] == '=' {
		return false, f.fail("bad flag syntax: %s", arg)
	}
	f.args = f.args[1:]
	name, value, given := strings.Cut(name, "=")
	flag, ok := f.formal[name]
	if !ok {
		if name == "help" || name == "h" {
			f.usage()
			return false, ErrHelp
		}
		return false, f.fail("flag provided but not defined: -%s", name)
	}
	if b, ok := flag.Value.(boolFlag); ok && b.IsBoolFlag() {
		if !given {
			value = "true"
		}
		if err := flag.Value.Set(value); err != nil {
			if given {
				return false, f.fail("invalid boolean value %q for -%s: %v", value, name, err)
			}
			return false, f.fail("invalid boolean flag %s: %v", name, err)
		}
	} else {
		if !given {
			if len(f.args) == 0 {
				return false, f.fail("flag needs an argument: -%s", name)
			}
			value, f.args = f.args[0], f.args[1:]
		}
		if err := flag.Value.Set(value); err != nil {
			return false, f.fail("invalid value %q for flag -%s: %v", value, name, err)
		}
	}
	f.mark(flag)
	return true, nil
}

// Parse parses arguments, which do not include the command's name.
func (f *FlagSet) Parse(arguments []string) error {
	f.parsed = true
	f.args = arguments
	for {
		more, err := f.next()
		if err != nil {
			switch f.handling {
			case ExitOnError:
				if err == ErrHelp {
					os.Exit(0)
				}
				os.Exit(2)
			case PanicOnError:
				panic(err)
			}
			return err
		}
		if !more {
			return nil
		}
	}
}

// Parse parses the command line, os.Args[1:].
func Parse() {
	// CommandLine ends the program on an error.
	CommandLine.Parse(os.Args[1:])
}
