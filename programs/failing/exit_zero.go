// os.Exit(0) from a goroutine ends the program in peace.
package main

import (
	"fmt"
	"os"
)

func main() {
	go func() {
		fmt.Println("bye")
		os.Exit(0)
	}()
	select {}
}
