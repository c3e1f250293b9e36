package main
x := 1
func main()
{
}
import "fmt"
var a = "abc
var b = 'ab'
var c = ''
var d = '\q'
var e = 0x
var f = 089
var g = 1_
var h = 0b12
var i = 1e
var j = 0x1.0
var k = `abc
