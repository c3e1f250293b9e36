package main

type T struct{}

func (t T) m[P any](x P) {}

type I interface {
	m[P any](P)
}

var f = func[P any](x P) {}

func main() {
	for i := 0; i < 10 {
	}
	L:
	for {
		break M
		continue
	}
	continue
	if x := 1 {
	}
	goto N
	var y int
N:
	a := 1,
	if a == 1
	{
	}
}
