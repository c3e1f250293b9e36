package main

type pair[A, B any] struct {
	first  A
	second B
}

func main() {
	v := pair[int, pair[int, bool]]{second: pair[int, bool]{2, true}}
	println(v.second.first)
}
