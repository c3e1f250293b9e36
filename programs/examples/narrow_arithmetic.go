// Arithmetic on parts of words: every operation on every width, with values at the edges, in loops that are hot.
package main

import "fmt"

type integer interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

// mix keeps all of the results but for what the type's width cuts off.
func mix[T integer](x, y T, n uint) (sum T) {
	for i := range uint(3) {
		a := x + y*3
		b := a - x<<(n&7)
		c := (a^b)>>(n&31) | y<<(n&63)
		d := -a &^ b
		e := ^c + d<<n>>1
		sum += a ^ b ^ c ^ d ^ e
		if y != 0 {
			sum += e/y + a%y
		}
		if b < c {
			sum ^= b
		}
		x, y, n = y, e, n+i
	}
	return sum
}

// wide uses sums both cut and whole.
func wide(x, y uint32, n uint) (whole uint64, signed int64) {
	product := x * y
	whole = uint64(product) + uint64(x)*uint64(y)
	whole ^= uint64(x)<<(n&63) + uint64(y)>>(n&31)
	signed = int64(int32(x+y)) - int64(int16(x)) + int64(int8(y<<3))
	signed ^= int64(x) / (int64(y) + 1)
	signed += int64(x) % (int64(y>>1) + 7)
	return whole, signed
}

// cut stores parts of words, constants among them.
func cut(out *[4]uint32, bytes *[4]byte, halves *[4]int16, x uint64) {
	out[0] = uint32(x*0x9e3779b97f4a7c15) ^ 0xedb88320
	out[1] = uint32(x>>17)&0xffff0000 | 0x80000001
	out[2] = 0xfffffffe
	out[3] = out[0]<<5 | out[0]>>27
	bytes[0], bytes[1] = byte(x+255), byte(x>>60)
	halves[0], halves[1] = int16(x<<1), -int16(x)
}

func run[T integer](name string, values []int64) {
	var sum T
	var hash uint64
	for i, x := range values {
		for j, y := range values {
			r := mix(T(x), T(y), uint(i*5+j))
			sum += r
			hash = hash*31 + uint64(r)
		}
	}
	fmt.Println(name, sum, hash)
}

func main() {
	values := []int64{0, 1, 2, 3, 7, 31, 63, 64, 127, 128, 255, 256, 32767, 32768, 65535, 65536}
	for _, x := range []int64{1 << 31, 1 << 32, 1 << 62, 1<<63 - 1} {
		values = append(values, x, x-1, x+1, -x)
	}
	for range 20 {
		values = append(values, values[len(values)-1]*6364136223846793005+1442695040888963407)
	}
	for range 3 {
		run[int8]("int8", values)
		run[int16]("int16", values)
		run[int32]("int32", values)
		run[int64]("int64", values)
		run[uint8]("uint8", values)
		run[uint16]("uint16", values)
		run[uint32]("uint32", values)
		run[uint64]("uint64", values)
	}
	var whole, sums uint64
	var signed int64
	for n, x := range values {
		for _, y := range values {
			w, s := wide(uint32(x), uint32(y), uint(n))
			whole, signed = whole*31+w, signed*31+s
		}
		var words [4]uint32
		var bytes [4]byte
		var halves [4]int16
		for range 50 {
			cut(&words, &bytes, &halves, uint64(x))
		}
		for i := range 4 {
			sums = sums*31 + uint64(words[i]) + uint64(bytes[i]) + uint64(halves[i])
		}
	}
	fmt.Println(whole, signed, sums)
	for _, x := range []int{-1, 1 << 40, 7} {
		fmt.Println(masked(x))
	}
}

//go:noinline
func same(x int) int { return x }

// masked has masks of ones, of which only a part counts.
func masked(x int) (uint32, uint32, int32, uint8) {
	return uint32(same(x) &^ 0), uint32(same(x) & -1), int32(same(x) & 0xffff_ffff), uint8(same(x) &^ 0)
}
