// Package errors creates errors and walks trees of wrapped ones.
package errors

import "internal/rtype"

// errorString is what New returns; its identity, not its text, makes it equal to itself.
type errorString struct{ s string }

func (e *errorString) Error() string { return e.s }

// New returns an error with the given text. Each call gives a distinct value.
func New(text string) error { return &errorString{text} }

// ErrUnsupported says that an operation cannot be done because it is unsupported.
var ErrUnsupported = New("unsupported operation")

// Unwrap returns what err's method Unwrap() error returns, or nil without such a method.
func Unwrap(err error) error {
	if u, ok := err.(interface{ Unwrap() error }); ok {
		return u.Unwrap()
	}
	return nil
}

type joinError struct{ errs []error }

// Join wraps the errs that are not nil; it returns nil if all of them are.
func Join(errs ...error) error {
	var kept []error
	for _, e := range errs {
		if e != nil {
			kept = append(kept, e)
		}
	}
	if len(kept) == 0 {
		return nil
	}
	return &joinError{kept}
}

func (j *joinError) Error() string {
	if len(j.errs) == 1 {
		return j.errs[0].Error()
	}
	var b []byte
	for i, e := range j.errs {
		if i > 0 {
			b = append(b, '\n')
		}
		b = append(b, e.Error()...)
	}
	return string(b)
}

func (j *joinError) Unwrap() []error { return j.errs }

// Is reports whether some error in err's tree equals target or says, by a method Is(error) bool, that it matches.
func Is(err, target error) bool {
	if err == nil || target == nil {
		return err == target
	}
	return isIn(err, target, isComparable(target))
}

func isIn(err, target error, canCompare bool) bool {
	for {
		if canCompare && err == target {
			return true
		}
		if m, ok := err.(interface{ Is(error) bool }); ok && m.Is(target) {
			return true
		}
		switch u := err.(type) {
		case interface{ Unwrap() error }:
			if err = u.Unwrap(); err == nil {
				return false
			}
		case interface{ Unwrap() []error }:
			for _, e := range u.Unwrap() {
				if isIn(e, target, canCompare) {
					return true
				}
			}
			return false
		default:
			return false
		}
	}
}

// As finds the first error in err's tree that can be assigned to *target, and assigns it. It panics if target is not
// a non-nil pointer to an interface type or to a type that implements error.
func As(err error, target any) bool {
	if err == nil {
		return false
	}
	switch targetKind(err, target) {
	case targetNil:
		panic("errors: target cannot be nil")
	case targetNotPointer:
		panic("errors: target must be a non-nil pointer")
	case targetNoError:
		panic("errors: *target must be interface or implement error")
	}
	return asIn(err, target)
}

func asIn(err error, target any) bool {
	for {
		if assignTo(err, target) {
			return true
		}
		if m, ok := err.(interface{ As(any) bool }); ok && m.As(target) {
			return true
		}
		switch u := err.(type) {
		case interface{ Unwrap() error }:
			if err = u.Unwrap(); err == nil {
				return false
			}
		case interface{ Unwrap() []error }:
			for _, e := range u.Unwrap() {
				if e != nil && asIn(e, target) {
					return true
				}
			}
			return false
		default:
			return false
		}
	}
}

// AsType finds the first error of type E in err's tree.
func AsType[E error](err error) (E, bool) {
	var found E
	if err == nil {
		return found, false
	}
	ok := asTypeIn(err, &found)
	return found, ok
}

func asTypeIn[E error](err error, found *E) bool {
	for {
		if e, ok := err.(E); ok {
			*found = e
			return true
		}
		if m, ok := err.(interface{ As(any) bool }); ok && m.As(found) {
			return true
		}
		switch u := err.(type) {
		case interface{ Unwrap() error }:
			if err = u.Unwrap(); err == nil {
				return false
			}
		case interface{ Unwrap() []error }:
			for _, e := range u.Unwrap() {
				if e != nil && asTypeIn(e, found) {
					return true
				}
			}
			return false
		default:
			return false
		}
	}
}

// What targetKind finds out about As's target.
const (
	targetOK = iota
	targetNil
	targetNotPointer
	targetNoError
)

// targetKind classifies As's target by its dynamic type; err, which is not nil, tells what the type error is.
func targetKind(err error, target any) int

// assignTo stores err in *target and reports true if err's dynamic type is the element type of target's pointer
// type, or implements it. target has been classified as targetOK.
func assignTo(err error, target any) bool

// isComparable reports whether err's dynamic type is comparable.
func isComparable(err error) bool { return rtype.Of(err).Flags&rtype.Comparable != 0 }
