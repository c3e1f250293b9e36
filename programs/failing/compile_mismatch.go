// Types that do not fit.
package main

import "fmt"

type metres float64

func half(m metres) metres { return m / 2 }

func main() {
	var n int = "text"
	var s string = 1 + 2
	n = 2.5
	length := 3.0
	fmt.Println(half(length), n+s, n+length)
	if n {
		n = nil
	}
	s.foo()
	return 1
}
