// A panic with a float prints it as println does.
package main

func main() {
	x := 1.5
	panic(x * 100)
}
