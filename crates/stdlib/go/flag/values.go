package flag

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"time"
)

// Value is what a flag is set to. String may be called on the zero value of its type.
type Value interface {
	String() string
	Set(string) error
}

// Getter is a Value that gives its contents; all types of this package do.
type Getter interface {
	Value
	Get() any
}

// boolFlag is a value whose flag needs no argument.
type boolFlag interface {
	Value
	IsBoolFlag() bool
}

// The errors of values that cannot be read.
var (
	errParse = errors.New("parse error")
	errRange = errors.New("value out of range")
)

// why makes an error of package strconv one of the two above.
func why(err error) error {
	switch {
	case errors.Is(err, strconv.ErrSyntax):
		return errParse
	case errors.Is(err, strconv.ErrRange):
		return errRange
	}
	return err
}

type boolValue bool

func (v *boolValue) Set(s string) error {
	x, err := strconv.ParseBool(s)
	if err != nil {
		err = errParse
	}
	*v = boolValue(x)
	return err
}

func (v *boolValue) String() string { return strconv.FormatBool(bool(*v)) }

func (v *boolValue) Get() any { return bool(*v) }

func (v *boolValue) IsBoolFlag() bool { return true }

type intValue int

func (v *intValue) Set(s string) error {
	x, err := strconv.ParseInt(s, 0, strconv.IntSize)
	if err != nil {
		err = why(err)
	}
	*v = intValue(x)
	return err
}

func (v *intValue) String() string { return strconv.Itoa(int(*v)) }

func (v *intValue) Get() any { return int(*v) }

type int64Value int64

func (v *int64Value) Set(s string) error {
	x, err := strconv.ParseInt(s, 0, 64)
	if err != nil {
		err = why(err)
	}
	*v = int64Value(x)
	return err
}

func (v *int64Value) String() string { return strconv.FormatInt(int64(*v), 10) }

func (v *int64Value) Get() any { return int64(*v) }

type uintValue uint

func (v *uintValue) Set(s string) error {
	x, err := strconv.ParseUint(s, 0, strconv.IntSize)
	if err != nil {
		err = why(err)
	}
	*v = uintValue(x)
	return err
}

func (v *uintValue) String() string { return strconv.FormatUint(uint64(*v), 10) }

func (v *uintValue) Get() any { return uint(*v) }

type uint64Value uint64

func (v *uint64Value) Set(s string) error {
	x, err := strconv.ParseUint(s, 0, 64)
	if err != nil {
		err = why(err)
	}
	*v = uint64Value(x)
	return err
}

func (v *uint64Value) String() string { return strconv.FormatUint(uint64(*v), 10) }

func (v *uint64Value) Get() any { return uint64(*v) }

type stringValue string

func (v *stringValue) Set(s string) error {
	*v = stringValue(s)
	return nil
}

func (v *stringValue) String() string { return string(*v) }

func (v *stringValue) Get() any { return string(*v) }

type float64Value float64

func (v *float64Value) Set(s string) error {
	x, err := strconv.ParseFloat(s, 64)
	if err != nil {
		err = why(err)
	}
	*v = float64Value(x)
	return err
}

func (v *float64Value) String() string { return strconv.FormatFloat(float64(*v), 'g', -1, 64) }

func (v *float64Value) Get() any { return float64(*v) }

type durationValue time.Duration

func (v *durationValue) Set(s string) error {
	x, err := time.ParseDuration(s)
	if err != nil {
		err = errParse
	}
	*v = durationValue(x)
	return err
}

func (v *durationValue) String() string { return time.Duration(*v).String() }

func (v *durationValue) Get() any { return time.Duration(*v) }

// funcValue calls a function for each use of its flag.
type funcValue func(string) error

func (f funcValue) Set(s string) error { return f(s) }

func (f funcValue) String() string { return "" }

// boolFuncValue is a funcValue whose flag needs no argument.
type boolFuncValue func(string) error

func (f boolFuncValue) Set(s string) error { return f(s) }

func (f boolFuncValue) String() string { return "" }

func (f boolFuncValue) IsBoolFlag() bool { return true }

// textValue is a variable that reads and writes itself as text.
type textValue struct{ p encoding.TextUnmarshaler }

func newTextValue(value encoding.TextMarshaler, p encoding.TextUnmarshaler) textValue {
	target := reflect.ValueOf(p)
	if target.Kind() != reflect.Pointer {
		panic("variable value type must be a pointer")
	}
	from := reflect.ValueOf(value)
	if from.Kind() == reflect.Pointer {
		from = from.Elem()
	}
	if from.Type() != target.Type().Elem() {
		panic("default type does not match variable type: " + fmt.Sprintf("%v != %v", from.Type(), target.Type().Elem()))
	}
	target.Elem().Set(from)
	return textValue{p}
}

func (v textValue) Set(s string) error { return v.p.UnmarshalText([]byte(s)) }

func (v textValue) Get() any { return v.p }

func (v textValue) String() string {
	if m, ok := v.p.(encoding.TextMarshaler); ok {
		if b, err := m.MarshalText(); err == nil {
			return string(b)
		}
	}
	return ""
}
