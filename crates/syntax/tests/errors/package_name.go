package 5

var x int
