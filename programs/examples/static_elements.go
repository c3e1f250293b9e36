// Addresses of elements of package variables are known before anything runs, whatever the elements come to hold.
package main

import "fmt"

type cell struct {
	name  string
	value int32
}

const last = 3

var (
	first  = &cells[0]
	end    = &cells[last]
	table  = map[string]*cell{"second": &cells[1], "end": end}
	list   = [...]*cell{&cells[2], first, nil, &cells[1+1]}
	cells  = [last + 1]cell{{"a", compute(1)}, {"b", compute(2)}, {"c", compute(3)}, {"d", compute(4)}}
	nested = struct {
		p *int
		q *[2]int
	}{&grid[0][1], &grid[2]}
	inner = &grid[1]
	grid  [3][2]int
	empty = &nothing[1]
	// Of a slice it is not.
	slice   = []int{1, 2, 3}
	inSlice = &slice[1]
	nothing [2]struct{}
)

func compute(x int32) int32 { return x * x }

func main() {
	first.value++
	end.name += "!"
	fmt.Println(*first, *end, cells, table["second"].name, list[0] == list[3], *list[1], list[2])
	*nested.p, nested.q[0], inner[0] = 5, 7, 9
	*inSlice = 20
	fmt.Println(grid, slice, empty == &nothing[1])
}
