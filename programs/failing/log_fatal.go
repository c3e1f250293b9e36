// log.Fatal prints to stderr and exits with 1.
package main

import "log"

func main() {
	log.SetFlags(0)
	log.SetPrefix("tool: ")
	log.Print("working")
	log.Fatalf("cannot go on: %v", "no input")
}
