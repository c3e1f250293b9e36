// A fixed pool of workers on one channel of jobs, instead of a goroutine a job.
package main

import (
	"fmt"
	"sync"
)

type job func() int

type pool struct {
	jobs    chan job
	wg      sync.WaitGroup
	mu      sync.Mutex
	total   int
	handled int
}

func newPool(workers int) *pool {
	p := &pool{jobs: make(chan job, 100)}
	p.wg.Add(workers)
	for range workers {
		go p.work()
	}
	return p
}

func (p *pool) work() {
	defer p.wg.Done()
	for j := range p.jobs {
		n := j()
		p.mu.Lock()
		p.total += n
		p.handled++
		p.mu.Unlock()
	}
}

func (p *pool) finish() {
	close(p.jobs)
	p.wg.Wait()
}

func main() {
	for _, workers := range []int{1, 4, 16} {
		p := newPool(workers)
		for i := range 1000 {
			p.jobs <- func() int { return i * i }
		}
		p.finish()
		fmt.Printf("%2d workers: %d jobs, sum %d\n", workers, p.handled, p.total)
	}
}
