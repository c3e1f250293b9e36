// Two packages that import each other.
package main

import "cycle/left"

func main() {
	left.Go(3)
}
