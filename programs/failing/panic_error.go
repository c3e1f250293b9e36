// An unrecovered panic with an error of the program's own.
package main

import "fmt"

type failure struct{ code int }

func (f *failure) Error() string { return fmt.Sprintf("failure number %d", f.code) }

func main() {
	panic(&failure{42})
}
