// Floats as text and back: many of all magnitudes, in every format and precision.
package main

import (
	"fmt"
	"hash/fnv"
	"math"
	"strconv"
)

var state = uint64(1)

func random() uint64 {
	state ^= state << 13
	state ^= state >> 7
	state ^= state << 17
	return state * 0x2545F4914F6CDD1D
}

// float returns one of several kinds.
func float(i int) float64 {
	x := random()
	switch i % 9 {
	case 0:
		return float64(x>>30) / 1000
	case 1:
		return float64(x>>54) * 0.5
	case 2:
		return float64(x >> 11)
	case 3:
		return math.Float64frombits(x >> 12)
	case 4:
		return math.Float64frombits(x>>12&0xFFF | x<<52>>1)
	case 5:
		return float64(x>>40) * math.Pow(10, float64(x%40)-20)
	case 6:
		return float64(math.Float32frombits(uint32(x)))
	case 7:
		return float64(int64(x>>50)) * math.Pow(10, float64(x%8))
	}
	return math.Float64frombits(x)
}

const count = 4000

func formats() {
	for _, verb := range []byte("eEfgGbxX") {
		for _, bits := range []int{32, 64} {
			h := fnv.New64a()
			var buf []byte
			for i := range count {
				f := float(i)
				if verb == 'f' && math.Abs(f) > 1e30 {
					f = math.Mod(f, 1e6)
				}
				precision := int(random()>>33)%22 - 3
				if precision < -1 {
					precision = -1
				}
				s := strconv.FormatFloat(f, verb, precision, bits)
				buf = strconv.AppendFloat(buf[:0], f, verb, precision, bits)
				if string(buf) != s {
					fmt.Println("AppendFloat differs", s)
				}
				h.Write(buf)
				h.Write([]byte{' '})
			}
			fmt.Printf("%c %d %016x\n", verb, bits, h.Sum64())
		}
	}
	for _, precision := range []int{17, 18, 19, 25, 60, 400, 1200} {
		h := fnv.New64a()
		for i := range 300 {
			f := float(i)
			for _, verb := range []byte("efg") {
				h.Write(strconv.AppendFloat(nil, f, verb, precision, 64))
			}
		}
		fmt.Printf("%d %016x\n", precision, h.Sum64())
	}
	for _, f := range []float64{0, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), 1, 9.5, 0.5, 2.5, 25, 250, 99.95, 999999.5, 1e21, 1e22, 1e23, 5e-324, math.MaxFloat64, 8.41e21, 9007199254740993} {
		for _, verb := range []byte("efg") {
			for _, precision := range []int{-1, 0, 1, 2, 6} {
				fmt.Print(strconv.FormatFloat(f, verb, precision, 64), " ", strconv.FormatFloat(f, verb, precision, 32), " ")
			}
		}
		fmt.Println()
	}
	b := append(make([]byte, 0, 5), "ab"...)
	b = strconv.AppendFloat(b, 1.25, 'g', -1, 64)
	b = strconv.AppendFloat(b, 1.25, 'g', -1, 64)
	fmt.Println(string(b), strconv.FormatFloat(1, 'q', 3, 64))
}

func parse(s string, h interface{ Write([]byte) (int, error) }) {
	for _, bits := range []int{32, 64} {
		f, err := strconv.ParseFloat(s, bits)
		fmt.Fprintf(h, "%x %v\n", math.Float64bits(f), err)
	}
}

func texts() {
	h := fnv.New64a()
	for i := range count {
		f := float(i)
		precision := int(random()>>33) % 20
		s := strconv.FormatFloat(f, 'e', precision, 64)
		parse(s, h)
		g, err := strconv.ParseFloat(strconv.FormatFloat(f, 'g', -1, 64), 64)
		if g != f && f == f {
			fmt.Println("not the same", f, g, err)
		}
		// Digits of any number, a dot anywhere, an exponent, underscores and signs now and then.
		digits := strconv.FormatUint(random()>>(random()%64), 10)
		if random()%4 == 0 {
			digits += strconv.FormatUint(random(), 10)
		}
		at := int(random() % uint64(len(digits)+1))
		s = digits[:at] + "." + digits[at:]
		switch random() % 5 {
		case 0:
			s += "e" + strconv.Itoa(int(random()%700)-350)
		case 1:
			s += "E+" + strconv.Itoa(int(random()%30))
		case 2:
			s = "-" + s
		case 3:
			s = s[:at/2] + "_" + s[at/2:]
		}
		parse(s, h)
	}
	fmt.Printf("%016x\n", h.Sum64())
	for _, s := range []string{"", ".", "0", "-0", "+0", ".5", "5.", "1e", "1e+", "e5", "1e5x", "0x", "0x1", "0x1p", "0x1p4", "0X.8P1", "0x_1p0", "1_000", "1__0", "_1", "1_", "1e1_0", "inf", "-Infinity", "infin", "nan", "+nan", "NaN1", "i", "+", "-", "1e400", "-1e400", "1e-400", "123456789012345678901234567890", "9007199254740993", "9007199254740992", "16777217", "16777219e0", "1e22", "1e23", "8e22", "0.000001", "1e-22", "1e-23", "00000000000000000000000001.5", "0.00000000000000000000000000000000000001", "4503599627370497.5", "1.17549435e-38", "3.4028236e38", "3.4028235e38", "12345678901234567e-5"} {
		f, err := strconv.ParseFloat(s, 64)
		g, err2 := strconv.ParseFloat(s, 32)
		fmt.Println(f, err, g, err2)
	}
}

func main() {
	formats()
	texts()
}
