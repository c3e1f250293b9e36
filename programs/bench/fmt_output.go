// Formatting through fmt: verbs, widths, structs, Fprintf to a buffered writer.
package main

import (
	"bufio"
	"bytes"
	"fmt"
)

type point struct{ X, Y int }

type temperature float64

func (t temperature) String() string { return fmt.Sprintf("%.1f°", float64(t)) }

func main() {
	var out bytes.Buffer
	w := bufio.NewWriter(&out)
	sum := 0
	for i := range 80_000 {
		fmt.Fprintf(w, "%5d|%-8s|%08.3f|%x|%q\n", i, "name", float64(i)/7, i*i, "text")
		fmt.Fprintln(w, i, "of", 80_000, i%2 == 0)
		sum += len(fmt.Sprint(point{i, -i}, temperature(i)))
		sum += len(fmt.Sprintf("%+v %v %T", point{1, i}, []int{i, i + 1}, i))
	}
	w.Flush()
	sum += out.Len()
	var h uint32
	for _, b := range out.Bytes() {
		h = h*31 + uint32(b)
	}
	fmt.Println(sum, h)
}
