package sort

// The sorting algorithms, over anything that can compare and swap by index.
//
// Unstable sorting is pattern-defeating quicksort (Orson Peters, https://arxiv.org/abs/2106.05123). Programs come to
// depend on the order in which it leaves equal elements, so its choices (which elements become pivots, when it gives
// up) are the ones that gc's library makes.

import "math/bits"

type lessSwap interface {
	Less(i, j int) bool
	Swap(i, j int)
}

func insertionSort[D lessSwap](data D, a, b int) {
	for i := a + 1; i < b; i++ {
		for j := i; j > a && data.Less(j, j-1); j-- {
			data.Swap(j, j-1)
		}
	}
}

// siftDown restores the heap property below root in the heap of n elements that begins at first.
func siftDown[D lessSwap](data D, root, n, first int) {
	for {
		child := 2*root + 1
		if child >= n {
			return
		}
		if child+1 < n && data.Less(first+child, first+child+1) {
			child++
		}
		if !data.Less(first+root, first+child) {
			return
		}
		data.Swap(first+root, first+child)
		root = child
	}
}

func heapSort[D lessSwap](data D, a, b int) {
	n := b - a
	for i := (n - 1) / 2; i >= 0; i-- {
		siftDown(data, i, n, a)
	}
	for i := n - 1; i >= 0; i-- {
		data.Swap(a, a+i)
		siftDown(data, 0, i, a)
	}
}

// patternSort sorts [a, b); after limit bad pivots it falls back to heapsort.
func patternSort[D lessSwap](data D, a, b, limit int) {
	balanced, partitioned := true, true
	for {
		n := b - a
		if n <= 12 {
			insertionSort(data, a, b)
			return
		}
		if limit == 0 {
			heapSort(data, a, b)
			return
		}
		if !balanced {
			scatter(data, a, b)
			limit--
		}
		pivot, order := choosePivot(data, a, b)
		if order == falling {
			for i, j := a, b-1; i < j; i, j = i+1, j-1 {
				data.Swap(i, j)
			}
			pivot = b - 1 - (pivot - a)
			order = rising
		}
		if balanced && partitioned && order == rising && finish(data, a, b) {
			return
		}
		// No element is less than the one before a, so if the pivot is not greater it equals many.
		if a > 0 && !data.Less(a-1, pivot) {
			a = partitionEqual(data, a, b, pivot)
			continue
		}
		var mid int
		mid, partitioned = partition(data, a, b, pivot)
		left, right := mid-a, b-mid
		if left < right {
			balanced = left >= n/8
			patternSort(data, a, mid, limit)
			a = mid + 1
		} else {
			balanced = right >= n/8
			patternSort(data, mid+1, b, limit)
			b = mid
		}
	}
}

// partition puts what is less than the pivot before it and the rest after it, and returns where the pivot is then and
// whether nothing had to move.
func partition[D lessSwap](data D, a, b, pivot int) (mid int, already bool) {
	data.Swap(a, pivot)
	i, j := a+1, b-1
	already = true
	for {
		for i <= j && data.Less(i, a) {
			i++
		}
		for i <= j && !data.Less(j, a) {
			j--
		}
		if i > j {
			break
		}
		already = false
		data.Swap(i, j)
		i++
		j--
	}
	data.Swap(j, a)
	return j, already
}

// partitionEqual puts what equals the pivot, which is the least, first and returns where the greater elements begin.
func partitionEqual[D lessSwap](data D, a, b, pivot int) int {
	data.Swap(a, pivot)
	i, j := a+1, b-1
	for {
		for i <= j && !data.Less(a, i) {
			i++
		}
		for i <= j && data.Less(a, j) {
			j--
		}
		if i > j {
			return i
		}
		data.Swap(i, j)
		i++
		j--
	}
}

// finish sorts what is almost sorted already and reports whether it was.
func finish[D lessSwap](data D, a, b int) bool {
	const (
		maxSteps   = 5
		minToShift = 50
	)
	i := a + 1
	for step := 0; step < maxSteps; step++ {
		for i < b && !data.Less(i, i-1) {
			i++
		}
		if i == b {
			return true
		}
		if b-a < minToShift {
			return false
		}
		data.Swap(i, i-1)
		if i-a >= 2 {
			for j := i - 1; j >= 1 && data.Less(j, j-1); j-- {
				data.Swap(j, j-1)
			}
		}
		if b-i >= 2 {
			for j := i + 1; j < b && data.Less(j, j-1); j++ {
				data.Swap(j, j-1)
			}
		}
	}
	return false
}

