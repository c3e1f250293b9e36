// Package sort sorts slices and other ordered collections.
package sort

import (
	"math/bits"
	"slices"
)

// Interface is a collection whose elements are known by their index.
type Interface interface {
	Len() int
	// Less reports whether element i must come before element j. It must be a strict weak ordering.
	Less(i, j int) bool
	Swap(i, j int)
}

// Sort sorts data; equal elements may change their order.
func Sort(data Interface) {
	n := data.Len()
	if n > 1 {
		patternSort(data, 0, n, bits.Len(uint(n)))
	}
}

// Stable sorts data and keeps equal elements in order.
func Stable(data Interface) { stable(data, data.Len()) }

// IsSorted reports whether data is sorted.
func IsSorted(data Interface) bool {
	for i := data.Len() - 1; i > 0; i-- {
		if data.Less(i, i-1) {
			return false
		}
	}
	return true
}

// Reverse returns data with the order turned round.
func Reverse(data Interface) Interface { return &reversed{data} }

type reversed struct{ Interface }

func (r reversed) Less(i, j int) bool { return r.Interface.Less(j, i) }

// swapElements swaps two elements of x, which is a slice.
func swapElements(x any, i, j int)

// length returns the length of x, which is a slice; -1 for anything else.
func length(x any) int

// bySlice sorts any slice by a function of indices.
type bySlice struct {
	x    any
	less func(i, j int) bool
}

func (b *bySlice) Less(i, j int) bool { return b.less(i, j) }
func (b *bySlice) Swap(i, j int)      { swapElements(b.x, i, j) }

func lengthOf(x any) int {
	n := length(x)
	if n < 0 {
		panic("sort: the argument is not a slice")
	}
	return n
}

// Slice sorts the slice x by less; equal elements may change their order. It panics if x is not a slice.
func Slice(x any, less func(i, j int) bool) {
	n := lengthOf(x)
	patternSort(&bySlice{x, less}, 0, n, bits.Len(uint(n)))
}

// SliceStable sorts the slice x by less and keeps equal elements in order. It panics if x is not a slice.
func SliceStable(x any, less func(i, j int) bool) {
	stable(&bySlice{x, less}, lengthOf(x))
}

// SliceIsSorted reports whether the slice x is sorted by less. It panics if x is not a slice.
func SliceIsSorted(x any, less func(i, j int) bool) bool {
	for i := lengthOf(x) - 1; i > 0; i-- {
		if less(i, i-1) {
			return false
		}
	}
	return true
}

// IntSlice sorts ints in increasing order.
type IntSlice []int

func (x IntSlice) Len() int           { return len(x) }
func (x IntSlice) Less(i, j int) bool { return x[i] < x[j] }
func (x IntSlice) Swap(i, j int)      { x[i], x[j] = x[j], x[i] }

// Sort sorts x.
func (x IntSlice) Sort() { Sort(x) }

// Search is SearchInts.
func (p IntSlice) Search(x int) int { return SearchInts(p, x) }

// Float64Slice sorts float64s in increasing order, NaNs first.
type Float64Slice []float64

func (x Float64Slice) Len() int { return len(x) }

// Less puts NaN before all other numbers.
func (x Float64Slice) Less(i, j int) bool { return x[i] < x[j] || x[i] != x[i] && x[j] == x[j] }
func (x Float64Slice) Swap(i, j int)      { x[i], x[j] = x[j], x[i] }

// Sort sorts x.
func (x Float64Slice) Sort() { Sort(x) }

// Search is SearchFloat64s.
func (p Float64Slice) Search(x float64) int { return SearchFloat64s(p, x) }

// StringSlice sorts strings in increasing order.
type StringSlice []string

func (x StringSlice) Len() int           { return len(x) }
func (x StringSlice) Less(i, j int) bool { return x[i] < x[j] }
func (x StringSlice) Swap(i, j int)      { x[i], x[j] = x[j], x[i] }

// Sort sorts x.
func (x StringSlice) Sort() { Sort(x) }

// Search is SearchStrings.
func (p StringSlice) Search(x string) int { return SearchStrings(p, x) }

// Ints sorts x in increasing order.
func Ints(x []int) { slices.Sort(x) }

// Float64s sorts x in increasing order, NaNs first.
func Float64s(x []float64) { slices.Sort(x) }

// Strings sorts x in increasing order.
func Strings(x []string) { slices.Sort(x) }

// IntsAreSorted reports whether x is in increasing order.
func IntsAreSorted(x []int) bool { return slices.IsSorted(x) }

// Float64sAreSorted reports whether x is in increasing order, NaNs first.
func Float64sAreSorted(x []float64) bool { return slices.IsSorted(x) }

// StringsAreSorted reports whether x is in increasing order.
func StringsAreSorted(x []string) bool { return slices.IsSorted(x) }

// Search returns the least i in [0, n) for which f(i) is true, or n, given that f is true for all indices after one.
func Search(n int, f func(int) bool) int {
	lo, hi := 0, n
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		if f(m) {
			hi = m
		} else {
			lo = m + 1
		}
	}
	return lo
}

// Find returns the least i in [0, n) with cmp(i) <= 0, or n, and whether cmp(i) is 0 there; cmp must fall with i.
func Find(n int, cmp func(int) int) (i int, found bool) {
	lo, hi := 0, n
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		if cmp(m) > 0 {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return lo, lo < n && cmp(lo) == 0
}

// SearchInts returns where x is, or would be inserted, in the sorted a.
func SearchInts(a []int, x int) int {
	lo, hi := 0, len(a)
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		if a[m] < x {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return lo
}

// SearchFloat64s returns where x is, or would be inserted, in the sorted a.
func SearchFloat64s(a []float64, x float64) int {
	return Search(len(a), func(i int) bool { return a[i] >= x })
}

// SearchStrings returns where x is, or would be inserted, in the sorted a.
func SearchStrings(a []string, x string) int {
	return Search(len(a), func(i int) bool { return a[i] >= x })
}
