// Several syntax errors.
package main

import "fmt"

func main()
{
	fmt.Println("brace on its own line")
	for i := 0; i < 3; i++
	{
	}
	var 1x int
	else {
	}
}
