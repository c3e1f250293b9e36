// Who may recover: a deferred method called through reflection, a deferred recover of a deferred function, no deeper call.
package main

import (
	"fmt"
	"reflect"
)

type pointer struct{}

func (*pointer) Save() { fmt.Println("pointer recovers", recover()) }

type value int

func (value) Save() { fmt.Println("value recovers", recover()) }

func bound(v any) {
	save := reflect.ValueOf(v).Method(0).Interface().(func())
	defer save()
	panic("bound")
}

func unbound() {
	save := reflect.TypeOf(value(1)).Method(0).Func.Interface().(func(value))
	defer save(1)
	panic("unbound")
}

func called() {
	defer func() { fmt.Println("outside sees", recover()) }()
	defer func() { reflect.ValueOf(func() { fmt.Println("a call by Call sees", recover()) }).Call(nil) }()
	panic("called")
}

func deferred() {
	defer fmt.Println("deferred ends")
	defer func() {
		defer recover()
	}()
	panic("deferred")
}

func direct() {
	defer func() { fmt.Println("still panicking:", recover()) }()
	defer recover()
	panic("direct")
}

func main() {
	bound(&pointer{})
	bound(value(2))
	unbound()
	called()
	deferred()
	direct()
}
