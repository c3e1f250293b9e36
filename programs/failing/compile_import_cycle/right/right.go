// Package right imports left, which imports right.
package right

import "cycle/left"

func Go(n int) {
	if n > 0 {
		left.Go(n - 1)
	}
}
