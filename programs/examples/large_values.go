// Structs and arrays of many words: copies between variables, memory and calls, parts of which only some are read, comparisons, clearing.
package main

import (
	"fmt"
	"runtime"
)

type Node struct {
	Name  string
	Next  *Node
	Data  [9]int
	Attr  map[string]int
	Small [3]byte
}

type Odd struct {
	A [13]int64
	B [3]byte
}

type Tiny struct {
	A int32
	B int16
	C [7]byte
}

type Big struct{ W [24]int }

func (n Node) with(i, v int) Node {
	n.Data[i] = v
	n.Name += "+"
	n.Small[i%3]++
	return n
}

func (o Odd) shift() Odd {
	for i := len(o.A) - 1; i > 0; i-- {
		o.A[i] = o.A[i-1]
	}
	o.B[0], o.B[2] = o.B[2], o.B[0]
	return o
}

// The sum of one field of many.
func names(nodes []Node) (n int) {
	for _, v := range nodes {
		n += len(v.Name) + v.Data[4]
	}
	return n
}

// The copy is of the element as it was.
func renamed(nodes []Node) (old, now string) {
	for i, v := range nodes {
		nodes[i].Name = fmt.Sprint("n", i)
		nodes[i].Data[2] = -1
		old += v.Name
		if v.Data[2] == -1 {
			panic("the copy has changed")
		}
		now += nodes[i].Name
	}
	return
}

// Leaves compiled code with a large value in hand.
func at(nodes []Node, i, j int) (s string) {
	defer func() {
		if e := recover(); e != nil {
			s = fmt.Sprint(s, " ", e)
		}
	}()
	n := nodes[i]
	s = n.Name
	n.Data[j%12]++
	nodes[i+1] = n
	return fmt.Sprint(s, n.Data[j], n.Small, nodes[i+1].Data)
}

// Arrays that are parts of one slice.
func overlapping(n int) (sum int) {
	s := make([]int, 40)
	for i := range s {
		s[i] = i
	}
	for i := range n {
		k := i % 15
		*(*[24]int)(s[k+1:]) = *(*[24]int)(s[k:])
		*(*[24]int)(s[k:]) = *(*[24]int)(s[k+1:])
		*(*[24]int)(s[15-k:]) = *(*[24]int)(s[15-k:])
		b := *(*[20]int)(s[k:])
		*(*[20]int)(s[k+2:]) = b
		for _, x := range s {
			sum = sum*31 + x
		}
	}
	return sum
}

func equal(n int) (same int) {
	var a, b Odd
	var c, d Tiny
	var e, f [4]int32
	p, q := &Tiny{A: 1}, &Tiny{A: 1}
	for i := range n {
		a.A[i%13] ^= 1
		c.C[i%7]++
		e[i%4] = int32(i % 5)
		if a == b {
			same++
		}
		b = a
		b.B[i%3] = byte(i >> 2 & 1)
		a.B[i%3] = byte(i >> 2 & 1)
		if a == b {
			same++
		}
		if c == d {
			same += 3
		}
		d.C[(i+1)%7]++
		if e == f {
			same += 5
		}
		f[(i+2)%4] = int32(i % 3)
		p.C[6] = byte(i)
		q.C[6] = byte(i &^ 1)
		if *p == *q {
			same += 7
		}
	}
	return same
}

var global Big
var globalNode Node

func clear(n int) (sum int) {
	p := new(Big)
	for i := range n {
		var b Big
		b.W[i%24] = i
		*p = b
		global = *p
		sum += global.W[i%24] + p.W[(i+1)%24] + b.W[(i+5)%24]
		if i%3 == 0 {
			*p = Big{}
			global = Big{}
		}
		sum += global.W[i%24]
	}
	return sum
}

func main() {
	nodes := make([]Node, 7)
	for i := range nodes {
		nodes[i] = Node{Name: fmt.Sprint("node", i), Next: &Node{Name: "next"}, Attr: map[string]int{"i": i}}
	}
	total := 0
	for i := range 3000 {
		j := i % len(nodes)
		for k, n := range nodes {
			nodes[k] = n.with(i%9, i)
		}
		nodes[j].Next = &nodes[(j+1)%len(nodes)]
		globalNode, nodes[j] = nodes[j], nodes[(j+3)%len(nodes)]
		nodes[j].Name = nodes[j].Name[:3]
		copied := *nodes[j].Next
		total += copied.Data[i%9] + names(nodes) + len(copied.Attr)
		if i%1000 == 0 {
			runtime.GC()
		}
		if i%5 == 0 {
			nodes[j] = Node{Name: "new", Attr: copied.Attr}
			nodes[j].Next = &Node{Name: fmt.Sprint(i)}
		}
	}
	fmt.Println(total, len(globalNode.Name), globalNode.Small, globalNode.Next.Name)
	for _, n := range nodes {
		fmt.Println(n.Name[:3], len(n.Name), n.Data, n.Attr, n.Small)
	}
	for range 200 {
		for i := range nodes {
			nodes[i].Data[2] = 0
		}
		renamed(nodes)
	}
	fmt.Println(renamed(append([]Node{}, Node{Name: "x"}, Node{Name: "y"})))
	for i := range 2000 {
		at(nodes, i%7, i%11)
	}
	fmt.Println(at(nodes, 3, 4))
	fmt.Println(at(nodes, 3, 10))
	fmt.Println(at(nodes, 6, 4))
	o := Odd{A: [13]int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}, B: [3]byte{1, 2, 3}}
	odds := []Odd{o, o, o}
	for i := range 1001 {
		odds[i%3] = odds[(i+1)%3].shift()
		odds[i%3].A[0] = int64(i)
	}
	fmt.Println(odds)
	fmt.Println(overlapping(1000), equal(4000), clear(4000))
}
