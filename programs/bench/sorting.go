// The library's sorts: sort.Slice, sort.Sort, slices.Sort and slices.SortFunc.
package main

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
)

type person struct {
	name string
	age  int
}

type byAge []person

func (p byAge) Len() int           { return len(p) }
func (p byAge) Less(i, j int) bool { return p[i].age < p[j].age }
func (p byAge) Swap(i, j int)      { p[i], p[j] = p[j], p[i] }

func main() {
	x := uint32(17)
	next := func() int { x = x*1664525 + 1013904223; return int(x >> 9) }
	people := make([]person, 200_000)
	fill := func() {
		for i := range people {
			n := next()
			people[i] = person{string([]byte{'a' + byte(n%26), 'a' + byte(n/26%26), 'a' + byte(n/676%26)}), n}
		}
	}
	checksum := 0
	check := func() {
		for i, p := range people {
			checksum = checksum*31 + p.age&0xff + int(p.name[0])*(i&1)
		}
	}

	fill()
	sort.Slice(people, func(i, j int) bool { return people[i].age < people[j].age })
	check()
	fill()
	sort.Sort(byAge(people))
	check()
	fill()
	slices.SortFunc(people, func(a, b person) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.age, b.age))
	})
	check()
	fill()
	sort.SliceStable(people, func(i, j int) bool { return people[i].name < people[j].name })
	check()

	numbers := make([]int, 500_000)
	for i := range numbers {
		numbers[i] = next()
	}
	slices.Sort(numbers)
	at, found := slices.BinarySearch(numbers, numbers[1000])
	fmt.Println(checksum, numbers[0], numbers[len(numbers)-1], at, found)
}
