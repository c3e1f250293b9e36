// Package bits counts and moves bits, and calculates with carries.
package bits

// UintSize is the size of uint in bits.
const UintSize = 64

// Len64 returns how many bits x needs; 0 for 0.
func Len64(x uint64) (n int)

// TrailingZeros64 returns the number of zero bits at the low end; 64 for 0.
func TrailingZeros64(x uint64) int

// OnesCount64 returns the number of one bits.
func OnesCount64(x uint64) int

// ReverseBytes64 returns x with its bytes in reverse.
func ReverseBytes64(x uint64) uint64

// Mul64 returns the 128 bits of x * y.
func Mul64(x, y uint64) (hi, lo uint64)

// div128 divides hi, lo by y > hi.
func div128(hi, lo, y uint64) (quo, rem uint64)

// LeadingZeros returns the number of zero bits at the high end.
func LeadingZeros(x uint) int { return 64 - Len64(uint64(x)) }

// LeadingZeros8 returns the number of zero bits at the high end.
func LeadingZeros8(x uint8) int { return 8 - Len64(uint64(x)) }

// LeadingZeros16 returns the number of zero bits at the high end.
func LeadingZeros16(x uint16) int { return 16 - Len64(uint64(x)) }

// LeadingZeros32 returns the number of zero bits at the high end.
func LeadingZeros32(x uint32) int { return 32 - Len64(uint64(x)) }

// LeadingZeros64 returns the number of zero bits at the high end.
func LeadingZeros64(x uint64) int { return 64 - Len64(x) }

// TrailingZeros returns the number of zero bits at the low end; the size for 0.
func TrailingZeros(x uint) int { return TrailingZeros64(uint64(x)) }

// TrailingZeros8 returns the number of zero bits at the low end; 8 for 0.
func TrailingZeros8(x uint8) int { return TrailingZeros64(uint64(x) | 1<<8) }

// TrailingZeros16 returns the number of zero bits at the low end; 16 for 0.
func TrailingZeros16(x uint16) int { return TrailingZeros64(uint64(x) | 1<<16) }

// TrailingZeros32 returns the number of zero bits at the low end; 32 for 0.
func TrailingZeros32(x uint32) int { return TrailingZeros64(uint64(x) | 1<<32) }

// OnesCount returns the number of one bits.
func OnesCount(x uint) int { return OnesCount64(uint64(x)) }

// OnesCount8 returns the number of one bits.
func OnesCount8(x uint8) int { return OnesCount64(uint64(x)) }

// OnesCount16 returns the number of one bits.
func OnesCount16(x uint16) int { return OnesCount64(uint64(x)) }

// OnesCount32 returns the number of one bits.
func OnesCount32(x uint32) int { return OnesCount64(uint64(x)) }

// RotateLeft rotates x by k bits to the left, by -k to the right if k is negative.
func RotateLeft(x uint, k int) uint { return x<<(uint(k)&63) | x>>(-uint(k)&63) }

// RotateLeft8 rotates x by k bits to the left, by -k to the right if k is negative.
func RotateLeft8(x uint8, k int) uint8 { return x<<(uint(k)&7) | x>>(-uint(k)&7) }

// RotateLeft16 rotates x by k bits to the left, by -k to the right if k is negative.
func RotateLeft16(x uint16, k int) uint16 { return x<<(uint(k)&15) | x>>(-uint(k)&15) }

// RotateLeft32 rotates x by k bits to the left, by -k to the right if k is negative.
func RotateLeft32(x uint32, k int) uint32 { return x<<(uint(k)&31) | x>>(-uint(k)&31) }

// RotateLeft64 rotates x by k bits to the left, by -k to the right if k is negative.
func RotateLeft64(x uint64, k int) uint64 { return x<<(uint(k)&63) | x>>(-uint(k)&63) }

// Reverse returns x with its bits in reverse.
func Reverse(x uint) uint { return uint(Reverse64(uint64(x))) }

// Reverse8 returns x with its bits in reverse.
func Reverse8(x uint8) uint8 {
	x = x>>1&0x55 | x&0x55<<1
	x = x>>2&0x33 | x&0x33<<2
	return x>>4 | x<<4
}

// Reverse16 returns x with its bits in reverse.
func Reverse16(x uint16) uint16 { return uint16(Reverse64(uint64(x)) >> 48) }

// Reverse32 returns x with its bits in reverse.
func Reverse32(x uint32) uint32 { return uint32(Reverse64(uint64(x)) >> 32) }

// Reverse64 returns x with its bits in reverse.
func Reverse64(x uint64) uint64 {
	x = x>>1&0x5555555555555555 | x&0x5555555555555555<<1
	x = x>>2&0x3333333333333333 | x&0x3333333333333333<<2
	x = x>>4&0x0F0F0F0F0F0F0F0F | x&0x0F0F0F0F0F0F0F0F<<4
	return ReverseBytes64(x)
}

