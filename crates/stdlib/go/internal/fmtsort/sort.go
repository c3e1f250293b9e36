// Package fmtsort orders map entries for printing.
package fmtsort

import (
	"cmp"
	"reflect"
	"slices"
)

// KeyValue is an entry of a map.
type KeyValue struct {
	Key, Value reflect.Value
}

// SortedMap is a map's entries in the order of their keys.
type SortedMap []KeyValue

// Sort returns the entries of a map: numbers, strings, pointers and channels ascending, false before true, NaN before other
// numbers, structs and arrays element by element, interfaces by type, then value.
func Sort(m reflect.Value) SortedMap {
	if m.Type().Kind() != reflect.Map {
		return nil
	}
	sorted := make(SortedMap, 0, m.Len())
	for it := m.MapRange(); it.Next(); {
		sorted = append(sorted, KeyValue{it.Key(), it.Value()})
	}
	slices.SortStableFunc(sorted, func(a, b KeyValue) int { return compare(a.Key, b.Key) })
	return sorted
}

func compare(a, b reflect.Value) int {
	at, bt := a.Type(), b.Type()
	if at != bt {
		return -1
	}
	switch a.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return cmp.Compare(a.Int(), b.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return cmp.Compare(a.Uint(), b.Uint())
	case reflect.String:
		return cmp.Compare(a.String(), b.String())
	case reflect.Float32, reflect.Float64:
		return cmp.Compare(a.Float(), b.Float())
	case reflect.Complex64, reflect.Complex128:
		x, y := a.Complex(), b.Complex()
		if c := cmp.Compare(real(x), real(y)); c != 0 {
			return c
		}
		return cmp.Compare(imag(x), imag(y))
	case reflect.Bool:
		switch {
		case a.Bool() == b.Bool():
			return 0
		case a.Bool():
			return 1
		}
		return -1
	case reflect.Pointer, reflect.UnsafePointer:
		return cmp.Compare(a.Pointer(), b.Pointer())
	case reflect.Chan:
		if c, ok := compareNil(a, b); ok {
			return c
		}
		return cmp.Compare(a.Pointer(), b.Pointer())
	case reflect.Struct:
		for i := range a.NumField() {
			if c := compare(a.Field(i), b.Field(i)); c != 0 {
				return c
			}
		}
		return 0
	case reflect.Array:
		for i := range a.Len() {
			if c := compare(a.Index(i), b.Index(i)); c != 0 {
				return c
			}
		}
		return 0
	case reflect.Interface:
		if c, ok := compareNil(a, b); ok {
			return c
		}
		if c := compare(reflect.ValueOf(a.Elem().Type()), reflect.ValueOf(b.Elem().Type())); c != 0 {
			return c
		}
		return compare(a.Elem(), b.Elem())
	}
	panic("bad type in compare: " + at.String())
}

func compareNil(a, b reflect.Value) (int, bool) {
	switch {
	case a.IsNil() && b.IsNil():
		return 0, true
	case a.IsNil():
		return -1, true
	case b.IsNil():
		return 1, true
	}
	return 0, false
}
