#!/usr/bin/env morestack
// A script: chmod +x script.go && ./script.go one two
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
)

func main() {
	loud := flag.Bool("loud", false, "shout")
	flag.Parse()
	names := flag.Args()
	if len(names) == 0 {
		names = []string{"script"}
	}
	greeting := "hello, " + strings.Join(names, " and ")
	if *loud {
		greeting = strings.ToUpper(greeting) + "!"
	}
	fmt.Println(greeting)
	if _, set := os.LookupEnv("NO_SUCH_VARIABLE"); set {
		os.Exit(1)
	}
}
