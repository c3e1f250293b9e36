// A package that does not exist.
package main

import (
	"fmt"
	"nosuchpackage"
)

func main() {
	fmt.Println(nosuchpackage.X)
}