// ReverseBytes returns x with its bytes in reverse.
func ReverseBytes(x uint) uint { return uint(ReverseBytes64(uint64(x))) }

// ReverseBytes16 returns x with its bytes in reverse.
func ReverseBytes16(x uint16) uint16 { return x>>8 | x<<8 }

// ReverseBytes32 returns x with its bytes in reverse.
func ReverseBytes32(x uint32) uint32 { return uint32(ReverseBytes64(uint64(x)) >> 32) }

// Len returns how many bits x needs; 0 for 0.
func Len(x uint) int { return Len64(uint64(x)) }

// Len8 returns how many bits x needs; 0 for 0.
func Len8(x uint8) int { return Len64(uint64(x)) }

// Len16 returns how many bits x needs; 0 for 0.
func Len16(x uint16) (n int) { return Len64(uint64(x)) }

// Len32 returns how many bits x needs; 0 for 0.
func Len32(x uint32) (n int) { return Len64(uint64(x)) }

// Add returns x + y + carry, where carry is 0 or 1.
func Add(x, y, carry uint) (sum, carryOut uint) {
	sum = x + y + carry
	return sum, (x&y | (x|y)&^sum) >> 63
}

// Add32 returns x + y + carry, where carry is 0 or 1.
func Add32(x, y, carry uint32) (sum, carryOut uint32) {
	wide := uint64(x) + uint64(y) + uint64(carry)
	return uint32(wide), uint32(wide >> 32)
}

// Add64 returns x + y + carry, where carry is 0 or 1.
func Add64(x, y, carry uint64) (sum, carryOut uint64) {
	sum = x + y + carry
	return sum, (x&y | (x|y)&^sum) >> 63
}

// Sub returns x - y - borrow, where borrow is 0 or 1.
func Sub(x, y, borrow uint) (diff, borrowOut uint) {
	diff = x - y - borrow
	return diff, (^x&y | ^(x^y)&diff) >> 63
}

// Sub32 returns x - y - borrow, where borrow is 0 or 1.
func Sub32(x, y, borrow uint32) (diff, borrowOut uint32) {
	diff = x - y - borrow
	return diff, (^x&y | ^(x^y)&diff) >> 31
}

// Sub64 returns x - y - borrow, where borrow is 0 or 1.
func Sub64(x, y, borrow uint64) (diff, borrowOut uint64) {
	diff = x - y - borrow
	return diff, (^x&y | ^(x^y)&diff) >> 63
}

// Mul returns the full product.
func Mul(x, y uint) (hi, lo uint) {
	h, l := Mul64(uint64(x), uint64(y))
	return uint(h), uint(l)
}

// Mul32 returns the full product.
func Mul32(x, y uint32) (hi, lo uint32) {
	wide := uint64(x) * uint64(y)
	return uint32(wide >> 32), uint32(wide)
}

// overflow is the run-time error of a quotient that does not fit.
type overflow struct{}

func (overflow) Error() string { return "runtime error: integer overflow" }
func (overflow) RuntimeError() {}

// Div divides hi, lo by y. It panics if y is 0 or not greater than hi.
func Div(hi, lo, y uint) (quo, rem uint) {
	q, r := Div64(uint64(hi), uint64(lo), uint64(y))
	return uint(q), uint(r)
}

// Div32 divides hi, lo by y. It panics if y is 0 or not greater than hi.
func Div32(hi, lo, y uint32) (quo, rem uint32) {
	if y != 0 && y <= hi {
		panic(error(overflow{}))
	}
	wide := uint64(hi)<<32 | uint64(lo)
	return uint32(wide / uint64(y)), uint32(wide % uint64(y))
}

// Div64 divides hi, lo by y. It panics if y is 0 or not greater than hi.
func Div64(hi, lo, y uint64) (quo, rem uint64) {
	if hi == 0 {
		return lo / y, lo % y
	}
	if y <= hi {
		if y == 0 {
			return lo / y, 0 // the division by zero that it is
		}
		panic(error(overflow{}))
	}
	return div128(hi, lo, y)
}

// Rem is the remainder of Div, which never overflows. It panics if y is 0.
func Rem(hi, lo, y uint) uint { return uint(Rem64(uint64(hi), uint64(lo), uint64(y))) }

// Rem32 is the remainder of Div32, which never overflows. It panics if y is 0.
func Rem32(hi, lo, y uint32) uint32 { return uint32((uint64(hi)<<32 | uint64(lo)) % uint64(y)) }

// Rem64 is the remainder of Div64, which never overflows. It panics if y is 0.
func Rem64(hi, lo, y uint64) uint64 {
	_, rem := Div64(hi%y, lo, y)
	return rem
}
