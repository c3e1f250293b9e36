package main

type A [P any
type B[P any, Q] struct{}
type C[] int
type D [3,]int
type E struct {
	(F)
	*(G)
	a, b
	x int y int
}
type F interface {
	m[T any]()
	m[]()
	~
}
type G chan
type H <-int
type I <-chan<- int
type J map[string
type K func(a int, string, b)
type L func(...int, string) (...int)
type M func[T any](T)
func (a, b T) two() {}
func () none() {}
func f[]() {}
func g(a, b int, c) {}
func h(x ...) {}
var v = [...]int{1, 2
}
var w = []int{1 2}
type N[P *T,] int
type O[P *T] int
type Q = 
