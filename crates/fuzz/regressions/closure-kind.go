// A captured pointer is read only behind the check of which function the closure calls, also where something in the loop may write that check's word.
package main

var done, sum, fuel int

func count(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		defer func() { done++ }()
		for i := 0; i < n; i++ {
			if !yield(i * 3) {
				return
			}
		}
	}
}

//go:noinline
func ranged(v int16) {
	for range count(2) {
		fuel--
		if fuel < -1000 {
			break
		}
		w := v
		p := &w
		*p = v ^ (-32768 & w)
	}
}

//go:noinline
func called(x, y int) {
	count(2)(func(i int) bool {
		sum += i*x + y
		return true
	})
}

func main() {
	for i := 0; i < 4; i++ {
		ranged(int16(i))
	}
	called(5, -1)
	ranged(7)
	println(done, sum, fuel)
}
