// Errors are values: wrapping, errors.Is, errors.As, errors.Join.
package main

import (
	"errors"
	"fmt"
	"strconv"
)

var ErrEmpty = errors.New("empty input")

// RangeError tells what was out of range.
type RangeError struct {
	Value, Low, High int
}

func (e *RangeError) Error() string {
	return fmt.Sprintf("%d is not between %d and %d", e.Value, e.Low, e.High)
}

func parseAge(s string) (int, error) {
	if s == "" {
		return 0, ErrEmpty
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0, fmt.Errorf("age %q: %w", s, err)
	}
	if n < 0 || n > 150 {
		return 0, fmt.Errorf("age %q: %w", s, &RangeError{n, 0, 150})
	}
	return n, nil
}

func main() {
	var failures []error
	for _, s := range []string{"42", "", "seven", "200"} {
		n, err := parseAge(s)
		var outside *RangeError
		switch {
		case err == nil:
			fmt.Println("age", n)
		case errors.Is(err, ErrEmpty):
			fmt.Println("nothing given")
		case errors.Is(err, strconv.ErrSyntax):
			fmt.Println("no number:", err)
		case errors.As(err, &outside):
			fmt.Println("too high by", outside.Value-outside.High)
		}
		if err != nil {
			failures = append(failures, err)
		}
	}
	all := errors.Join(failures...)
	fmt.Println(errors.Is(all, ErrEmpty), errors.Unwrap(failures[2]))
	fmt.Println(all)
}
