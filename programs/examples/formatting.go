// fmt: verbs, widths, tables.
package main

import (
	"fmt"
	"os"
)

type item struct {
	Name  string
	Price float64
	Count int
}

func main() {
	items := []item{{"apple", 0.5, 120}, {"pineapple", 3.25, 7}, {"kiwi", 0.333, 1500}}
	fmt.Printf("%-12s|%8s|%6s\n", "name", "price", "count")
	fmt.Printf("%.12s+%.8s+%.6s\n", "------------", "------------", "------------")
	for _, it := range items {
		fmt.Printf("%-12s|%8.2f|%06d\n", it.Name, it.Price, it.Count)
	}
	fmt.Printf("%v\n%+v\n%#v\n%T\n", items[0], items[0], items[0], items[0])
	fmt.Printf("%d %b %o %x %X %#x %c %U %q\n", 65, 65, 65, 254, 254, 254, 65, 0x4e16, 'x')
	fmt.Printf("%s %q %x % x %8.3s|\n", "text", "quo\"te", "hex", "hex", "abcdef")
	fmt.Printf("%f %.1f %e %g %6.2f|%-8.1f|\n", 3.14159, 2.55, 123456.789, 1e21, 9.999, 1.25)
	fmt.Printf("%t %v %08b %v\n", true, nil, 5, []string{"a", "b"})
	fmt.Printf("%5t|%+d|% d|%x|%*d|%[2]d %[1]t\n", false, 3, 4, []byte("hi"), 6, 42)
	fmt.Printf("%v %v %v\n", map[string]int{"b": 2, "a": 1}, [2]bool{true}, &items[0])
	fmt.Printf("%d%% of it\n", 100)
	fmt.Fprintln(os.Stdout, "Fprintln:", 1, 2.5, 'r', nil, struct{}{})
	s := fmt.Sprint("a", 1, 2, "b", "c", 3.0)
	fmt.Println(s, len(s))

	var name string
	var n int
	count, err := fmt.Sscanf("kiwi 12", "%s %d", &name, &n)
	fmt.Println(count, err, name, n)
}
