package main

import fmt
import 5
var x = 1
import "os"
func f() int
{
}
type T struct{} x
const c := 1
func 5() {}
func (T) () {}
