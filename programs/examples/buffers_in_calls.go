// Short-lived buffers go to the system while others make garbage: nobody else gets their memory before the system has read it.
package main

import (
	"fmt"
	"os"
	"strconv"
	"sync"
)

const writers, rounds = 4, 300

// write makes a line that only the system call knows of.
func write(f *os.File, writer, i int) {
	f.WriteString("line " + strconv.Itoa(writer) + "-" + strconv.Itoa(i) + "\n")
}

func main() {
	var wg sync.WaitGroup
	wrong := make([]int, writers)
	for w := range writers {
		r, out, err := os.Pipe()
		if err != nil {
			fmt.Println(err)
			return
		}
		wg.Go(func() {
			for i := range rounds {
				write(out, w, i)
			}
			out.Close()
		})
		wg.Go(func() {
			var text []byte
			buf := make([]byte, 200)
			for {
				n, err := r.Read(buf)
				text = append(text, buf[:n]...)
				if err != nil {
					break
				}
			}
			want := ""
			for i := range rounds {
				want += fmt.Sprintf("line %d-%d\n", w, i)
			}
			if string(text) != want {
				wrong[w]++
			}
		})
	}
	wg.Wait()
	fmt.Println(wrong)
}
