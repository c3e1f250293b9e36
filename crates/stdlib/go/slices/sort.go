package slices

// Sorting, and searching what is sorted.

import (
	"cmp"
	"math/bits"
)

// The natives sort like Sort.
func sortInts(x []int)
func sortFloat64s(x []float64)
func sortStrings(x []string)

// Sort sorts x in increasing order; NaNs come first.
func Sort[S ~[]E, E cmp.Ordered](x S) {
	if len(x) > 12 {
		switch x := any([]E(x)).(type) {
		case []int:
			sortInts(x)
			return
		case []float64:
			sortFloat64s(x)
			return
		case []string:
			sortStrings(x)
			return
		}
	}
	patternSort([]E(x), 0, len(x), bits.Len(uint(len(x))), cmp.Compare[E])
}

// SortFunc sorts x by cmp, a strict weak ordering; equal elements may change their order.
func SortFunc[S ~[]E, E any](x S, cmp func(a, b E) int) {
	patternSort([]E(x), 0, len(x), bits.Len(uint(len(x))), cmp)
}

// SortStableFunc sorts x by cmp and keeps equal elements in order.
func SortStableFunc[S ~[]E, E any](x S, cmp func(a, b E) int) {
	if len(x) <= 20 {
		insertionSort([]E(x), 0, len(x), cmp)
		return
	}
	mergeSort([]E(x), make([]E, (len(x)+1)/2), cmp)
}

// mergeSort sorts x with the help of room for half of it.
func mergeSort[E any](x, room []E, cmp func(a, b E) int) {
	if len(x) <= 12 {
		insertionSort(x, 0, len(x), cmp)
		return
	}
	m := len(x) / 2
	mergeSort(x[:m], room, cmp)
	mergeSort(x[m:], room, cmp)
	if cmp(x[m], x[m-1]) >= 0 {
		return
	}
	left := room[:m]
	copy(left, x)
	i, j, to := 0, m, 0
	for i < len(left) && j < len(x) {
		if cmp(x[j], left[i]) < 0 {
			x[to] = x[j]
			j++
		} else {
			x[to] = left[i]
			i++
		}
		to++
	}
	copy(x[to:], left[i:])
}

// IsSorted reports whether x is in increasing order.
func IsSorted[S ~[]E, E cmp.Ordered](x S) bool {
	for i := len(x) - 1; i > 0; i-- {
		if cmp.Less(x[i], x[i-1]) {
			return false
		}
	}
	return true
}

// IsSortedFunc reports whether x is in the order of cmp.
func IsSortedFunc[S ~[]E, E any](x S, cmp func(a, b E) int) bool {
	for i := len(x) - 1; i > 0; i-- {
		if cmp(x[i], x[i-1]) < 0 {
			return false
		}
	}
	return true
}

// Min returns the least element, NaN if there is one. It panics if x is empty.
func Min[S ~[]E, E cmp.Ordered](x S) E {
	if len(x) < 1 {
		panic("slices.Min: empty list")
	}
	m := x[0]
	for i := 1; i < len(x); i++ {
		m = min(m, x[i])
	}
	return m
}

// MinFunc returns the first least element by cmp. It panics if x is empty.
func MinFunc[S ~[]E, E any](x S, cmp func(a, b E) int) E {
	if len(x) < 1 {
		panic("slices.MinFunc: empty list")
	}
	m := x[0]
	for i := 1; i < len(x); i++ {
		if cmp(x[i], m) < 0 {
			m = x[i]
		}
	}
	return m
}

// Max returns the greatest element, NaN if there is one. It panics if x is empty.
func Max[S ~[]E, E cmp.Ordered](x S) E {
	if len(x) < 1 {
		panic("slices.Max: empty list")
	}
	m := x[0]
	for i := 1; i < len(x); i++ {
		m = max(m, x[i])
	}
	return m
}

// MaxFunc returns the first greatest element by cmp. It panics if x is empty.
func MaxFunc[S ~[]E, E any](x S, cmp func(a, b E) int) E {
	if len(x) < 1 {
		panic("slices.MaxFunc: empty list")
	}
	m := x[0]
	for i := 1; i < len(x); i++ {
		if cmp(x[i], m) > 0 {
			m = x[i]
		}
	}
	return m
}

