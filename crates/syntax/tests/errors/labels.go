package main

func f(x int) {
	break Q
	continue Q
	goto Z
L1:
	x = 1
	for {
		break L1
		continue L2
	}
L2:
	for {
		goto L2
	}
L3:
	for {
		func() {
			break L3
			goto L3
		}()
	}
}

func g() {
	goto L
	a, b := 1, 2
	var (
		c int
		d, e = 1, 2
	)
	_, _, _, _, _ = a, b, c, d, e
	{
		goto L
	}
	var k int
	_ = k
L:
	goto M
	{
	M:
	}
}

func h(x int) {
	switch x {
	case 1:
		fallthrough
		;
	case 2:
		if x == 1 { fallthrough }
	case 3:
		fallthrough
	}
	fallthrough
	switch any(x).(type) {
	case int:
		fallthrough
	case string:
	}
	select {
	default:
		fallthrough
		break
		continue
	}
A:
	if x == 1 {
		break A
	}
B:
	switch x {
	case 1:
		continue B
	}
C:
	for {
	}
	type T int
	const q = 1
	goto N
	const r = 1
	type U int
N:
}
