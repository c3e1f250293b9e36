// Trees of errors, contexts that are canceled while others look, pools over collections, calls by reflection, and seeded random numbers.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"math/rand"
	randv2 "math/rand/v2"
	"reflect"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

type pointerError struct{ code int }

func (e *pointerError) Error() string { return fmt.Sprint("pointer ", e.code) }

type valueError struct{ a, b int }

func (e valueError) Error() string { return fmt.Sprint("value ", e.a, e.b) }

type slices []int

func (slices) Error() string { return "slices" }

type picky struct{}

func (picky) Error() string        { return "picky" }
func (picky) As(target any) bool   { p, ok := target.(**pointerError); if ok { *p = &pointerError{7} }; return ok }
func (picky) Is(target error) bool { return target == io.EOF }

func try(name string, f func()) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Println(name, "panics:", r)
		}
	}()
	f()
}

func trees() {
	for _, err := range []error{
		nil, io.EOF, &pointerError{1}, valueError{1, 2}, slices{1}, picky{},
		fmt.Errorf("a: %w", &pointerError{2}), fmt.Errorf("b: %w", fmt.Errorf("c: %w", valueError{3, 4})),
		errors.Join(io.EOF, valueError{5, 6}, &pointerError{3}), fmt.Errorf("%w and %w", io.EOF, picky{}), fmt.Errorf("d: %w", slices{2}),
	} {
		var p *pointerError
		var v valueError
		var s slices
		var t interface{ Timeout() bool }
		var any error
		fmt.Println(err, errors.As(err, &p), p, errors.As(err, &v), v, errors.As(err, &s), s, errors.As(err, &t), errors.As(err, &any), errors.Is(err, io.EOF), errors.Is(err, valueError{3, 4}), errors.Is(err, slices{1}))
		q, ok := errors.AsType[*pointerError](err)
		fmt.Println(q, ok)
	}
	var path *fs.PathError
	fmt.Println(errors.As(fmt.Errorf("x: %w", &fs.PathError{Op: "open", Path: "f", Err: io.EOF}), &path), path.Op)
	try("nil", func() { errors.As(io.EOF, nil) })
	try("not a pointer", func() { errors.As(io.EOF, 5) })
	try("nil pointer", func() { errors.As(io.EOF, (*error)(nil)) })
	try("no error", func() { errors.As(io.EOF, new(int)) })
	try("pointer receiver", func() { errors.As(io.EOF, new(pointerError)) })
}

func contexts() {
	ctx, cancel := context.WithCancelCause(context.Background())
	child, stop := context.WithCancel(ctx)
	defer stop()
	fmt.Println(ctx.Err(), context.Cause(ctx), ctx.Done() == ctx.Done(), ctx.Done() == child.Done())
	var wg sync.WaitGroup
	var early atomic.Int32
	for range 8 {
		wg.Go(func() {
			for child.Err() == nil {
				runtime.Gosched()
			}
			select {
			case <-child.Done():
			default:
				early.Add(1)
			}
			<-ctx.Done()
			if ctx.Err() != context.Canceled || context.Cause(child).Error() != "pointer 9" {
				early.Add(1)
			}
		})
	}
	time.Sleep(time.Millisecond)
	cancel(&pointerError{9})
	wg.Wait()
	fmt.Println(early.Load(), ctx.Err(), context.Cause(ctx), child.Err(), context.Cause(child))
	late, stop2 := context.WithTimeoutCause(ctx, time.Hour, io.EOF)
	fmt.Println(late.Err(), context.Cause(late))
	stop2()
	soon, stop3 := context.WithTimeoutCause(context.Background(), time.Millisecond, io.EOF)
	defer stop3()
	<-soon.Done()
	fmt.Println(soon.Err(), context.Cause(soon))
	after := make(chan bool)
	context.AfterFunc(soon, func() { close(after) })
	<-after
	none := context.WithoutCancel(ctx)
	fmt.Println(none.Err(), none.Done() == nil)
}

func pools() {
	made := 0
	p := sync.Pool{New: func() any { made++; return new(int) }}
	for range 100 {
		x := p.Get().(*int)
		*x++
		p.Put(x)
	}
	a, b := p.Get(), p.Get()
	p.Put(a)
	p.Put(b)
	p.Put(nil)
	for range 4 {
		runtime.GC()
	}
	c := p.Get().(*int)
	fmt.Println(made >= 3, *c, new(sync.Pool).Get())
	var shared sync.Pool
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for k := range 2000 {
				x, ok := shared.Get().(*[2]int)
				if ok && x[0] != x[1] {
					fmt.Println("used twice")
				}
				x = &[2]int{}
				x[0], x[1] = i*k, i*k
				shared.Put(x)
			}
		})
	}
	wg.Wait()
}

func calls() {
	f := reflect.ValueOf(func(a int8, b string, c []int, d float32, e any, p *int) (string, error, [3]int16) {
		return fmt.Sprint(a, b, c, d, e, *p), io.EOF, [3]int16{1, 2, int16(a)}
	})
	n := 5
	for i := range 3 {
		out := f.Call([]reflect.Value{reflect.ValueOf(int8(-i)), reflect.ValueOf("s"), reflect.ValueOf([]int{i}), reflect.ValueOf(float32(1.5)), reflect.ValueOf(valueError{i, 2}), reflect.ValueOf(&n)})
		fmt.Println(out[0], out[1], out[2])
	}
	m := reflect.ValueOf(valueError{8, 9}).MethodByName("Error")
	fmt.Println(m.Call(nil)[0], m.Interface().(func() string)())
	v := reflect.ValueOf(fmt.Sprintf)
	fmt.Println(v.Call([]reflect.Value{reflect.ValueOf("%d-%s"), reflect.ValueOf(3), reflect.ValueOf("x")})[0])
	sum := reflect.MakeFunc(reflect.TypeOf(func(a, b int) int { return 0 }), func(in []reflect.Value) []reflect.Value {
		return []reflect.Value{reflect.ValueOf(int(in[0].Int() + in[1].Int()))}
	}).Interface().(func(a, b int) int)
	fmt.Println(sum(3, 4))
}

func numbers() {
	r := rand.New(rand.NewSource(42))
	q := randv2.New(randv2.NewPCG(1, 2))
	h := uint64(0)
	for range 10000 {
		h = h*31 + math.Float64bits(r.NormFloat64())
		h = h*31 + math.Float64bits(q.NormFloat64())
		h = h*31 + math.Float64bits(r.ExpFloat64()) + math.Float64bits(q.ExpFloat64())
		h = h*31 + math.Float64bits(math.Exp(r.NormFloat64()*50))
		h = h*31 + math.Float64bits(math.Exp(-float64(r.Intn(800))))
	}
	fmt.Printf("%016x %v %v\n", h, r.NormFloat64(), q.NormFloat64())
	for _, x := range []float64{0, 1, -1, 709.7, 710, -708, -745.2, -746, 1e-300, math.Inf(1), math.Inf(-1), math.NaN()} {
		fmt.Print(math.Exp(x), " ")
	}
	fmt.Println()
}

func main() {
	trees()
	contexts()
	pools()
	calls()
	numbers()
}
