package shop

import (
	"fmt"
	"os"
	"testing"
)

func check(t *testing.T, s *Shelf, want int) {
	t.Helper()
	if s.count != want {
		t.Errorf("count is %d, want %d", s.count, want)
	}
}

func TestMain(m *testing.M) {
	fmt.Println("open")
	code := m.Run()
	fmt.Println("closed")
	os.Exit(code)
}

func TestPut(t *testing.T) {
	var s Shelf
	s.Put(2)
	check(t, &s, 2)
	check(t, &s, 3) // fails
	t.Log("two\nlines")
}

func TestSkipped(t *testing.T) { t.Skip("not today") }

func TestTree(t *testing.T) {
	t.Cleanup(func() { t.Log("cleaned", t.Failed()) })
	for _, name := range []string{"a", "a", "b c"} {
		t.Run(name, func(t *testing.T) {
			t.Log(t.Name())
			if name == "b c" {
				t.Fatal("no")
			}
		})
	}
}

func TestParallel(t *testing.T) {
	t.Run("group", func(t *testing.T) {
		t.Run("later", func(t *testing.T) {
			t.Parallel()
			t.Log("while no other test runs")
		})
		t.Log("before it")
	})
}

func FuzzPut(f *testing.F) {
	f.Add(1)
	f.Add(5)
	f.Fuzz(func(t *testing.T, n int) {
		var s Shelf
		s.Put(n)
		check(t, &s, n)
	})
}

func BenchmarkPut(b *testing.B) {
	var s Shelf
	for b.Loop() {
		s.Put(1)
	}
	b.ReportMetric(1, "puts/op")
}

func BenchmarkSizes(b *testing.B) {
	for _, n := range []int{1, 1000} {
		b.Run(fmt.Sprintf("items=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; i < b.N; i++ {
				kept = make([]int64, n)
			}
		})
	}
}

var kept []int64
