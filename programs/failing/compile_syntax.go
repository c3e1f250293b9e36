// A syntax error.
package main

func main() {
	x := []int{1, 2
	}
	if x == nil {
		return
	}
}
