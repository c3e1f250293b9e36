// Declarations that clash, constants that overflow, cycles.
package main

import "fmt"

type list struct{ inner list }

var a = b
var b = a

func twice() {}
func twice() {}

const big int8 = 200

func main() {
	x := 1
	x := 2
	var u uint = -1
	fmt.Println(x, u, 1<<70, 10/0)
	switch x {
	case 1:
	case 1:
	}
	m := map[string]int{"a": 1, "a": 2}
	break
	for {
		continue outer
	}
}
