// Package shop is something to test.
package shop

import "errors"

// ErrNone is the error of Take when there is nothing left.
var ErrNone = errors.New("none left")

type Shelf struct{ count int }

func (s *Shelf) Put(n int) { s.count += n }

func (s *Shelf) Take() error {
	if s.count == 0 {
		return ErrNone
	}
	s.count--
	return nil
}
