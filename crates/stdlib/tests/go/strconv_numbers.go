// Numbers to text and back, in every format, with the errors.
package main

import (
	"fmt"
	"math"
	"strconv"
)

func main() {
	floats := []float64{0, math.Copysign(0, -1), 1, -1, 0.1, 1.0 / 3, 100, 123456, 1234567, 1e20, 1e21, 1e-4, 1e-5, 2.5, 0.125,
		math.MaxFloat64, math.SmallestNonzeroFloat64, math.Pi, math.Inf(1), math.Inf(-1), math.NaN(), 5.0195312, 9007199254740993}
	for _, f := range floats {
		for _, verb := range []byte("beEfgGxX") {
			for _, prec := range []int{-1, 0, 3, 20} {
				fmt.Println(string(strconv.AppendFloat([]byte{verb, ' '}, f, verb, prec, 64)), strconv.FormatFloat(f, verb, prec, 32))
			}
		}
	}
	for _, s := range []string{"1", "-0", "+1.5e3", "1_000.5", "0x1p-2", "0x_1.8p1", "1e400", "-1e400", "1e-400", "inf", "-Infinity", "NaN",
		"", "x", "1e", "0x1", "1__0", ".5", "5.", ".", "179769313486231580793728971405303415079934132710037826936173778980444968292764750946649017977587207096330286416692887910946555547851940402630657488671505820681908902000708383676273854845817711531764475730270069855571366959622842914819860834936475292719074168444365510704342711559699508093042880"} {
		f, err := strconv.ParseFloat(s, 64)
		g, err32 := strconv.ParseFloat(s, 32)
		fmt.Println(f, err, g, err32)
	}
	for _, s := range []string{"0", "-1", "127", "128", "-129", "0x7f", "0b101", "0o17", "017", "1_000", "0x_ff", "9223372036854775808",
		"-9223372036854775808", "18446744073709551616", "z", "", "-", "99999999999999999999x"} {
		for _, base := range []int{0, 10, 16, 36} {
			for _, bits := range []int{8, 64} {
				i, err := strconv.ParseInt(s, base, bits)
				u, errU := strconv.ParseUint(s, base, bits)
				fmt.Println(i, err, u, errU)
			}
		}
		n, err := strconv.Atoi(s)
		fmt.Println(n, err)
	}
	_, err := strconv.ParseInt("1", 99, 0)
	fmt.Println(err)
	_, err = strconv.ParseInt("1", 10, 65)
	fmt.Println(err)
	for _, base := range []int{2, 7, 10, 16, 36} {
		fmt.Println(strconv.FormatInt(math.MinInt64, base), strconv.FormatUint(math.MaxUint64, base), strconv.FormatInt(99, base))
	}
	for _, s := range []string{"1+2i", "(1.5-2.5e3i)", "i", "3i", "1", "1+i", "Inf+NaNi", "1e400+1i", "1++2i"} {
		c, err := strconv.ParseComplex(s, 128)
		fmt.Println(c, err)
	}
	for _, s := range []string{"t", "TRUE", "yes", "0"} {
		b, err := strconv.ParseBool(s)
		fmt.Println(b, err)
	}
}
