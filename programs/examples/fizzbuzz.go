// Loops over integers and switch without a value.
package main

import "fmt"

func main() {
	for i := range 15 {
		n := i + 1
		switch {
		case n%15 == 0:
			fmt.Println("FizzBuzz")
		case n%3 == 0:
			fmt.Println("Fizz")
		case n%5 == 0:
			fmt.Println("Buzz")
		default:
			fmt.Println(n)
		}
	}
}
