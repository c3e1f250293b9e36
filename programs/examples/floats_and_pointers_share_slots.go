// Calls pass floats, lengths and pointers in the same slots, one after the other.
package main

import "fmt"

func same[T any](v T) T { return v }

func index(n, i int) int { return int(uint(i) % uint(n)) }

func length(s string) int {
	n := 0
	for range s {
		n++
	}
	return n
}

func shifts() {
	var kept [3]string
	for i, s := range kept {
		f := same(float64(i)) + float64(len(s))
		kept = [3]string{
			func(s string, i int) string {
				i = index(len(s)+1, i)
				return s[i:] + s[:i]
			}(same(same("añb")+kept[index(3, 0)]), int(f)),
			kept[0],
			kept[1],
		}
		fmt.Println(length(kept[0])+length(kept[1])*100+length(kept[2])*10000, f)
	}
	fmt.Printf("%q\n", kept)
}

type pair struct {
	name  string
	next  *pair
	value float64
}

func swap(a, b *pair) *pair {
	a.value, b.value = same(b.value)+1, same(a.value)*2
	a.next, b.next = same(b.next), same(a.next)
	a.name, b.name = same(b.name), same(a.name)
	return a.next
}

func main() {
	shifts()
	a, b := &pair{name: "a", value: 1}, &pair{name: "b", value: 2}
	a.next, b.next = b, a
	for range 5 {
		next := swap(a, b)
		fmt.Println(a.name, b.name, a.value, b.value, next == a, a.next.name, b.next.name)
	}
}
