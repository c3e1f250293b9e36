// Floating-point numbers that do not fit the integer type become what gc's instructions on amd64 make of them.
package main

import "fmt"

func main() {
	for _, x := range []float64{3e9, -3e9, 5e9, 1e19, 1e20, -1.5, 2147483647.9, -2147483648.9} {
		fmt.Println(x, int64(x), int32(x), int16(x), int8(x), uint64(x), uint32(x), uint16(x), uint8(x))
		y := float32(x)
		fmt.Println(y, int64(y), int32(y), int16(y), int8(y), uint64(y), uint32(y), uint16(y), uint8(y))
	}
}