// scatter moves three elements to break a pattern that gave an unbalanced partition.
func scatter[D lessSwap](data D, a, b int) {
	n := b - a
	if n < 8 {
		return
	}
	random := uint64(n)
	mask := uint(1)<<bits.Len(uint(n)) - 1
	at := a + n/4*2 - 1
	for i := 0; i < 3; i++ {
		random ^= random << 13
		random ^= random >> 7
		random ^= random << 17
		other := int(uint(random) & mask)
		if other >= n {
			other -= n
		}
		data.Swap(at+i, a+other)
	}
}

// What choosing a pivot tells about the order of the elements.
const (
	unknown = iota
	rising
	falling
)

// choosePivot takes the middle of three elements, of three middles when there are many.
func choosePivot[D lessSwap](data D, a, b int) (pivot, order int) {
	n := b - a
	swaps := 0
	i, j, k := a+n/4, a+n/4*2, a+n/4*3
	if n >= 8 {
		if n >= 50 {
			i = median(data, i-1, i, i+1, &swaps)
			j = median(data, j-1, j, j+1, &swaps)
			k = median(data, k-1, k, k+1, &swaps)
		}
		j = median(data, i, j, k, &swaps)
	}
	switch swaps {
	case 0:
		return j, rising
	case 4 * 3:
		return j, falling
	}
	return j, unknown
}

func median[D lessSwap](data D, a, b, c int, swaps *int) int {
	if data.Less(b, a) {
		*swaps++
		a, b = b, a
	}
	if data.Less(c, b) {
		*swaps++
		b = c
	}
	if data.Less(b, a) {
		*swaps++
		b = a
	}
	return b
}

// stable sorts blocks by insertion and merges them in place by rotation (SymMerge, Kim and Kutzner 2004).
func stable[D lessSwap](data D, n int) {
	size := 20
	a := 0
	for ; a+size <= n; a += size {
		insertionSort(data, a, a+size)
	}
	insertionSort(data, a, n)
	for ; size < n; size *= 2 {
		a := 0
		for ; a+2*size <= n; a += 2 * size {
			symMerge(data, a, a+size, a+2*size)
		}
		if a+size < n {
			symMerge(data, a, a+size, n)
		}
	}
}

// symMerge merges the sorted [a, m) and [m, b).
func symMerge[D lessSwap](data D, a, m, b int) {
	if m-a == 0 || b-m == 0 {
		return
	}
	if m-a == 1 {
		// Insert the one element before the first of [m, b) that is not less.
		lo, hi := m, b
		for lo < hi {
			h := int(uint(lo+hi) >> 1)
			if data.Less(h, a) {
				lo = h + 1
			} else {
				hi = h
			}
		}
		for k := a; k < lo-1; k++ {
			data.Swap(k, k+1)
		}
		return
	}
	if b-m == 1 {
		// Insert the one element before the first of [a, m) that is greater.
		lo, hi := a, m
		for lo < hi {
			h := int(uint(lo+hi) >> 1)
			if !data.Less(m, h) {
				lo = h + 1
			} else {
				hi = h
			}
		}
		for k := m; k > lo; k-- {
			data.Swap(k, k-1)
		}
		return
	}
	mid := int(uint(a+b) >> 1)
	n := mid + m
	var lo, hi int
	if m > mid {
		lo, hi = n-b, mid
	} else {
		lo, hi = a, m
	}
	p := n - 1
	for lo < hi {
		c := int(uint(lo+hi) >> 1)
		if !data.Less(p-c, c) {
			lo = c + 1
		} else {
			hi = c
		}
	}
	end := n - lo
	if lo < m && m < end {
		rotate(data, lo, m, end)
	}
	if a < lo && lo < mid {
		symMerge(data, a, lo, mid)
	}
	if mid < end && end < b {
		symMerge(data, mid, end, b)
	}
}

// rotate exchanges the neighbours [a, m) and [m, b).
func rotate[D lessSwap](data D, a, m, b int) {
	swapRanges := func(x, y, n int) {
		for i := 0; i < n; i++ {
			data.Swap(x+i, y+i)
		}
	}
	i, j := m-a, b-m
	for i != j {
		if i > j {
			swapRanges(m-i, m, j)
			i -= j
		} else {
			swapRanges(m-i, m+j-i, i)
			j -= i
		}
	}
	swapRanges(m-i, m, i)
}
