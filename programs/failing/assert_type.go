// A type assertion to the wrong concrete type.
package main

import "fmt"

type celsius float64

func main() {
	var v any = celsius(20)
	fmt.Println(v.(float64))
}
