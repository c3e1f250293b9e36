// Everything at once, for as long as SOAK_SECONDS says: deep and shallow stacks that grow and shrink, collections, timers, select, locks, panics, pipes. Each
// worker checks what it computes; the program prints only that all was well.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// random is a small generator of its own for each worker, so that a run can be told apart by its seeds only.
type random uint64

func (r *random) next(n int) int {
	*r ^= *r << 13
	*r ^= *r >> 7
	*r ^= *r << 17
	return int(uint64(*r)>>1) % n
}

func require(ok bool, what string) {
	if !ok {
		panic("soak: " + what)
	}
}

type node struct {
	left, right *node
	value       int
	text        string
}

func tree(depth, value int) *node {
	if depth == 0 {
		return nil
	}
	return &node{tree(depth-1, 2*value), tree(depth-1, 2*value+1), value, strconv.Itoa(value)}
}

func (n *node) sum() int {
	if n == nil {
		return 0
	}
	v, err := strconv.Atoi(n.text)
	require(err == nil && v == n.value, "a node has changed")
	return n.value + n.left.sum() + n.right.sum()
}

// heapWork keeps trees alive while it makes others.
func heapWork(r *random) {
	keep := make([]*node, 8)
	for range 40 {
		i := r.next(len(keep))
		if keep[i] != nil {
			// 1 + 2..3 + 4..7 + ...: all numbers below 2^depth.
			require(keep[i].sum() == 1023*1024/2, "a tree has changed")
		}
		keep[i] = tree(10, 1)
	}
}

// dive recurses with a pointer into each caller's frame, and comes back with the sum of what is there.
func dive(depth int, up *int) int {
	var local [8]int
	for i := range local {
		local[i] = depth + i
	}
	*up += local[depth&7]
	if depth == 0 {
		return *up
	}
	below := 0
	n := dive(depth-1, &below)
	require(below == depth-1+(depth-1)&7, "a variable below has changed")
	for i := range local {
		require(local[i] == depth+i, "a frame has changed")
	}
	return n + depth
}

func stackWork(r *random) {
	for range 6 {
		depth := 1 << r.next(13)
		up := 0
		dive(depth, &up)
		require(up == depth+depth&7, "a variable above has changed")
		if r.next(3) == 0 {
			runtime.Gosched()
		}
	}
}

// panicWork recovers from panics of several kinds at several depths.
func panicWork(r *random) {
	for range 20 {
		kind, depth := r.next(4), r.next(50)
		var fall func(n int)
		fall = func(n int) {
			defer func() {
				if n%7 == 3 {
					if e := recover(); e != nil {
						panic(e)
					}
				}
			}()
			if n > 0 {
				fall(n - 1)
				return
			}
			var p *node
			var m map[string]int
			s := make([]int, 3)
			switch kind {
			case 0:
				p.value = 1
			case 1:
				m["x"] = 1
			case 2:
				s[r.next(3)+3] = 1
			case 3:
				panic(errors.New("planned"))
			}
		}
		err := func() (err error) {
			defer func() { err, _ = recover().(error) }()
			fall(depth)
			return nil
		}()
		require(err != nil, "a panic was lost")
	}
}

// channelWork sends numbers through a pipeline with timers and select.
func channelWork(r *random) {
	n := 50 + r.next(200)
	in, out, stop := make(chan int), make(chan int, r.next(8)), make(chan struct{})
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			timer := time.NewTimer(time.Hour)
			defer timer.Stop()
			for {
				select {
				case v, ok := <-in:
					if !ok {
						return
					}
					select {
					case out <- v * 3:
					case <-stop:
						return
					}
				case <-timer.C:
					require(false, "an hour has passed")
				}
			}
		})
	}
	go func() {
		for i := range n {
			in <- i
		}
		close(in)
		wg.Wait()
		close(out)
	}()
	sum := 0
	for v := range out {
		sum += v
	}
	close(stop)
	require(sum == 3*n*(n-1)/2, "a number was lost")
}

