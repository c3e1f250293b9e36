package main

func main() {
	v := [3]int{1, 2, 3}
	p := &v
	*p = v
	println(v[0] + p[2])
}
