// Adler-32, CRC-64, and hashes with seeds.
package main

import (
	"encoding"
	"fmt"
	"hash"
	"hash/adler32"
	"hash/crc64"
	"hash/maphash"
	"math"
)

var state = uint32(1)

func randomBytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		state = state*1664525 + 1013904223
		b[i] = byte(state >> 24)
	}
	return b
}

func try(name string, f func()) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Println(name, "panics:", r)
		}
	}()
	f()
}

// saved writes in parts, and through saved states and copies.
func saved(h hash.Hash, b []byte) string {
	h.Reset()
	h.Write(b[:len(b)/3])
	data, _ := h.(encoding.BinaryMarshaler).MarshalBinary()
	clone, _ := h.(hash.Cloner).Clone()
	h.Write([]byte("lost"))
	err := h.(encoding.BinaryUnmarshaler).UnmarshalBinary(data)
	h.Write(b[len(b)/3:])
	clone.Write(b[len(b)/3:])
	return fmt.Sprintf("%x %x %v %x", h.Sum([]byte{7}), clone.Sum(nil), err, data)
}

func main() {
	long := make([]byte, 20000)
	for i := range long {
		long[i] = 0xFF
	}
	fmt.Printf("%08x %08x\n", adler32.Checksum([]byte("Wikipedia")), adler32.Checksum(long))
	tables := []*crc64.Table{crc64.MakeTable(crc64.ISO), crc64.MakeTable(crc64.ECMA), crc64.MakeTable(0xAD93D23594C935A9)}
	fmt.Println(crc64.MakeTable(crc64.ISO) == tables[0], crc64.MakeTable(crc64.ECMA) == tables[1])
	sums := make([]uint64, 4)
	for n := 0; n < 300; n++ {
		b := randomBytes(n)
		sums[3] = sums[3]*31 + uint64(adler32.Checksum(b))
		for i, t := range tables {
			sum := crc64.Checksum(b, t)
			if crc64.Update(crc64.Update(0, t, b[:n/2]), t, b[n/2:]) != sum {
				fmt.Println("parts differ from the whole")
			}
			sums[i] = sums[i]*31 + sum
		}
	}
	fmt.Printf("%x\n", sums)
	b := randomBytes(30000)
	fmt.Println(saved(adler32.New(), b))
	for _, t := range tables {
		h := crc64.New(t)
		fmt.Println(saved(h, b), h.Size(), h.BlockSize(), h.Sum64())
	}
	a, c := adler32.New(), crc64.New(tables[0])
	fmt.Println(a.Size(), a.BlockSize(), a.Sum32())
	for _, data := range []string{"", "adl\x01", "adl\x01abcd", "crc\x02", "crc\x02abcdefghijklmnop"} {
		fmt.Println(a.(encoding.BinaryUnmarshaler).UnmarshalBinary([]byte(data)), c.(encoding.BinaryUnmarshaler).UnmarshalBinary([]byte(data)))
	}
	try("nil table", func() { crc64.Checksum([]byte("a"), nil) })

	// The values of these are random; what has to be equal is equal, and nothing else.
	seed := maphash.MakeSeed()
	seen := map[uint64]int{}
	for n := 0; n < 700; n += 1 + n/40 {
		b := randomBytes(n)
		want := maphash.Bytes(seed, b)
		if maphash.String(seed, string(b)) != want {
			fmt.Println("String differs", n)
		}
		seen[want]++
		for step := 1; step < 300; step += 1 + step/3 {
			var h maphash.Hash
			h.SetSeed(seed)
			for rest := b; len(rest) > 0; {
				k := min(step, len(rest))
				switch {
				case k == 1:
					h.WriteByte(rest[0])
				case step%2 == 0:
					h.Write(rest[:k])
				default:
					h.WriteString(string(rest[:k]))
				}
				rest = rest[k:]
			}
			clone, _ := h.Clone()
			if h.Sum64() != want || clone.(*maphash.Hash).Sum64() != want {
				fmt.Println("parts differ from the whole", n, step)
			}
		}
	}
	for i := 0; i < 10000; i++ {
		seen[maphash.Comparable(seed, i)]++
	}
	most := 0
	for _, k := range seen {
		most = max(most, k)
	}
	fmt.Println(most, maphash.Bytes(maphash.MakeSeed(), b) == maphash.Bytes(seed, b))
	type key struct {
		a any
		s string
		f float64
		p [2]uint16
	}
	same := func(x, y key) bool { return maphash.Comparable(seed, x) == maphash.Comparable(seed, y) }
	k := key{1, "a" + string(b[:0]), 0, [2]uint16{1, 2}}
	l := k
	l.f = math.Copysign(0, -1)
	fmt.Println(same(k, l), same(k, key{2, "a", 0, k.p}), same(k, key{1, "b", 0, k.p}), same(k, key{int8(1), "a", 0, k.p}))
	fmt.Println(maphash.Comparable(seed, math.NaN()) == maphash.Comparable(seed, math.NaN()))
	try("Comparable", func() { maphash.Comparable(seed, any([]int{})) })
	try("zero Seed", func() { maphash.Bytes(maphash.Seed{}, nil) })
	try("SetSeed", func() { new(maphash.Hash).SetSeed(maphash.Seed{}) })
	var g, h maphash.Hash
	h.SetSeed(g.Seed())
	maphash.WriteComparable(&g, k)
	var hasher maphash.Hasher[key] = maphash.ComparableHasher[key]{}
	hasher.Hash(&h, l)
	fmt.Println(g.Sum64() == h.Sum64(), hasher.Equal(k, l), g.Size(), g.BlockSize(), len(g.Sum(make([]byte, 1))))
	g.Reset()
	fmt.Println(g.Sum64() == maphash.String(g.Seed(), ""))
}
