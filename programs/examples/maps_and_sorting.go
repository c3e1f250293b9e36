// Maps, slices and their sorting.
package main

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
)

func main() {
	ages := map[string]int{"Ada": 36, "Grace": 85, "Alan": 41}
	ages["Edsger"] = 72
	delete(ages, "Alan")
	if age, ok := ages["Alan"]; !ok {
		fmt.Println("Alan is gone, his age reads", age)
	}
	fmt.Println(len(ages), ages)

	for _, name := range slices.Sorted(maps.Keys(ages)) {
		fmt.Printf("%-7s%3d\n", name, ages[name])
	}

	names := slices.Collect(maps.Keys(ages))
	sort.Slice(names, func(i, j int) bool { return ages[names[i]] > ages[names[j]] })
	fmt.Println("by age:", strings.Join(names, ", "))

	groups := map[bool][]int{}
	for n := range 8 {
		groups[n%2 == 0] = append(groups[n%2 == 0], n)
	}
	fmt.Println(groups)

	list := []int{5, 2, 8, 2, 9, 1}
	slices.Sort(list)
	at, found := slices.BinarySearch(list, 8)
	fmt.Println(slices.Compact(list), at, found, slices.Max(list), slices.Contains(list, 3))
	matrix := [][]int{{1, 2}, {3}, {}}
	matrix[2] = append(matrix[2], 4, 5, 6)
	fmt.Println(matrix, slices.Concat(matrix...))
	clear(ages)
	fmt.Println(len(ages))
}
