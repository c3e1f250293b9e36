// Functions that end without a return.
package main

func sign(n int) int {
	if n < 0 {
		return -1
	} else if n > 0 {
		return 1
	}
}

func loop() int {
	for {
		break
	}
}

func fine() int {
	for {
	}
}

func main() {
	_ = func() string {
		switch sign(loop()) {
		case 1:
			return "one"
		}
	}
	fine()
}
