package main

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

type In int
type St struct {
	A int `json:"a,omitempty" x:"y"`
	B string
	c []byte
	E any
	*Emb
}
type Emb struct{ Q float64 }

func (e *Emb) PM(x int8, s string) (string, int8) { return s + "!", x * 2 }
func (s St) Val(a, b int) int                    { return s.A + a*b }
func (s *St) Set(a int)                          { s.A = a }
func (s St) Vari(p string, xs ...int) string     { return fmt.Sprint(p, xs, s.A) }

type Stringer interface{ String() string }
type S2 struct{ x int }

func (s S2) String() string { return fmt.Sprint("S2:", s.x) }

type Pan struct{}

func (Pan) String() string { panic("boom") }

func main() {
	fmt.Println(1, "a", 2.5, true, nil, []int{1, 2}, map[string]int{"z": 1, "a": 2}, St{A: 1, B: "x"}, &St{}, S2{4}, []S2{{1}}, Pan{})
	fmt.Printf("%v %+v %#v %T %d %x %q %8.3f|%-5d|%05d %p\n", St{B: "q"}, St{}, St{c: []byte{1}}, St{}, []int{1}, "hi", []string{"a"}, 3.14159, 7, 42, nil)
	fmt.Printf("%v %d %s\n", errors.New("e"), "x", 5)
	v := reflect.ValueOf(St{A: 3, Emb: &Emb{2}})
	t := v.Type()
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		fmt.Println(f.Name, f.Type, f.Tag.Get("x"), f.Offset, f.Index, f.Anonymous, f.PkgPath, v.Field(i).CanInterface())
	}
	for i := 0; i < t.NumMethod(); i++ {
		fmt.Println(t.Method(i).Name, t.Method(i).Type)
	}
	pt := reflect.TypeOf(&St{})
	for i := 0; i < pt.NumMethod(); i++ {
		fmt.Println(pt.Method(i).Name, pt.Method(i).Type)
	}
	fmt.Println(v.MethodByName("Val").Call([]reflect.Value{reflect.ValueOf(4), reflect.ValueOf(5)})[0])
	fmt.Println(v.MethodByName("Vari").Call([]reflect.Value{reflect.ValueOf("p"), reflect.ValueOf(4), reflect.ValueOf(5)})[0])
	r := v.MethodByName("PM").Call([]reflect.Value{reflect.ValueOf(int8(-5)), reflect.ValueOf("z")})
	fmt.Println(r[0], r[1], r[1].Type())
	p := &St{}
	reflect.ValueOf(p).MethodByName("Set").Call([]reflect.Value{reflect.ValueOf(9)})
	fmt.Println(p.A)
	fn := reflect.ValueOf(strings.Repeat)
	fmt.Println(fn.Call([]reflect.Value{reflect.ValueOf("ab"), reflect.ValueOf(3)})[0], fn.Type())
	reflect.ValueOf(p).Elem().Field(0).SetInt(77)
	reflect.ValueOf(p).Elem().FieldByName("B").SetString("set")
	fmt.Println(p.A, p.B)
	m := reflect.MakeMap(reflect.TypeOf(map[string]int{}))
	m.SetMapIndex(reflect.ValueOf("k"), reflect.ValueOf(5))
	m.SetMapIndex(reflect.ValueOf("j"), reflect.ValueOf(6))
	fmt.Println(m.Interface(), m.Len(), m.MapIndex(reflect.ValueOf("k")))
	keys := m.MapKeys()
	sort.Slice(keys, func(i, j int) bool { return keys[i].String() < keys[j].String() })
	fmt.Println(keys)
	s := reflect.MakeSlice(reflect.TypeOf([]string{}), 0, 2)
	s = reflect.Append(s, reflect.ValueOf("a"), reflect.ValueOf("b"), reflect.ValueOf("c"))
	fmt.Println(s, s.Len(), s.Slice(1, 3), s.Index(0))
	c := reflect.MakeChan(reflect.TypeOf(make(chan int)), 1)
	c.Send(reflect.ValueOf(3))
	x, ok := c.Recv()
	fmt.Println(x, ok)
	go func() { time.Sleep(time.Millisecond); c.Send(reflect.ValueOf(8)) }()
	i, x, ok := reflect.Select([]reflect.SelectCase{{Dir: reflect.SelectRecv, Chan: c}})
	fmt.Println(i, x, ok)
	fmt.Println(reflect.DeepEqual(map[string][]int{"a": {1}}, map[string][]int{"a": {1}}), reflect.DeepEqual(1, "1"))
	fmt.Println(reflect.ValueOf(65).Convert(reflect.TypeOf("")), reflect.ValueOf(3.7).Convert(reflect.TypeOf(In(0))), reflect.TypeOf(S2{}).Implements(reflect.TypeFor[Stringer]()))
	fmt.Println(reflect.StructOf([]reflect.StructField{{Name: "X", Type: reflect.TypeOf(1), Tag: `a:"b"`}}), reflect.FuncOf([]reflect.Type{reflect.TypeOf(1)}, nil, false), reflect.ArrayOf(3, reflect.TypeOf("")), reflect.PointerTo(reflect.TypeOf(In(1))))
	swap := reflect.MakeFunc(reflect.TypeOf(func(int, string) (string, int) { return "", 0 }), func(a []reflect.Value) []reflect.Value { return []reflect.Value{a[1], a[0]} })
	a, b := swap.Interface().(func(int, string) (string, int))(1, "q")
	fmt.Println(a, b)
	mv := reflect.ValueOf(S2{9}).Method(0).Interface().(func() string)
	fmt.Println(mv())
	var mu sync.Mutex
	var wg sync.WaitGroup
	n := 0
	var cnt atomic.Int64
	for range 50 {
		wg.Go(func() { mu.Lock(); n++; mu.Unlock(); cnt.Add(2) })
	}
	wg.Wait()
	fmt.Println(n, cnt.Load())
	var iface any = S2{1}
	if st, ok := iface.(Stringer); ok {
		fmt.Println(st.String())
	}
	_, err := os.Open("/nonexistent")
	fmt.Println(err, errors.Is(err, os.ErrNotExist), os.IsNotExist(err))
	tm := time.NewTimer(time.Millisecond)
	<-tm.C
	select {
	case <-time.After(2 * time.Millisecond):
		fmt.Println("after")
	}
	fmt.Println(time.Unix(0, 0).UTC(), time.Duration(1500)*time.Millisecond)
	func() {
		defer func() { e := recover(); fmt.Println(e); _, ok := e.(interface{ RuntimeError() }); fmt.Println(ok) }()
		var z []int
		_ = z[5]
	}()
	func() {
		defer func() { fmt.Println(recover()) }()
		reflect.ValueOf(St{}).Field(0).SetInt(1)
	}()
	func() {
		defer func() { fmt.Println(recover()) }()
		_ = iface.(fmt.Formatter)
	}()
}
