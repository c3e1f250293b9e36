package main

func g() {
	goto L
	a, b := 1, 2
	_, _ = a, b
L:
	goto M
	var c, d int
	_, _ = c, d
M:
	goto N
	var e, h = 1, 2
	_, _ = e, h
N:
	goto O
	var (
		i int
		j int
	)
	_, _ = i, j
O:
	goto P
	b, k := 1, 2
	_ = k
P:
}
