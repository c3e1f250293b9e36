package shop_test

import (
	"errors"
	"fmt"
	"testing"

	"example.com/stock/shop"
)

func TestOutside(t *testing.T) {
	var s shop.Shelf
	if err := s.Take(); !errors.Is(err, shop.ErrNone) {
		t.Fatal(err)
	}
}

func ExampleShelf() {
	var s shop.Shelf
	s.Put(1)
	fmt.Println(s.Take(), s.Take())
	// Output: <nil> none left
}

func ExampleShelf_wrong() {
	fmt.Println("this")
	// Output:
	// that
}
