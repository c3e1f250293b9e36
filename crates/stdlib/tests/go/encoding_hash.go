// Digits and checksums: every length, every kind of wrong input, in place and appended.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
)

var state = uint32(1)

func random() uint32 {
	state = state*1664525 + 1013904223
	return state >> 8
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(random())
	}
	return b
}

func sum(parts ...any) uint32 { return crc32.ChecksumIEEE([]byte(fmt.Sprint(parts...))) }

func try(name string, f func()) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Println(name, "panics:", r)
		}
	}()
	f()
}

func checksums() {
	tables := []*crc32.Table{crc32.IEEETable, crc32.MakeTable(crc32.Castagnoli), crc32.MakeTable(crc32.Koopman), crc32.MakeTable(0xD5828281)}
	fmt.Println(crc32.MakeTable(crc32.IEEE) == crc32.IEEETable, crc32.MakeTable(crc32.Castagnoli) == tables[1])
	for i, t := range tables {
		all := uint32(0)
		for n := 0; n < 200; n++ {
			b := randomBytes(n)
			whole := crc32.Checksum(b, t)
			at := int(random()) % (n + 1)
			if crc32.Update(crc32.Update(0, t, b[:at]), t, b[at:]) != whole {
				fmt.Println("parts differ from the whole", i, n)
			}
			h := crc32.New(t)
			h.Write(b)
			if h.Sum32() != whole {
				fmt.Println("New differs", i, n)
			}
			all = all*31 + whole
		}
		fmt.Printf("%d %08x %08x\n", i, all, crc32.Checksum([]byte("123456789"), t))
	}
	big := randomBytes(1 << 17)
	fmt.Printf("%08x %08x\n", crc32.ChecksumIEEE(big), crc32.Checksum(big[3:], tables[1]))
	fmt.Printf("%x\n", crc32.NewIEEE().Sum([]byte{1}))
	own := *tables[1]
	fmt.Printf("%08x\n", crc32.Checksum([]byte("own"), &own))
}

func hexDigits() {
	for n := 0; n < 70; n++ {
		b := randomBytes(n)
		s := hex.EncodeToString(b)
		d, err := hex.DecodeString(strings.ToUpper(s))
		if !bytes.Equal(b, d) || err != nil {
			fmt.Println("hex", n, err)
		}
		if string(hex.AppendEncode([]byte("x"), b)) != "x"+s {
			fmt.Println("AppendEncode", n)
		}
		in := []byte(s)
		if k, err := hex.Decode(in, in); !bytes.Equal(in[:k], b) || err != nil {
			fmt.Println("in place", n, err)
		}
	}
	for _, s := range []string{"", "a", "ab", "abc", "g", "0g", "g0", "00zz", "00z", "000", "0123456789abcdefABCDEF", "é0", "12 4"} {
		d, err := hex.DecodeString(s)
		a, err2 := hex.AppendDecode([]byte("p"), []byte(s))
		fmt.Printf("%q %x %v %q %v\n", s, d, err, a, err2)
	}
	try("Encode", func() { hex.Encode(make([]byte, 3), make([]byte, 4)) })
	try("Decode", func() { hex.Decode(make([]byte, 1), []byte("0011")) })
}

func base64Digits() {
	lines := base64.NewEncoding("zyxwvutsrqponmlkjihgfedcbaZYXWVUTSRQPONMLKJIHGFEDCBA9876543210-_").WithPadding('*')
	encodings := []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding, base64.RawURLEncoding, lines, base64.StdEncoding.Strict(), base64.RawURLEncoding.Strict()}
	for i, e := range encodings {
		all := uint32(0)
		for n := 0; n < 200; n++ {
			b := randomBytes(n)
			s := e.EncodeToString(b)
			all = all*31 + sum(s)
			d, err := e.DecodeString(s)
			if !bytes.Equal(d, b) || err != nil {
				fmt.Println("base64", i, n, err)
			}
			if string(e.AppendEncode([]byte("ab"), b)) != "ab"+s || len(s) != e.EncodedLen(n) {
				fmt.Println("AppendEncode", i, n)
			}
			in := []byte(s)
			if k, err := e.Decode(in, in); !bytes.Equal(in[:k], b) || err != nil {
				fmt.Println("in place", i, n, err)
			}
			if a, err := e.AppendDecode([]byte("ab"), []byte(s)); string(a) != "ab"+string(b) || err != nil {
				fmt.Println("AppendDecode", i, n, err)
			}
			// Something wrong somewhere, and line breaks.
			if n > 0 {
				wrong := []byte(s)
				at := int(random()) % len(wrong)
				wrong[at] = "=*\n\r A-/_\xff"[random()%10]
				at = int(random()) % (len(wrong) + 1)
				wrong = append(wrong[:at:at], append([]byte("\r\n")[:random()%3], wrong[at:]...)...)
				wrong = wrong[:len(wrong)-int(random())%3]
				d, err := e.DecodeString(string(wrong))
				all = all*31 + sum(string(d), err)
				room := make([]byte, e.DecodedLen(len(wrong)))
				k, err := e.Decode(room, wrong)
				all = all*31 + sum(string(room[:k]), err)
			}
		}
		fmt.Printf("%d %08x\n", i, all)
	}
	for _, s := range []string{"", "A", "AA", "AAA", "AA=", "AA==", "AAA=", "AAAA=", "AA==A", "AA\n=\n=\n", "=AAA", "A===", "AB==", "AAB=", "AAAAA", "AA=A", "\n", "A\nA\nA\nA\n"} {
		d, err := base64.StdEncoding.DecodeString(s)
		d2, err2 := base64.RawStdEncoding.Strict().DecodeString(s)
		fmt.Printf("%q %x %v %x %v\n", s, d, err, d2, err2)
	}
	try("Encode", func() { base64.StdEncoding.Encode(make([]byte, 3), make([]byte, 4)) })
	try("NewEncoding", func() { base64.NewEncoding("abc") })
	try("NewEncoding", func() { base64.NewEncoding(strings.Repeat("ab", 32)) })
	try("NewEncoding", func() { base64.NewEncoding("\n" + strings.Repeat("a", 63)) })
	try("WithPadding", func() { base64.StdEncoding.WithPadding('A') })
	try("WithPadding", func() { base64.StdEncoding.WithPadding('\n') })
	long := randomBytes(5000)
	var out strings.Builder
	w := base64.NewEncoder(base64.StdEncoding, &out)
	for rest := long; len(rest) > 0; {
		n := min(int(random())%40, len(rest))
		w.Write(rest[:n])
		rest = rest[n:]
	}
	w.Close()
	text := out.String()
	fmt.Println(text == base64.StdEncoding.EncodeToString(long))
	for at := 76; at < len(text); at += 78 {
		text = text[:at] + "\r\n" + text[at:]
	}
	back, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, strings.NewReader(text)))
	fmt.Println(bytes.Equal(back, long), err)
	back, err = base64.StdEncoding.DecodeString(text)
	fmt.Println(bytes.Equal(back, long), err)
}

func main() {
	checksums()
	hexDigits()
	base64Digits()
}
