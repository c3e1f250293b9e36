// Package encoding has the interfaces of values that convert themselves to and from bytes and text.
package encoding

// BinaryMarshaler returns a value's binary form.
type BinaryMarshaler interface {
	MarshalBinary() (data []byte, err error)
}

// BinaryUnmarshaler reads a value's binary form, which it must copy.
type BinaryUnmarshaler interface {
	UnmarshalBinary(data []byte) error
}

// BinaryAppender appends a value's binary form.
type BinaryAppender interface {
	AppendBinary(b []byte) ([]byte, error)
}

// TextMarshaler returns a value's text.
type TextMarshaler interface {
	MarshalText() (text []byte, err error)
}

// TextUnmarshaler reads a value's text, which it must copy.
type TextUnmarshaler interface {
	UnmarshalText(text []byte) error
}

// TextAppender appends a value's text.
type TextAppender interface {
	AppendText(b []byte) ([]byte, error)
}
