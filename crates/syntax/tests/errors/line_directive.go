package main

//line foo.y:10
var a = 
//line bar.y:5:3
var = 1

var b = /*line x.y:7:9*/ @ 1
