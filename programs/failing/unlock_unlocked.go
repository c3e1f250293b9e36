// Unlocking a mutex that is not locked is fatal: recover does not help.
package main

import (
	"fmt"
	"sync"
)

func main() {
	defer func() { fmt.Println("not recovered:", recover()) }()
	var mu sync.Mutex
	mu.Unlock()
}
