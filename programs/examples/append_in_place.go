// Slices in structs and variables that are appended to, or cut, where they are: what is stored back, and when.
package main

import "fmt"

type Stack struct {
	n     int
	words []int
	ptrs  []*int
	names []string
	pairs [][2]int
}

func (s *Stack) push(x int)  { s.words = append(s.words, x) }
func (s *Stack) pushp(x int) { s.ptrs = append(s.ptrs, &x) }
func (s *Stack) pop() int {
	x := s.words[len(s.words)-1]
	s.words = s.words[:len(s.words)-1]
	return x
}
func (s *Stack) drop() { s.ptrs = s.ptrs[1:] }

// What is appended to has another slice by the time that it is stored.
func (s *Stack) reset(x int) {
	words := s.words[:0]
	s.words = make([]int, 1, 8)
	s.words = append(words, x, x+1)
}

// Another slice's elements, and its own.
func (s *Stack) double() { s.words = append(s.words, s.words...) }
func (s *Stack) twice(o *Stack) {
	s.words = append(o.words, len(s.words))
	o.words = append(o.words, -1)
}

var global Stack
var list []string

func remember(s string, i int) {
	list = append(list, s)
	global.names = append(global.names, s)
	global.pairs = append(global.pairs, [2]int{i, -i})
	if len(list) > 40 {
		list = list[:3]
		global.names = global.names[10:]
		global.pairs = append(global.pairs[:2], global.pairs[30:]...)
	}
}

func on(s *Stack, i int) (err any) {
	defer func() { err = recover() }()
	s.words = append(s.words, i)
	s.words = s.words[:i]
	return nil
}

// Rows of one table: each has its own room.
func rows(n int) (t [][]int) {
	t = make([][]int, 5)
	for i := range n {
		t[i%5] = append(t[i%5], i)
		if i%7 == 0 {
			t[i%5] = t[i%5][len(t[i%5])/2:]
		}
	}
	return t
}

func main() {
	s := &Stack{}
	sum := 0
	for i := range 5000 {
		s.push(i)
		s.push(sum)
		s.push(s.pop() + s.pop())
		if i%10 == 9 {
			sum += s.pop() - s.pop()
		}
		s.pushp(i)
		if i%3 == 0 {
			s.drop()
		}
		remember(fmt.Sprint(i), i)
	}
	fmt.Println(sum, len(s.words), s.words[len(s.words)-3:], len(s.ptrs), *s.ptrs[0], *s.ptrs[len(s.ptrs)-1])
	fmt.Println(len(list), list[:4], global.names, len(global.pairs), global.pairs[:4])
	other := &Stack{}
	for i := range 600 {
		s.reset(i)
		if i%50 == 0 {
			s.double()
			s.double()
		}
		other.twice(s)
		if i%100 == 99 {
			fmt.Println(s.words, other.words, cap(s.words) >= len(s.words))
		}
	}
	var none *Stack
	for i := range 300 {
		p := s
		if i == 290 {
			p = none
		}
		if err := on(p, i%100); err != nil && i > 285 {
			fmt.Println(i, err)
		}
	}
	fmt.Println(on(s, 1000), len(s.words))
	fmt.Println(len(rows(3000)[4]), rows(100))
}
