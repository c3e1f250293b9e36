// Atomic operations of all sizes in compiled loops, and a nil one.
package main

import (
	"fmt"
	"sync"
	"sync/atomic"
)

type s struct {
	a int32
	b uint32
	c int64
	d uint64
	p uintptr
}

func loop(x *s, n int) (out uint64) {
	for i := range n {
		out += uint64(atomic.AddInt32(&x.a, int32(-i)))
		out ^= uint64(atomic.AddUint32(&x.b, uint32(i*77777)))
		out += uint64(atomic.AddInt64(&x.c, int64(-i)*1e10))
		out ^= atomic.AddUint64(&x.d, uint64(i)<<40)
		if atomic.CompareAndSwapInt32(&x.a, int32(i), -5) {
			out++
		}
		old := atomic.LoadInt32(&x.a)
		if atomic.CompareAndSwapInt32(&x.a, old, old^0x55) {
			out += 3
		}
		if o := atomic.LoadUint64(&x.d); atomic.CompareAndSwapUint64(&x.d, o, o*3) {
			out += o
		}
		out += uint64(atomic.SwapInt32(&x.a, int32(out)))
		out += uint64(atomic.SwapUint32(&x.b, uint32(out)))
		out += uint64(atomic.SwapInt64(&x.c, int64(out)))
		out ^= atomic.SwapUint64(&x.d, out)
		atomic.StoreInt32(&x.a, int32(out>>3))
		atomic.StoreUintptr(&x.p, uintptr(out))
		out += uint64(x.p) + uint64(x.a)
	}
	return
}

func main() {
	x := &s{}
	fmt.Println(loop(x, 10), *x)
	fmt.Println(loop(x, 100000), *x)
	var n atomic.Int32
	var m atomic.Uint64
	var f atomic.Bool
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 100000 {
				n.Add(-1)
				for {
					o := m.Load()
					if m.CompareAndSwap(o, o+2) {
						break
					}
				}
				f.CompareAndSwap(false, true)
			}
		})
	}
	wg.Wait()
	fmt.Println(n.Load(), m.Load(), f.Load())
	var np *atomic.Int64
	defer func() { fmt.Println(recover()) }()
	for i := range 100000 {
		if i == 99999 {
			np.Add(1)
		}
	}
}
