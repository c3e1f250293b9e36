// Calls and returns with the wrong number or kind of values.
package main

func two() (int, error) { return 1, nil }

func take(a int, b string) {}

func wrong() (int, string) {
	return 1
}

func main() {
	x := two()
	take(1)
	take(1, "a", 2)
	take("a", 1)
	a, b, c := two()
	two() + 1
	x = 5
	1 = x
	main := 3
}
