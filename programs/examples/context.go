// context: cancelling work, deadlines, values.
package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

type userKey struct{}

func worker(ctx context.Context, jobs <-chan int) (done int) {
	for {
		select {
		case <-ctx.Done():
			return done
		case _, ok := <-jobs:
			if !ok {
				return done
			}
			done++
		}
	}
}

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() { worker(ctx, nil) })
	}
	cancel()
	wg.Wait()
	fmt.Println("stopped:", ctx.Err())

	ctx, cancel = context.WithTimeout(context.Background(), 5*time.Millisecond)
	defer cancel()
	<-ctx.Done()
	fmt.Println("late:", errors.Is(ctx.Err(), context.DeadlineExceeded))

	ctx = context.WithValue(context.Background(), userKey{}, "gopher")
	fmt.Println("user:", ctx.Value(userKey{}), ctx.Value("other"))

	ctx, stop := context.WithCancelCause(ctx)
	stop(errors.New("disk full"))
	fmt.Println(ctx.Err(), "because:", context.Cause(ctx))

	jobs := make(chan int, 3)
	jobs <- 1
	jobs <- 2
	close(jobs)
	fmt.Println("jobs done:", worker(context.Background(), jobs))
}
