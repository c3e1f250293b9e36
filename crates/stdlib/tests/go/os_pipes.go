// Goroutines that wait for pipes: many of them on few threads, deadlines, closing while somebody reads.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	// A ring of goroutines, each of which waits for its pipe.
	n := 200
	if os.Getenv("PROGRAM_SCALE") == "small" {
		n = 20
	}
	readers, writers := make([]*os.File, n), make([]*os.File, n)
	for i := range n {
		r, w, err := os.Pipe()
		check(err)
		readers[i], writers[i] = r, w
	}
	var wg sync.WaitGroup
	for i := range n - 1 {
		wg.Go(func() {
			in := bufio.NewReader(readers[i])
			for {
				line, err := in.ReadString('\n')
				if err == io.EOF {
					writers[i+1].Close()
					return
				}
				check(err)
				_, err = io.WriteString(writers[i+1], line)
				check(err)
			}
		})
	}
	go func() {
		for i := range 20 {
			fmt.Fprintf(writers[0], "token %d\n", i)
		}
		writers[0].Close()
	}()
	got, err := io.ReadAll(readers[n-1])
	check(err)
	wg.Wait()
	fmt.Println(len(got), string(got[:8]))

	// More than a pipe holds: the writer waits for the reader.
	r, w, err := os.Pipe()
	check(err)
	go func() {
		data := make([]byte, 1<<18)
		for i := range data {
			data[i] = byte(i % 251)
		}
		m, err := w.Write(data)
		check(err)
		fmt.Println("wrote", m)
		w.Close()
	}()
	sum := 0
	data, err := io.ReadAll(r)
	check(err)
	for _, b := range data {
		sum += int(b)
	}
	fmt.Println(len(data), sum)

	// Deadlines.
	r, w, err = os.Pipe()
	check(err)
	check(r.SetReadDeadline(time.Now().Add(20 * time.Millisecond)))
	_, err = r.Read(make([]byte, 1))
	fmt.Println(errors.Is(err, os.ErrDeadlineExceeded), os.IsTimeout(err))
	_, err = r.Read(make([]byte, 1))
	fmt.Println(errors.Is(err, os.ErrDeadlineExceeded))
	check(r.SetReadDeadline(time.Time{}))
	go io.WriteString(w, "x")
	m, err := r.Read(make([]byte, 8))
	fmt.Println(m, err)

	// Closing ends the waiting.
	done := make(chan error)
	go func() {
		_, err := r.Read(make([]byte, 1))
		done <- err
	}()
	time.Sleep(10 * time.Millisecond)
	check(r.Close())
	fmt.Println(errors.Is(<-done, os.ErrClosed))
	fmt.Println(r.Close() != nil, w.Close())
}
