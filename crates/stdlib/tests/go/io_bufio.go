// Readers, writers, scanners and pipes; errors and how they wrap.
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"hash/fnv"
	"io"
	"iter"
	"os"
	"path"
	"strings"
	"text/tabwriter"
)

type myErr struct{ code int }

func (e *myErr) Error() string { return fmt.Sprint("code ", e.code) }

func main() {
	sc := bufio.NewScanner(strings.NewReader("one two\r\nthree\n\nlast"))
	for sc.Scan() {
		fmt.Printf("%q ", sc.Text())
	}
	sc = bufio.NewScanner(strings.NewReader(" a bb\tccc\n"))
	sc.Split(bufio.ScanWords)
	for sc.Scan() {
		fmt.Printf("%q ", sc.Text())
	}
	sc = bufio.NewScanner(strings.NewReader(strings.Repeat("x", 70000)))
	fmt.Println(sc.Scan(), sc.Err())
	br := bufio.NewReader(strings.NewReader("line\nrest"))
	line, err := br.ReadString('\n')
	fmt.Printf("%q %v ", line, err)
	peek, err := br.Peek(2)
	fmt.Printf("%q %v ", peek, err)
	line, err = br.ReadString('\n')
	fmt.Printf("%q %v\n", line, err)
	bw := bufio.NewWriterSize(os.Stdout, 16)
	fmt.Fprintf(bw, "%s %d\n", strings.Repeat("long ", 10), bw.Size())
	bw.Flush()

	pr, pw := io.Pipe()
	go func() {
		for i := 0; i < 3; i++ {
			fmt.Fprintf(pw, "message %d\n", i)
		}
		pw.CloseWithError(errors.New("no more"))
	}()
	b, err := io.ReadAll(pr)
	fmt.Printf("%q %v\n", b, err)
	var buf bytes.Buffer
	n, err := io.Copy(io.MultiWriter(&buf, io.Discard), io.MultiReader(strings.NewReader("abc"), io.LimitReader(strings.NewReader("defgh"), 2)))
	fmt.Println(n, err, buf.String())
	_, err = io.ReadFull(strings.NewReader("ab"), make([]byte, 3))
	fmt.Println(err, io.EOF)

	base := &myErr{7}
	wrapped := fmt.Errorf("outer: %w", errors.Join(io.ErrUnexpectedEOF, base))
	var target *myErr
	fmt.Println(errors.Is(wrapped, io.ErrUnexpectedEOF), errors.Is(wrapped, io.EOF), errors.As(wrapped, &target), target)
	found, ok := errors.AsType[*myErr](wrapped)
	fmt.Printf("%v %v %q %v\n", found, ok, wrapped, errors.Unwrap(errors.New("x")))
	for _, bad := range []any{nil, 1, (*int)(nil), new(int)} {
		func() {
			defer func() { fmt.Println(recover()) }()
			errors.As(base, bad)
		}()
	}
	next, stop := iter.Pull(func(yield func(int) bool) {
		defer fmt.Println("iterator done")
		for i := 0; yield(i * i); i++ {
		}
	})
	for range 3 {
		fmt.Print(next())
		fmt.Print(" ")
	}
	stop()

	fmt.Println(base64.StdEncoding.EncodeToString([]byte("hello?>")), base64.RawURLEncoding.EncodeToString([]byte("hello?>")), hex.EncodeToString([]byte("hi")))
	_, err = base64.StdEncoding.DecodeString("aGVsbG8*")
	fmt.Println(err)
	_, err = hex.DecodeString("abz")
	fmt.Println(err)
	fmt.Print(hex.Dump([]byte("some bytes to list\x00\x01")))
	h := fnv.New64a()
	h.Write([]byte("hello"))
	fmt.Println(h.Sum64(), crc32.ChecksumIEEE([]byte("hello")), crc32.Checksum([]byte("hello"), crc32.MakeTable(crc32.Castagnoli)))
	fmt.Println(path.Join("a", "../b", "/c"), path.Clean("/../x//y/."), path.Base("/a/b.go"), path.Ext("b.tar.gz"), path.Dir("/a/b"))
	fmt.Println(path.Match("a[b-d]*?", "acxyz"))
	tw := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', tabwriter.AlignRight|tabwriter.Debug)
	fmt.Fprintln(tw, "name\tsize\tkind\t")
	fmt.Fprintln(tw, "a\t1000\tfile\t")
	fmt.Fprintln(tw, "longer\t1\tdirectory\t")
	tw.Flush()
}
