package main

func f() {
	x := a[]
	y := a[1:2:]
	z := a[::3]
	a.5
	a.
	b := (1
	g(1, x...
	)
	g(x..., 2)
	for x := range {
	}
	if x = 1; {
	}
	if x == (T{}) {
	}
	if a = b + 1 {
	}
	if x := y; z := w {
	}
	switch x = 3 {
	}
	for i := 0; i < 10; i := 1 {
	}
	for i := 0 {
	}
	for var i = 0; i < 1; i++ {
	}
	if {
	}
	if x {
	} else return
	a, b
	a, b += 1, 2
	go (f())
	defer (f())
	L:
}

func g() {
	x := (T){1}
	switch {
	x = 1
	case 1
		y = 2
	}
	select {
	case x <- 1
	}
	var a int = 
	const b
	return 1 2
	fallthrough x
	goto 1
}
