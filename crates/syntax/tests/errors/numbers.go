package main

var (
	a = 1__0
	b = 0_x1
	c = 0x_1_
	d = 0b102
	e = 0o8
	f = 0x1p
	g = 1p3
	h = 0x1e+2.5
	i = 08.5
	j = 09
	k = 0b1.5
	l = 0b1e3
	m = '\400'
	n = "\xg"
	o = "\u12"
	p = '\ud800'
	q = "\U00110000"
	r = 'a
	s = '\'
	t = "a\
	u = #
	v = a # b
	w = $
	y = é
	z = 1é
	aa = €
)
