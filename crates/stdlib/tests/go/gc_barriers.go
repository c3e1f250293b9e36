// Objects pass from one holder to the next through every kind of store of a pointer, while the collector marks: the only reference is taken from a
// place that marking may not have seen and put where it may have been already. MORESTACK_STRESS=gc checks at the end of each marking that nothing
// reachable was missed.
package main

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

type node struct {
	id   int
	next *node
	pad  [3]int
}

type pair struct {
	name  string
	left  *node
	items []*node
	any   any
	call  func() int
}

var (
	global      *node
	globalPair  pair
	globalArray [4]*node
	globalMap   = map[int]*node{}
	sink, trash any
)

const rounds = 60

func fresh(id int) *node { return &node{id: id, next: &node{id: id + 1000}} }

// take empties the place and returns what was in it.
func take(p **node) *node {
	n := *p
	*p = nil
	return n
}

// churn allocates, so that collections get on.
func churn() {
	for i := 0; i < 3; i++ {
		trash = make([]*node, i+1)
	}
}

type checker struct{ bad int }

func (c *checker) node(where string, n *node, id int) {
	if n == nil || n.id != id || n.next == nil || n.next.id != id+1000 {
		c.bad++
		fmt.Println("lost:", where, id, n)
	}
}

func stores(c *checker) {
	holder := &pair{}
	for i := 0; i < rounds; i++ {
		// Field, global, array, slice element: the reference moves on from one to the next.
		holder.left = fresh(i)
		churn()
		global = take(&holder.left)
		churn()
		globalArray[i%4] = take(&global)
		churn()
		items := make([]*node, 4)
		items[i%3] = take(&globalArray[i%4])
		churn()
		holder.items = items
		items = nil
		churn()
		local := holder.items[i%3]
		holder.items[i%3] = nil
		churn()
		array := new([4]*node)
		array[i&3] = local
		local = nil
		churn()
		c.node("array", array[i&3], i)

		// Strings, interfaces, closures, whole structs.
		n := fresh(i)
		captured := n
		p := pair{name: fmt.Sprint("n", i), any: n, call: func() int { return captured.id }}
		n = nil
		churn()
		globalPair = p
		p = pair{}
		churn()
		copied := new(pair)
		*copied = globalPair
		globalPair = pair{}
		churn()
		pairs := make([]pair, 2)
		pairs[1] = *copied
		*copied = pair{}
		churn()
		sink = pairs[1]
		pairs[1] = pair{}
		churn()
		got := sink.(pair)
		sink = nil
		if got.name != fmt.Sprint("n", i) || got.call() != i {
			c.bad++
			fmt.Println("lost: struct", i)
		}
		c.node("interface", got.any.(*node), i)
		strs := make([]string, 3)
		strs[i%3] = got.name + "!"
		churn()
		holder.name = strs[i%3]
		strs[i%3] = ""
		churn()
		if holder.name != fmt.Sprintf("n%d!", i) {
			c.bad++
			fmt.Println("lost: string", holder.name)
		}
	}
}

func slices(c *checker) {
	var grown []*node
	var values []pair
	for i := 0; i < rounds; i++ {
		grown = append(grown, fresh(i))
		values = append(values, pair{left: fresh(i)})
		churn()
	}
	moved := append([]*node(nil), grown...)
	clear(grown)
	churn()
	target := make([]*node, rounds)
	copy(target, moved)
	clear(moved)
	churn()
	copy(target[1:], target[:rounds-1])
	churn()
	for i := 1; i < rounds; i++ {
		c.node("copy", target[i], i-1)
	}
	more := append(values[:len(values):len(values)], values[:3]...)
	for i := range values {
		values[i] = pair{}
	}
	churn()
	for i := range more {
		c.node("append", more[i].left, i%rounds)
	}
}

func maps(c *checker) {
	keyed := map[*node]int{}
	named := map[string]*node{}
	structs := map[int]pair{}
	for i := 0; i < rounds; i++ {
		globalMap[i] = fresh(i)
		n := fresh(i)
		keyed[n] = i
		n = nil
		named[fmt.Sprint("key", i)] = fresh(i)
		structs[i] = pair{left: fresh(i), any: i}
		churn()
		if i > 10 {
			held := globalMap[i-10]
			delete(globalMap, i-10)
			churn()
			c.node("deleted", held, i-10)
		}
	}
	for n, i := range keyed {
		churn()
		c.node("key", n, i)
	}
	for key, n := range named {
		churn()
		c.node("range", n, n.id)
		delete(named, key)
		churn()
		c.node("range", n, n.id)
	}
	held := structs[7].left
	clear(structs)
	churn()
	c.node("cleared", held, 7)
	clear(globalMap)
}

