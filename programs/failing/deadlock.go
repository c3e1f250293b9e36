// Everything is asleep: main waits for a value that no one sends.
package main

import "fmt"

func main() {
	c := make(chan int)
	fmt.Println("waiting")
	fmt.Println(<-c)
}
