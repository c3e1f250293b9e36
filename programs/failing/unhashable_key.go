// A map key whose type cannot be hashed.
package main

import "fmt"

func main() {
	m := map[any]string{}
	m[1] = "int"
	m[func() {}] = "func"
	fmt.Println(m)
}
