// A type assertion to an interface of which a method is missing.
package main

import "fmt"

type mute struct{}

type speaker interface{ Speak() string }

func main() {
	var v any = mute{}
	fmt.Println(v.(speaker).Speak())
}
