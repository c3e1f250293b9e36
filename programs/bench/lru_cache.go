// An LRU cache: container/list and a map.
package main

import (
	"container/list"
	"fmt"
)

type entry struct {
	key   int
	value string
}

type cache struct {
	capacity     int
	order        *list.List
	entries      map[int]*list.Element
	hits, misses int
}

func (c *cache) get(key int) (string, bool) {
	e, ok := c.entries[key]
	if !ok {
		c.misses++
		return "", false
	}
	c.hits++
	c.order.MoveToFront(e)
	return e.Value.(*entry).value, true
}

func (c *cache) put(key int, value string) {
	if e, ok := c.entries[key]; ok {
		e.Value.(*entry).value = value
		c.order.MoveToFront(e)
		return
	}
	if c.order.Len() == c.capacity {
		oldest := c.order.Back()
		c.order.Remove(oldest)
		delete(c.entries, oldest.Value.(*entry).key)
	}
	c.entries[key] = c.order.PushFront(&entry{key, value})
}

func main() {
	c := &cache{capacity: 5000, order: list.New(), entries: map[int]*list.Element{}}
	values := []string{"red", "green", "blue"}
	x := uint32(23)
	sum := 0
	for range 2_000_000 {
		x = x*1664525 + 1013904223
		key := int(x>>8) % 100_000
		if x>>28 < 12 {
			key %= 4000
		}
		if v, ok := c.get(key); ok {
			sum += len(v)
		} else {
			c.put(key, values[key%3])
		}
	}
	fmt.Println(c.hits, c.misses, sum, c.order.Len())
}
