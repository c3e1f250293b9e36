// The texts of every failed index, slice, division, conversion and assertion.
package main

import (
	"fmt"
	"strings"
)

type cat struct{}

func (*cat) Purr() {}

type purrer interface{ Purr() }

var (
	list  = []int{1, 2, 3}
	array = [4]int{}
	text  = "text"
	minus = -1
	five  = 5
	zero  = 0
	two   = 2
)

func try(f func()) {
	defer func() {
		fmt.Println(strings.ReplaceAll(fmt.Sprint(recover()), "\n", " / "))
	}()
	f()
}

func main() {
	try(func() { _ = list[five] })
	try(func() { _ = list[minus] })
	try(func() { _ = array[five] })
	try(func() { _ = text[five] })
	try(func() { _ = list[five:] })
	try(func() { _ = list[:five] })
	try(func() { _ = list[minus:] })
	try(func() { _ = list[two:1] })
	try(func() { _ = list[:two:five] })
	try(func() { _ = list[:five:two] })
	try(func() { _ = list[five:two:two] })
	try(func() { _ = text[five:] })
	try(func() { _ = text[:five] })
	try(func() { _ = text[two:1] })
	try(func() { _ = array[two:five] })
	try(func() { _ = [4]int(list) })
	try(func() { _ = make([]int, minus) })
	try(func() { _ = make([]int, two, zero) })
	try(func() { _ = make(chan int, minus) })
	try(func() { _ = five / zero })
	try(func() { _ = five % zero })
	try(func() { _ = five << minus })
	try(func() { var v any; _ = v.(int) })
	try(func() { var v any = "s"; _ = v.(int) })
	try(func() { var v any = cat{}; _ = v.(purrer) })
	try(func() { var v any; _ = v.(purrer) })
	try(func() { var v purrer; _ = v.(*cat) })
	try(func() { var v fmt.Stringer; _ = v.(purrer) })
	try(func() { m := map[any]int{}; m[[]int{}] = 1 })
	try(func() { var a, b any = list, list; _ = a == b })
	try(func() { var a, b any = struct{ f func() }{}, struct{ f func() }{}; _ = a == b })
	try(func() { panic(fmt.Sprintf("%v", nil)) })
	try(func() { var e error; panic(e) })
	try(func() { strings.Repeat("x", minus) })
	try(func() { var c chan int; close(c) })
	try(func() { c := make(chan int); close(c); close(c) })
	try(func() { c := make(chan int); close(c); c <- 1 })
	try(func() { var p *[4]int; p[two] = 1 })
	try(func() { var p *[4]int; _ = p[:] })
	try(func() { var f func(); f() })
}
