// A panic in a goroutine ends the program; the trace tells who created it.
package main

type server struct{ name string }

//go:noinline
func (s *server) serve(n int) {
	if n > 0 {
		s.serve(n - 1)
		return
	}
	panic("in " + s.name)
}

func start(s *server) {
	go s.serve(1)
}

func main() {
	start(&server{"worker"})
	select {}
}
