// Loops that begin with a question about memory and leave the answer there at their end: what they do when somebody else gives another one.
package main

import "fmt"

type work struct{ stop, n, limit int }

// It always leaves 0.
func tidy(w *work, at []int) {
	for w.stop == 0 {
		w.stop = 1
		if w.n == w.limit {
			return
		}
		at[w.n]++
		w.n++
		w.stop = 0
	}
	w.limit = -1
}

// It leaves 0, unless that is where `other` points.
func aliased(w *work, other *int) int {
	rounds := 0
	for w.stop == 0 {
		rounds++
		w.stop = 0
		*other = rounds / 5
		if rounds > 100 {
			break
		}
	}
	return rounds
}

// It leaves 0 on one way only.
func sometimes(w *work) int {
	rounds := 0
	for w.stop == 0 {
		rounds++
		if rounds%7 == 0 {
			w.stop = 1
			continue
		}
		w.stop = 0
	}
	return rounds
}

func inLoop(w *work, f func(*work)) int {
	rounds := 0
	for w.stop == 0 {
		rounds++
		w.stop = 0
		f(w)
	}
	return rounds
}

// Goes on whatever it is told.
func stubborn(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := range n {
			yield(i)
		}
	}
}

func upTo(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func sum(n, end int, table []int) (total int, err any) {
	defer func() { err = recover() }()
	for i := range stubborn(n) {
		if i == end {
			break
		}
		total += table[i%len(table)]
	}
	return
}

func pairs(n int, table []int) (total int) {
	for i := range upTo(n) {
		for j := range upTo(i) {
			if j == 40 {
				break
			}
			if i == 300 {
				return
			}
			total += table[j] * i
		}
	}
	return
}

func main() {
	at := make([]int, 5000)
	table := make([]int, 64)
	for i := range table {
		table[i] = i * i
	}
	for i := range 2000 {
		w := work{limit: 1 + i%300}
		tidy(&w, at)
		if w.stop != 1 || w.n != w.limit {
			fmt.Println("tidy", w)
		}
		w.n = 0
		tidy(&w, at)
		if w.n != 0 || w.limit != -1 {
			fmt.Println("stopped before", w)
		}
		var other int
		w.stop = 0
		a, b := aliased(&w, &other), aliased(&w, &w.stop)
		c := sometimes(&w)
		w.stop = 0
		c += sometimes(&w)
		d := 0
		w.stop = 0
		d = inLoop(&w, func(w *work) {
			if w.n++; w.n > 9 {
				w.stop, w.n = 1, 0
			}
		})
		if i%500 == 499 {
			fmt.Println(a, b, c, d)
		}
	}
	for i := range 1500 {
		total, err := sum(100, 50+i%60, table)
		if i%297 == 0 {
			fmt.Println(total, err)
		}
	}
	for i := range 30 {
		total := pairs(250+3*i, table)
		if i%10 == 9 {
			fmt.Println(total)
		}
	}
	fmt.Println(at[0], at[299], at[300])
}