func channels(c *checker) {
	buffered := make(chan *node, 4)
	through := make(chan pair)
	done := make(chan bool)
	go func() {
		for i := 0; i < rounds; i++ {
			n := <-buffered
			churn()
			through <- pair{left: n}
			n = nil
			churn()
		}
		done <- true
	}()
	go func() {
		for i := 0; i < rounds; i++ {
			buffered <- fresh(i)
			churn()
		}
	}()
	other := make(chan *node)
	for i := 0; i < rounds; i++ {
		select {
		case p := <-through:
			churn()
			c.node("channel", p.left, i)
		case n := <-other:
			c.node("never", n, 0)
		}
	}
	<-done
	var held *node
	go func() { other <- fresh(5) }()
	select {
	case held = <-other:
	case <-time.After(time.Minute):
	}
	churn()
	c.node("select", held, 5)
}

func atomics(c *checker) {
	var p atomic.Pointer[node]
	var raw unsafe.Pointer
	var v atomic.Value
	for i := 0; i < rounds; i++ {
		p.Store(fresh(i))
		churn()
		n := p.Swap(nil)
		churn()
		if !atomic.CompareAndSwapPointer(&raw, nil, unsafe.Pointer(n)) {
			c.bad++
		}
		n = nil
		churn()
		v.Store((*node)(atomic.SwapPointer(&raw, nil)))
		churn()
		c.node("atomic", v.Load().(*node), i)
	}
	var once sync.Map
	for i := 0; i < rounds; i++ {
		once.Store(i, fresh(i))
		churn()
	}
	for i := 0; i < rounds; i++ {
		n, _ := once.LoadAndDelete(i)
		churn()
		c.node("sync.Map", n.(*node), i)
	}
}

type wrapped struct {
	error
	n *node
}

func (w *wrapped) Error() string { return "wrapped" }

func reflection(c *checker) {
	for i := 0; i < rounds; i++ {
		p := &pair{}
		v := reflect.ValueOf(p).Elem()
		held := reflect.ValueOf(fresh(i))
		churn()
		f := reflect.NewAt(v.Field(1).Type(), unsafe.Pointer(v.Field(1).UnsafeAddr())).Elem()
		f.Set(held)
		held = reflect.Value{}
		churn()
		c.node("Set", p.left, i)
		list := reflect.MakeSlice(reflect.TypeOf([]*node{}), 0, 0)
		list = reflect.Append(list, reflect.ValueOf(take(&p.left)))
		churn()
		m := reflect.MakeMap(reflect.TypeOf(map[string]*node{}))
		m.SetMapIndex(reflect.ValueOf("k"), list.Index(0))
		list.Index(0).SetZero()
		churn()
		got := m.MapIndex(reflect.ValueOf("k"))
		m.SetMapIndex(reflect.ValueOf("k"), reflect.Value{})
		churn()
		c.node("MapIndex", got.Interface().(*node), i)
		call := reflect.ValueOf(func(n *node) (*node, *node) { churn(); return n, fresh(n.id + 1) })
		results := call.Call([]reflect.Value{got})
		churn()
		c.node("Call", results[0].Interface().(*node), i)
		c.node("Call", results[1].Interface().(*node), i+1)
		made := reflect.MakeFunc(call.Type(), func(args []reflect.Value) []reflect.Value {
			churn()
			return []reflect.Value{args[0], reflect.ValueOf(fresh(i + 2))}
		}).Interface().(func(*node) (*node, *node))
		x, y := made(fresh(i))
		churn()
		c.node("MakeFunc", x, i)
		c.node("MakeFunc", y, i+2)
		var target *wrapped
		err := fmt.Errorf("outer: %w", &wrapped{n: fresh(i)})
		if !errors.As(err, &target) {
			c.bad++
		}
		err = nil
		churn()
		c.node("As", target.n, i)
	}
}

// Deferred calls, panics, goroutines and timers hold the only reference for a while.
func control(c *checker) {
	for i := 0; i < rounds; i++ {
		func() {
			n := fresh(i)
			defer func() {
				churn()
				c.node("panic", recover().(*node), i)
			}()
			defer churn()
			panic(n)
		}()
		var wg sync.WaitGroup
		wg.Add(1)
		n := fresh(i)
		go func() {
			defer wg.Done()
			churn()
			c.node("goroutine", n, i)
		}()
		churn()
		wg.Wait()
	}
	fired := make(chan *node)
	for i := 0; i < 5; i++ {
		n := fresh(i)
		time.AfterFunc(time.Microsecond, func() { churn(); fired <- n })
	}
	for i := 0; i < 5; i++ {
		n := <-fired
		churn()
		c.node("timer", n, n.id)
	}
}

func main() {
	c := &checker{}
	stores(c)
	slices(c)
	maps(c)
	channels(c)
	atomics(c)
	reflection(c)
	control(c)
	fmt.Println("lost", c.bad)
}
