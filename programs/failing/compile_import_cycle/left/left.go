// Package left imports right, which imports left.
package left

import "cycle/right"

func Go(n int) {
	if n > 0 {
		right.Go(n - 1)
	}
}
