// os.Exit: at once, with the code, without deferred calls.
package main

import (
	"fmt"
	"os"
)

func main() {
	defer fmt.Println("not printed")
	fmt.Println("leaving")
	fmt.Fprintln(os.Stderr, "to stderr")
	os.Exit(3)
}
