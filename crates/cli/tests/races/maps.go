// Two goroutines use a map without a lock, one of them writing: what the other does is the argument.
package main

import (
	"fmt"
	"os"
	"time"
)

var sink int

func main() {
	words := map[int]int{}
	bytes := map[uint8]bool{}
	texts := map[string]int{}
	keys := []string{}
	for i := range 100 {
		key := fmt.Sprint("key ", i)
		words[i], bytes[uint8(i)], texts[key] = i, true, i
		keys = append(keys, key)
	}
	structs := map[[2]int]int{{1, 2}: 3}
	go func() {
		for i := 0; ; i = (i + 1) % 100 {
			words[i]++
			bytes[uint8(i)] = false
			texts[keys[i]] = i
			structs[[2]int{1, 2}]++
		}
	}()
	use := map[string]func(i int){
		"word": func(i int) { sink += words[i] },
		"byte": func(i int) {
			if _, ok := bytes[uint8(i)]; ok {
				sink++
			}
		},
		"text":   func(i int) { sink += texts[keys[i]] },
		"struct": func(i int) { sink += structs[[2]int{1, i}] },
		"range": func(int) {
			for k := range words {
				sink += k
			}
		},
		"write":  func(i int) { words[i] = i },
		"insert": func(i int) { texts[keys[i]+"!"]++ },
		"delete": func(i int) { delete(words, i) },
		"clear":  func(int) { clear(bytes) },
	}[os.Args[1]]
	for begin := time.Now(); time.Since(begin) < 20*time.Second; {
		for i := range 100 {
			use(i)
		}
	}
	fmt.Println("they have not met")
}
