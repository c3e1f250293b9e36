// Floating-point division in nested loops: the spectral norm of an infinite matrix.
package main

import (
	"fmt"
	"math"
)

func cell(i, j int) float64 { return 1 / float64((i+j)*(i+j+1)/2+i+1) }

func times(out, v []float64) {
	for i := range out {
		sum := 0.0
		for j, x := range v {
			sum += cell(i, j) * x
		}
		out[i] = sum
	}
}

func timesTransposed(out, v []float64) {
	for i := range out {
		sum := 0.0
		for j, x := range v {
			sum += cell(j, i) * x
		}
		out[i] = sum
	}
}

func main() {
	const n = 2000
	u, v, t := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range u {
		u[i] = 1
	}
	for range 10 {
		times(t, u)
		timesTransposed(v, t)
		times(t, v)
		timesTransposed(u, t)
	}
	var uv, vv float64
	for i := range n {
		uv += u[i] * v[i]
		vv += v[i] * v[i]
	}
	fmt.Printf("%.9f\n", math.Sqrt(uv/vv))
}
