package main

type Pair struct {
	a int
	a string
}
type Self struct{ x Self }
type Loop struct{ next *Loop }
type Left struct{ r Right }
type Right struct{ l [2]Left }
type Alias1 = Alias2
type Alias2 = Alias1
type Named Named

const limit = 1 << 100

var first = second
var second = third()

func third() int { return first }

const (
	zero = iota
	one, two
)

func (p Pair) Show()  {}
func (p *Pair) Show() {}
func (int) Bad()      {}
func twice()          {}
func twice()          {}

var big int = limit
var small int8 = 200
var text string = 1

func main() {
	var unused int
	x := 1
	x := 2
	y, y := 1, 2
	_ = missing
	_ = zero + one + two
	var l Loop
	_ = l
}
