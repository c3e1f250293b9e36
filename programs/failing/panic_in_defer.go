// A deferred function panics while another panic is under way.
package main

import "errors"

func cleanup() {
	panic(errors.New("the cleanup failed too"))
}

func main() {
	defer cleanup()
	panic("the work failed")
}
