// A panic text of several lines is indented.
package main

import "errors"

func main() {
	panic(errors.Join(errors.New("first"), errors.New("second")))
}
