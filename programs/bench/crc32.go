// Byte processing with a table: CRC-32 and Adler-32 over a buffer.
package main

import "fmt"

func makeTable() (table [256]uint32) {
	for i := range table {
		c := uint32(i)
		for range 8 {
			if c&1 == 1 {
				c = c>>1 ^ 0xedb88320
			} else {
				c >>= 1
			}
		}
		table[i] = c
	}
	return table
}

func crc32(table *[256]uint32, data []byte) uint32 {
	c := ^uint32(0)
	for _, b := range data {
		c = table[byte(c)^b] ^ c>>8
	}
	return ^c
}

func adler32(data []byte) uint32 {
	a, b := uint32(1), uint32(0)
	for _, x := range data {
		a = (a + uint32(x)) % 65521
		b = (b + a) % 65521
	}
	return b<<16 | a
}

func main() {
	table := makeTable()
	data := make([]byte, 1<<20)
	for i := range data {
		data[i] = byte(i * i >> 3)
	}
	var c, a uint32
	for round := range 40 {
		data[round] ^= byte(round)
		c ^= crc32(&table, data)
		a += adler32(data)
	}
	fmt.Printf("%08x %08x\n", c, a)
}