// BinarySearch returns where target is, or would be inserted, in the sorted x, and whether it is there.
func BinarySearch[S ~[]E, E cmp.Ordered](x S, target E) (int, bool) {
	lo, hi := 0, len(x)
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		if cmp.Less(x[m], target) {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return lo, lo < len(x) && cmp.Compare(x[lo], target) == 0
}

// BinarySearchFunc is BinarySearch in the order of cmp.
func BinarySearchFunc[S ~[]E, E, T any](x S, target T, cmp func(E, T) int) (int, bool) {
	lo, hi := 0, len(x)
	for lo < hi {
		m := int(uint(lo+hi) >> 1)
		if cmp(x[m], target) < 0 {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return lo, lo < len(x) && cmp(x[lo], target) == 0
}

// What follows is pattern-defeating quicksort with the choices that package sort explains.

func insertionSort[E any](x []E, a, b int, cmp func(a, b E) int) {
	for i := a + 1; i < b; i++ {
		e := x[i]
		j := i
		for ; j > a && cmp(e, x[j-1]) < 0; j-- {
			x[j] = x[j-1]
		}
		x[j] = e
	}
}

func siftDown[E any](heap []E, root int, cmp func(a, b E) int) {
	for {
		child := 2*root + 1
		if child >= len(heap) {
			return
		}
		if child+1 < len(heap) && cmp(heap[child], heap[child+1]) < 0 {
			child++
		}
		if cmp(heap[root], heap[child]) >= 0 {
			return
		}
		heap[root], heap[child] = heap[child], heap[root]
		root = child
	}
}

func heapSort[E any](x []E, cmp func(a, b E) int) {
	for i := (len(x) - 1) / 2; i >= 0; i-- {
		siftDown(x, i, cmp)
	}
	for i := len(x) - 1; i >= 0; i-- {
		x[0], x[i] = x[i], x[0]
		siftDown(x[:i], 0, cmp)
	}
}

func patternSort[E any](x []E, a, b, limit int, cmp func(a, b E) int) {
	balanced, partitioned := true, true
	for {
		n := b - a
		if n <= 12 {
			insertionSort(x, a, b, cmp)
			return
		}
		if limit == 0 {
			heapSort(x[a:b], cmp)
			return
		}
		if !balanced {
			scatter(x[a:b])
			limit--
		}
		pivot, order := choosePivot(x, a, b, cmp)
		if order == falling {
			Reverse(x[a:b])
			pivot = b - 1 - (pivot - a)
			order = rising
		}
		if balanced && partitioned && order == rising && finish(x, a, b, cmp) {
			return
		}
		if a > 0 && cmp(x[a-1], x[pivot]) >= 0 {
			a = partitionEqual(x, a, b, pivot, cmp)
			continue
		}
		var mid int
		mid, partitioned = partition(x, a, b, pivot, cmp)
		left, right := mid-a, b-mid
		if left < right {
			balanced = left >= n/8
			patternSort(x, a, mid, limit, cmp)
			a = mid + 1
		} else {
			balanced = right >= n/8
			patternSort(x, mid+1, b, limit, cmp)
			b = mid
		}
	}
}

func partition[E any](x []E, a, b, pivot int, cmp func(a, b E) int) (mid int, already bool) {
	x[a], x[pivot] = x[pivot], x[a]
	p := x[a]
	i, j := a+1, b-1
	already = true
	for {
		for i <= j && cmp(x[i], p) < 0 {
			i++
		}
		for i <= j && cmp(x[j], p) >= 0 {
			j--
		}
		if i > j {
			break
		}
		already = false
		x[i], x[j] = x[j], x[i]
		i++
		j--
	}
	x[j], x[a] = x[a], x[j]
	return j, already
}

func partitionEqual[E any](x []E, a, b, pivot int, cmp func(a, b E) int) int {
	x[a], x[pivot] = x[pivot], x[a]
	p := x[a]
	i, j := a+1, b-1
	for {
		for i <= j && cmp(p, x[i]) >= 0 {
			i++
		}
		for i <= j && cmp(p, x[j]) < 0 {
			j--
		}
		if i > j {
			return i
		}
		x[i], x[j] = x[j], x[i]
		i++
		j--
	}
}

func finish[E any](x []E, a, b int, cmp func(a, b E) int) bool {
	const (
		maxSteps   = 5
		minToShift = 50
	)
	i := a + 1
	for step := 0; step < maxSteps; step++ {
		for i < b && cmp(x[i], x[i-1]) >= 0 {
			i++
		}
		if i == b {
			return true
		}
		if b-a < minToShift {
			return false
		}
		x[i], x[i-1] = x[i-1], x[i]
		if i-a >= 2 {
			for j := i - 1; j >= 1 && cmp(x[j], x[j-1]) < 0; j-- {
				x[j], x[j-1] = x[j-1], x[j]
			}
		}
		if b-i >= 2 {
			for j := i + 1; j < b && cmp(x[j], x[j-1]) < 0; j++ {
				x[j], x[j-1] = x[j-1], x[j]
			}
		}
	}
	return false
}

func scatter[E any](x []E) {
	n := len(x)
	if n < 8 {
		return
	}
	random := uint64(n)
	mask := uint(1)<<bits.Len(uint(n)) - 1
	at := n/4*2 - 1
	for i := 0; i < 3; i++ {
		random ^= random << 13
		random ^= random >> 7
		random ^= random << 17
		other := int(uint(random) & mask)
		if other >= n {
			other -= n
		}
		x[at+i], x[other] = x[other], x[at+i]
	}
}

const (
	unknown = iota
	rising
	falling
)

func choosePivot[E any](x []E, a, b int, cmp func(a, b E) int) (pivot, order int) {
	n := b - a
	swaps := 0
	i, j, k := a+n/4, a+n/4*2, a+n/4*3
	if n >= 8 {
		if n >= 50 {
			i = median(x, i-1, i, i+1, &swaps, cmp)
			j = median(x, j-1, j, j+1, &swaps, cmp)
			k = median(x, k-1, k, k+1, &swaps, cmp)
		}
		j = median(x, i, j, k, &swaps, cmp)
	}
	switch swaps {
	case 0:
		return j, rising
	case 4 * 3:
		return j, falling
	}
	return j, unknown
}

func median[E any](x []E, a, b, c int, swaps *int, cmp func(a, b E) int) int {
	if cmp(x[b], x[a]) < 0 {
		*swaps++
		a, b = b, a
	}
	if cmp(x[c], x[b]) < 0 {
		*swaps++
		b = c
	}
	if cmp(x[b], x[a]) < 0 {
		*swaps++
		b = a
	}
	return b
}
