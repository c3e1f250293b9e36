package main

func f() {
	if x {
		g(
