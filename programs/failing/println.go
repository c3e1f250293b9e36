// The built-in print and println write to stderr.
package main

func main() {
	println("text", 1, -2, true, 'x', 2.5, uint8(200), nil == nil2())
	print("no ", "newline ", 7, "\n")
	println()
	println(1+2i, 1e100)
}

func nil2() any { return nil }
