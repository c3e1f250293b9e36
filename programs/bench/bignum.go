// Arithmetic on long numbers with math/bits: factorials, powers and digits.
package main

import (
	"fmt"
	"math/bits"
)

// natural is a number in base 2^64, lowest word first.
type natural []uint64

func (n natural) timesWord(w uint64) natural {
	var carry uint64
	for i, x := range n {
		hi, lo := bits.Mul64(x, w)
		var c uint64
		n[i], c = bits.Add64(lo, carry, 0)
		carry = hi + c
	}
	if carry != 0 {
		n = append(n, carry)
	}
	return n
}

func times(a, b natural) natural {
	out := make(natural, len(a)+len(b))
	for i, x := range a {
		var carry uint64
		for j, y := range b {
			hi, lo := bits.Mul64(x, y)
			var c uint64
			lo, c = bits.Add64(lo, out[i+j], 0)
			hi += c
			lo, c = bits.Add64(lo, carry, 0)
			out[i+j], carry = lo, hi+c
		}
		out[i+len(b)] = carry
	}
	for len(out) > 0 && out[len(out)-1] == 0 {
		out = out[:len(out)-1]
	}
	return out
}

func (n natural) divideWord(w uint64) (natural, uint64) {
	var rest uint64
	for i := len(n) - 1; i >= 0; i-- {
		n[i], rest = bits.Div64(rest, n[i], w)
	}
	for len(n) > 0 && n[len(n)-1] == 0 {
		n = n[:len(n)-1]
	}
	return n, rest
}

func (n natural) digits() (count, sum int) {
	for len(n) > 0 {
		var rest uint64
		n, rest = n.divideWord(1e18)
		for d := range 18 {
			if len(n) == 0 && rest == 0 {
				break
			}
			sum += int(rest % 10)
			rest /= 10
			count += 1
			_ = d
		}
	}
	return count, sum
}

func main() {
	factorial := natural{1}
	for i := uint64(2); i <= 10_000; i++ {
		factorial = factorial.timesWord(i)
	}
	square := times(factorial, factorial)
	for range 20 {
		square = times(factorial, factorial)
	}
	fmt.Println(square.digits())
	power := natural{3}
	for range 15 {
		power = times(power, power)
	}
	fmt.Println(factorial.digits())
	fmt.Println(power.digits())
}
