package main

type pair[A, B any] struct {
	first  A
	second B
}

func (p pair[A, B]) swap() pair[B, A] { return pair[B, A]{p.second, p.first} }

type s struct{ f pair[int, bool] }

func main() {
	v := s{pair[int, bool]{1, true}}
	println(v.f.swap().second)
}
