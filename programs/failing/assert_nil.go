// A type assertion on a nil interface.
package main

import "fmt"

func main() {
	var s fmt.Stringer
	fmt.Println(s.(interface{ Error() string }))
}