// timerWork waits for timers of which some are stopped or set anew.
func timerWork(r *random) {
	var fired atomic.Int32
	var wg sync.WaitGroup
	expected := int32(0)
	for i := range 30 {
		wg.Add(1)
		timer := time.AfterFunc(time.Duration(r.next(3000))*time.Microsecond, func() {
			fired.Add(1)
			wg.Done()
		})
		expected++
		if i%3 == 0 && timer.Stop() {
			expected--
			wg.Done()
		}
	}
	wg.Wait()
	require(fired.Load() == expected, "a timer was lost")
	begin := time.Now()
	time.Sleep(time.Millisecond)
	require(time.Since(begin) >= time.Millisecond, "slept too short")
}

type account struct {
	mu      sync.Mutex
	balance int
}

// lockWork moves money between accounts.
func lockWork(accounts []account, r *random) {
	for range 200 {
		from, to := r.next(len(accounts)), r.next(len(accounts))
		if from == to {
			continue
		}
		// One order for all.
		first, second := &accounts[min(from, to)], &accounts[max(from, to)]
		first.mu.Lock()
		second.mu.Lock()
		amount := r.next(10)
		accounts[from].balance -= amount
		accounts[to].balance += amount
		second.mu.Unlock()
		first.mu.Unlock()
	}
}

// textWork builds, sorts and looks up strings.
func textWork(r *random) {
	words := map[string]int{}
	for range 300 {
		words[strings.Repeat(string(rune('a'+r.next(26))), 1+r.next(5))]++
	}
	keys := make([]string, 0, len(words))
	total := 0
	for k, n := range words {
		keys = append(keys, k)
		total += n
	}
	sort.Strings(keys)
	require(total == 300 && sort.StringsAreSorted(keys), "words are lost")
	require(len(strings.Split(strings.Join(keys, " "), " ")) == len(keys), "keys are lost")
}

// pipeWork sends bytes through the kernel.
func pipeWork(r *random) {
	in, out, err := os.Pipe()
	require(err == nil, "no pipe")
	defer in.Close()
	n := 1 + r.next(100_000)
	go func() {
		defer out.Close()
		out.Write(make([]byte, n))
	}()
	data, err := io.ReadAll(in)
	require(err == nil && len(data) == n, "bytes are lost")
}

func main() {
	seconds := 2.0
	if text := os.Getenv("SOAK_SECONDS"); text != "" {
		seconds, _ = strconv.ParseFloat(text, 64)
	} else if os.Getenv("PROGRAM_SCALE") == "small" {
		seconds = 0.2
	}
	end := time.Now().Add(time.Duration(seconds * float64(time.Second)))
	accounts := make([]account, 10)
	seeds := random(time.Now().UnixNano() | 1)
	var rounds atomic.Int64
	var wg sync.WaitGroup
	for range 16 {
		r := seeds
		seeds.next(2)
		wg.Go(func() {
			for rounds.Load() < 16 || time.Now().Before(end) {
				switch r.next(9) {
				case 0:
					heapWork(&r)
				case 1:
					done := make(chan bool)
					seed := r
					go func() {
						stackWork(&seed)
						done <- true
					}()
					<-done
				case 2:
					panicWork(&r)
				case 3:
					channelWork(&r)
				case 4:
					timerWork(&r)
				case 5:
					lockWork(accounts, &r)
				case 6:
					textWork(&r)
				case 7:
					pipeWork(&r)
				case 8:
					if r.next(20) == 0 {
						runtime.GC()
						debug.FreeOSMemory()
					}
				}
				r.next(2)
				rounds.Add(1)
			}
		})
	}
	wg.Wait()
	sum := 0
	for i := range accounts {
		sum += accounts[i].balance
	}
	require(sum == 0, "money was made")
	require(runtime.NumGoroutine() < 200, "goroutines are left")
	fmt.Println("all was well")
	if os.Getenv("SOAK_SECONDS") != "" {
		fmt.Fprintln(os.Stderr, rounds.Load(), "rounds")
	}
}
