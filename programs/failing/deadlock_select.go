// Deadlock in an empty select.
package main

func main() {
	select {}
}
