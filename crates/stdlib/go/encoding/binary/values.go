package binary

// Values of fixed size: numbers, bools, and arrays, slices and structs of such.

import (
	"errors"
	"io"
	"math"
	"reflect"
)

var errBufferTooSmall = errors.New("buffer too small")

// Size returns how many bytes Write makes of v, which is a value of fixed size, a slice of such or a pointer to one; -1
// for anything else.
func Size(v any) int { return sizeOf(reflect.Indirect(reflect.ValueOf(v))) }

func sizeOf(v reflect.Value) int {
	if !v.IsValid() {
		return -1
	}
	if v.Kind() == reflect.Slice {
		if n := sizeOfType(v.Type().Elem()); n >= 0 {
			return n * v.Len()
		}
		return -1
	}
	return sizeOfType(v.Type())
}

func sizeOfType(t reflect.Type) int {
	switch t.Kind() {
	case reflect.Bool,
		reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64,
		reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
		return int(t.Size())
	case reflect.Array:
		if n := sizeOfType(t.Elem()); n >= 0 {
			return n * t.Len()
		}
	case reflect.Struct:
		sum := 0
		for i := 0; i < t.NumField(); i++ {
			n := sizeOfType(t.Field(i).Type)
			if n < 0 {
				return -1
			}
			sum += n
		}
		return sum
	}
	return -1
}

// put appends the lowest size bytes of x.
func put(b []byte, order ByteOrder, size int, x uint64) []byte {
	var room [8]byte
	switch size {
	case 1:
		room[0] = byte(x)
	case 2:
		order.PutUint16(room[:], uint16(x))
	case 4:
		order.PutUint32(room[:], uint32(x))
	case 8:
		order.PutUint64(room[:], x)
	}
	return append(b, room[:size]...)
}

// get reads a number of size bytes.
func get(b []byte, order ByteOrder, size int) uint64 {
	switch size {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(order.Uint16(b))
	case 4:
		return uint64(order.Uint32(b))
	}
	return order.Uint64(b)
}

func encode(b []byte, order ByteOrder, v reflect.Value) []byte {
	size := int(v.Type().Size())
	switch v.Kind() {
	case reflect.Bool:
		x := uint64(0)
		if v.Bool() {
			x = 1
		}
		return put(b, order, 1, x)
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return put(b, order, size, uint64(v.Int()))
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return put(b, order, size, v.Uint())
	case reflect.Float32:
		return put(b, order, 4, uint64(math.Float32bits(float32(v.Float()))))
	case reflect.Float64:
		return put(b, order, 8, math.Float64bits(v.Float()))
	case reflect.Complex64:
		c := v.Complex()
		b = put(b, order, 4, uint64(math.Float32bits(float32(real(c)))))
		return put(b, order, 4, uint64(math.Float32bits(float32(imag(c)))))
	case reflect.Complex128:
		c := v.Complex()
		b = put(b, order, 8, math.Float64bits(real(c)))
		return put(b, order, 8, math.Float64bits(imag(c)))
	case reflect.Array, reflect.Slice:
		for i := 0; i < v.Len(); i++ {
			b = encode(b, order, v.Index(i))
		}
	case reflect.Struct:
		for i := 0; i < v.NumField(); i++ {
			if v.Type().Field(i).Name == "_" {
				b = append(b, make([]byte, sizeOfType(v.Field(i).Type()))...)
				continue
			}
			b = encode(b, order, v.Field(i))
		}
	}
	return b
}

// decode sets v and returns the rest of b.
func decode(b []byte, order ByteOrder, v reflect.Value) []byte {
	size := int(v.Type().Size())
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(b[0] != 0)
		return b[1:]
	case reflect.Int8:
		v.SetInt(int64(int8(b[0])))
	case reflect.Int16:
		v.SetInt(int64(int16(get(b, order, 2))))
	case reflect.Int32:
		v.SetInt(int64(int32(get(b, order, 4))))
	case reflect.Int64:
		v.SetInt(int64(get(b, order, 8)))
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(get(b, order, size))
	case reflect.Float32:
		v.SetFloat(float64(math.Float32frombits(uint32(get(b, order, 4)))))
	case reflect.Float64:
		v.SetFloat(math.Float64frombits(get(b, order, 8)))
	case reflect.Complex64:
		re, im := math.Float32frombits(uint32(get(b, order, 4))), math.Float32frombits(uint32(get(b[4:], order, 4)))
		v.SetComplex(complex(float64(re), float64(im)))
	case reflect.Complex128:
		v.SetComplex(complex(math.Float64frombits(get(b, order, 8)), math.Float64frombits(get(b[8:], order, 8))))
	case reflect.Array, reflect.Slice:
		for i := 0; i < v.Len(); i++ {
			b = decode(b, order, v.Index(i))
		}
		return b
	case reflect.Struct:
		for i := 0; i < v.NumField(); i++ {
			if v.Type().Field(i).Name == "_" {
				b = b[sizeOfType(v.Field(i).Type()):]
				continue
			}
			b = decode(b, order, v.Field(i))
		}
		return b
	}
	return b[size:]
}

// target returns what data points to, or the slice that it is, and its size; -1 if it cannot be set.
func target(data any) (reflect.Value, int) {
	v := reflect.ValueOf(data)
	switch v.Kind() {
	case reflect.Pointer:
		v = v.Elem()
		return v, sizeOf(v)
	case reflect.Slice:
		return v, sizeOf(v)
	}
	return v, -1
}

func typeName(data any) string { return reflect.TypeOf(data).String() }

// Read reads data, a pointer to a value of fixed size or a slice of such, from r.
func Read(r io.Reader, order ByteOrder, data any) error {
	v, n := target(data)
	if n < 0 {
		return errors.New("binary.Read: invalid type " + typeName(data))
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(r, b); err != nil {
		return err
	}
	decode(b, order, v)
	return nil
}

// Decode reads data, a pointer to a value of fixed size or a slice of such, from buf and returns how many bytes it took.
func Decode(buf []byte, order ByteOrder, data any) (int, error) {
	v, n := target(data)
	if n < 0 {
		return 0, errors.New("binary.Decode: invalid type " + typeName(data))
	}
	if len(buf) < n {
		return 0, errBufferTooSmall
	}
	decode(buf, order, v)
	return n, nil
}

// Write writes data, a value of fixed size, a slice of such or a pointer to one, to w.
func Write(w io.Writer, order ByteOrder, data any) error {
	v := reflect.Indirect(reflect.ValueOf(data))
	n := sizeOf(v)
	if n < 0 {
		return errors.New("binary.Write: some values are not fixed-sized in type " + typeName(data))
	}
	_, err := w.Write(encode(make([]byte, 0, n), order, v))
	return err
}

// Encode writes data, as for Write, to buf and returns its length.
func Encode(buf []byte, order ByteOrder, data any) (int, error) {
	v := reflect.Indirect(reflect.ValueOf(data))
	n := sizeOf(v)
	if n < 0 {
		return 0, errors.New("binary.Encode: some values are not fixed-sized in type " + typeName(data))
	}
	if len(buf) < n {
		return 0, errBufferTooSmall
	}
	encode(buf[:0], order, v)
	return n, nil
}

// Append appends data, as for Write.
func Append(buf []byte, order ByteOrder, data any) ([]byte, error) {
	v := reflect.Indirect(reflect.ValueOf(data))
	if sizeOf(v) < 0 {
		return nil, errors.New("binary.Append: some values are not fixed-sized in type " + typeName(data))
	}
	return encode(buf, order, v), nil
}
