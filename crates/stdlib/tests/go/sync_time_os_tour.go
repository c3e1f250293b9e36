package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

type key struct{}

func main() {
	ctx, cancel := context.WithCancel(context.WithValue(context.Background(), key{}, "v"))
	fmt.Println(ctx, ctx.Value(key{}), ctx.Err())
	cancel()
	<-ctx.Done()
	fmt.Println(ctx.Err(), context.Cause(ctx))
	c2, cancel2 := context.WithTimeout(context.Background(), 5*time.Millisecond)
	defer cancel2()
	<-c2.Done()
	fmt.Println(c2.Err(), errors.Is(c2.Err(), context.DeadlineExceeded))
	c3, cancel3 := context.WithCancelCause(context.Background())
	c4, _ := context.WithCancel(c3)
	stopped := make(chan bool)
	context.AfterFunc(c4, func() { stopped <- true })
	cancel3(errors.New("why"))
	fmt.Println(<-stopped, context.Cause(c4), c4.Err())

	var rw sync.RWMutex
	var wg sync.WaitGroup
	m := map[int]int{}
	for i := range 20 {
		wg.Add(2)
		go func() { defer wg.Done(); rw.Lock(); m[i] = i; runtime.Gosched(); rw.Unlock() }()
		go func() { defer wg.Done(); rw.RLock(); _ = m[i]; runtime.Gosched(); rw.RUnlock() }()
	}
	wg.Wait()
	fmt.Println(len(m), rw.TryLock(), rw.TryRLock())
	rw.Unlock()
	var once sync.Once
	for range 3 {
		once.Do(func() { fmt.Println("once") })
	}
	ov := sync.OnceValue(func() int { fmt.Println("computing"); return 7 })
	fmt.Println(ov(), ov())
	of := sync.OnceFunc(func() { panic("op") })
	for range 2 {
		func() {
			defer func() { fmt.Println("rec", recover()) }()
			of()
		}()
	}
	cond := sync.NewCond(&sync.Mutex{})
	ready := 0
	for range 3 {
		go func() { cond.L.Lock(); ready++; cond.Broadcast(); cond.L.Unlock() }()
	}
	cond.L.Lock()
	for ready < 3 {
		cond.Wait()
	}
	cond.L.Unlock()
	fmt.Println("ready", ready)
	p := sync.Pool{New: func() any { return new(int) }}
	x := p.Get().(*int)
	*x = 5
	p.Put(x)
	fmt.Println(*p.Get().(*int)%5 == 0)
	var sm sync.Map
	sm.Store("a", 1)
	v, l := sm.LoadOrStore("a", 2)
	fmt.Println(v, l)
	sm.Range(func(k, v any) bool { fmt.Println(k, v); return true })
	fmt.Println(sm.CompareAndSwap("a", 1, 9))
	fmt.Println(sm.LoadAndDelete("a"))
	var av atomic.Value
	av.Store("s")
	fmt.Println(av.Load(), av.CompareAndSwap("s", "t"), av.Swap("u"))
	func() { defer func() { fmt.Println(recover()) }(); av.Store(1) }()
	var ap atomic.Pointer[int]
	ap.Store(x)
	fmt.Println(*ap.Load(), ap.CompareAndSwap(x, nil), ap.Load())
	func() { defer func() { fmt.Println(recover()) }(); wg.Done() }()

	t := time.NewTimer(time.Hour)
	fmt.Println(t.Stop(), t.Stop(), t.Reset(time.Millisecond))
	<-t.C
	fmt.Println(len(t.C), cap(t.C), t.Stop())
	tk := time.NewTicker(time.Millisecond)
	for range 3 {
		<-tk.C
	}
	tk.Stop()
	done := make(chan int)
	time.AfterFunc(time.Millisecond, func() { done <- 1 })
	fmt.Println(<-done)
	start := time.Now()
	time.Sleep(3 * time.Millisecond)
	fmt.Println(time.Since(start) >= 3*time.Millisecond, strings.Contains(start.String(), "m=+"))
	d, err := os.MkdirTemp("", "ms*")
	fmt.Println(err)
	defer os.RemoveAll(d)
	f := filepath.Join(d, "a", "b.txt")
	fmt.Println(os.MkdirAll(filepath.Dir(f), 0o755), os.WriteFile(f, []byte("hello"), 0o644))
	b, err := os.ReadFile(f)
	fmt.Println(string(b), err)
	st, err := os.Stat(f)
	fmt.Println(st.Name(), st.Size(), st.Mode(), st.IsDir(), err, time.Since(st.ModTime()) < time.Minute)
	filepath.WalkDir(d, func(p string, e os.DirEntry, err error) error {
		r, _ := filepath.Rel(d, p)
		fmt.Println(r, e.IsDir(), err)
		return nil
	})
	es, _ := os.ReadDir(d)
	fmt.Println(es)
	_, err = os.ReadFile(d + "/zz")
	var pe *os.PathError
	fmt.Println(errors.As(err, &pe), pe.Op, pe.Err)
	fmt.Println(os.RemoveAll(d), os.Getenv("NOPE"), len(os.Args))
	os.Setenv("XX", "yy")
	fmt.Println(os.ExpandEnv("$XX-${XX}$"))
	_, file, line, ok := runtime.Caller(0)
	fmt.Println(filepath.Base(file), line, ok, runtime.GOOS, runtime.NumGoroutine())
	pc := make([]uintptr, 5)
	n := runtime.Callers(1, pc)
	fr, _ := runtime.CallersFrames(pc[:n]).Next()
	fmt.Println(fr.Function, fr.Line)
	fin := make(chan string, 1)
	func() { o := &struct{ a [10]int }{}; runtime.SetFinalizer(o, func(*struct{ a [10]int }) { fin <- "finalized" }) }()
	end := time.After(20 * time.Second)
wait:
	for {
		runtime.GC()
		select {
		case s := <-fin:
			fmt.Println(s)
			break wait
		case <-end:
			fmt.Println("no")
			break wait
		case <-time.After(time.Millisecond):
		}
	}
	var ms runtime.MemStats
	runtime.ReadMemStats(&ms)
	fmt.Println(ms.NumGC > 0, ms.HeapAlloc > 0)
	var i int
	var s string
	fmt.Println(fmt.Sscanf("12 abc", "%d %s", &i, &s))
	fmt.Println(i, s)
	fmt.Println(fmt.Sscan("7 z", &i, &s))
}
