package testing

import (
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"
)

// InternalFuzzTarget is a fuzz target by its name.
type InternalFuzzTarget struct {
	Name string
	Fn   func(f *F)
}

// F is what a fuzz target is given. Its seeds, those of Add and those in testdata/fuzz/<name>, are run as subtests. Inputs are not generated.
type F struct {
	*common
	t      *T
	seeds  []seed
	called bool
}

type seed struct {
	name   string
	values []any
}

// fuzzable are the types that the arguments of a fuzz target may have.
var fuzzable = map[reflect.Type]bool{
	reflect.TypeFor[[]byte]():  true,
	reflect.TypeFor[string]():  true,
	reflect.TypeFor[bool]():    true,
	reflect.TypeFor[byte]():    true,
	reflect.TypeFor[rune]():    true,
	reflect.TypeFor[float32](): true,
	reflect.TypeFor[float64](): true,
	reflect.TypeFor[int]():     true,
	reflect.TypeFor[int8]():    true,
	reflect.TypeFor[int16]():   true,
	reflect.TypeFor[int64]():   true,
	reflect.TypeFor[uint]():    true,
	reflect.TypeFor[uint16]():  true,
	reflect.TypeFor[uint32]():  true,
	reflect.TypeFor[uint64]():  true,
}

// Add adds arguments of the fuzz target to its seeds.
func (f *F) Add(args ...any) {
	for _, arg := range args {
		if t := reflect.TypeOf(arg); !fuzzable[t] {
			panic(fmt.Sprintf("testing: unsupported type to Add %v", t))
		}
	}
	f.seeds = append(f.seeds, seed{"seed#" + strconv.Itoa(len(f.seeds)), args})
}

// Fuzz calls ff, a function of *T and arguments, for each seed.
func (f *F) Fuzz(ff any) {
	if f.called {
		panic("testing: F.Fuzz called more than once")
	}
	f.called = true
	f.Helper()
	fn := reflect.ValueOf(ff)
	typ := fn.Type()
	if typ.Kind() != reflect.Func {
		panic("testing: F.Fuzz must receive a function")
	}
	if typ.NumIn() < 2 || typ.In(0) != reflect.TypeFor[*T]() {
		panic("testing: fuzz target must receive at least two arguments, where the first argument is a *T")
	}
	if typ.NumOut() != 0 {
		panic("testing: fuzz target must not return a value")
	}
	var types []reflect.Type
	for i := 1; i < typ.NumIn(); i++ {
		t := typ.In(i)
		if !fuzzable[t] {
			panic(fmt.Sprintf("testing: unsupported type for fuzzing %v", t))
		}
		types = append(types, t)
	}
	seeds := f.seeds
	dir := "testdata/fuzz/" + f.name
	entries, _ := os.ReadDir(dir)
	for _, entry := range entries {
		if entry.IsDir() {
			continue
		}
		values, err := readSeed(dir + "/" + entry.Name())
		if err != nil {
			f.Fatal(err)
		}
		seeds = append(seeds, seed{entry.Name(), values})
	}
	for _, s := range seeds {
		if err := fits(s.values, types); err != nil {
			f.Fatalf("wrong arguments of %s: %v", s.name, err)
		}
		f.t.Run(s.name, func(t *T) {
			args := []reflect.Value{reflect.ValueOf(t)}
			for _, v := range s.values {
				args = append(args, reflect.ValueOf(v))
			}
			fn.Call(args)
		})
	}
}

// fits checks the arguments of a seed.
func fits(values []any, types []reflect.Type) error {
	if len(values) != len(types) {
		return fmt.Errorf("wrong number of values in corpus entry: %d, want %d", len(values), len(types))
	}
	for i, v := range values {
		if t := reflect.TypeOf(v); t != types[i] {
			return fmt.Errorf("mismatched types in corpus entry: %v, want %v", t, types[i])
		}
	}
	return nil
}

// readSeed reads a file of seeds: a line that names the version, then one line `type(literal)` for each argument.
func readSeed(path string) ([]any, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if lines[0] != "go test fuzz v1" {
		return nil, fmt.Errorf("%s: unknown encoding version: %s", path, lines[0])
	}
	var values []any
	for _, line := range lines[1:] {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		v, err := readValue(line)
		if err != nil {
			return nil, fmt.Errorf("%s: malformed line %q: %v", path, line, err)
		}
		values = append(values, v)
	}
	return values, nil
}

func readValue(line string) (any, error) {
	name, rest, ok := strings.Cut(line, "(")
	literal, closed := strings.CutSuffix(rest, ")")
	if !ok || !closed {
		return nil, fmt.Errorf("expected call expression")
	}
	signed := func(bits int) (int64, error) {
		if strings.HasPrefix(literal, "'") {
			r, _, _, err := strconv.UnquoteChar(literal[1:], '\'')
			return int64(r), err
		}
		return strconv.ParseInt(literal, 0, bits)
	}
	unsigned := func(bits int) (uint64, error) {
		if strings.HasPrefix(literal, "'") {
			r, _, _, err := strconv.UnquoteChar(literal[1:], '\'')
			return uint64(r), err
		}
		return strconv.ParseUint(literal, 0, bits)
	}
	switch name {
	case "string":
		return strconv.Unquote(literal)
	case "[]byte":
		s, err := strconv.Unquote(literal)
		return []byte(s), err
	case "bool":
		return strconv.ParseBool(literal)
	case "int":
		v, err := signed(64)
		return int(v), err
	case "int8":
		v, err := signed(8)
		return int8(v), err
	case "int16":
		v, err := signed(16)
		return int16(v), err
	case "int32", "rune":
		v, err := signed(32)
		return int32(v), err
	case "int64":
		return signed(64)
	case "uint":
		v, err := unsigned(64)
		return uint(v), err
	case "uint8", "byte":
		v, err := unsigned(8)
		return uint8(v), err
	case "uint16":
		v, err := unsigned(16)
		return uint16(v), err
	case "uint32":
		v, err := unsigned(32)
		return uint32(v), err
	case "uint64":
		return unsigned(64)
	case "float32":
		v, err := strconv.ParseFloat(literal, 32)
		return float32(v), err
	case "float64":
		return strconv.ParseFloat(literal, 64)
	}
	return nil, fmt.Errorf("unknown type %q", name)
}

// asTests makes tests of fuzz targets.
func asTests(targets []InternalFuzzTarget) []InternalTest {
	var tests []InternalTest
	for _, target := range targets {
		tests = append(tests, InternalTest{target.Name, func(t *T) {
			f := &F{common: &t.common, t: t}
			target.Fn(f)
			if !f.called && !f.Failed() && !f.Skipped() {
				f.Error("returned without calling F.Fuzz, F.Fail, or F.Skip")
			}
		}})
	}
	return tests
}
