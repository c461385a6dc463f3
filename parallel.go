package main

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// inParallel calls do(0) … do(n-1) on all processors. After an error, or once ctx
// is done, it begins no further number. It returns the error of the lowest number
// that had one, and how many are done in front of that. If there was none, but ctx
// has left numbers out, the error is ctx's.
func inParallel(ctx context.Context, n int, do func(i int) error) (done int, err error) {
	if n == 0 {
		return 0, nil
	}
	errs := make([]error, n)
	var begun atomic.Int64
	var failed atomic.Bool

	// Numbers are begun in order. When one fails, all below it have been begun,
	// too, and the lowest that fails is among them.
	work := func() {
		for !failed.Load() && ctx.Err() == nil {
			i := int(begun.Add(1)) - 1
			if i >= n {
				return
			}
			if errs[i] = do(i); errs[i] != nil {
				failed.Store(true)
			}
		}
	}

	var workers sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) - 1 {
		workers.Go(work)
	}
	work() // on this goroutine, too: most blocks are small
	workers.Wait()

	for i, err := range errs {
		if err != nil {
			return i, err
		}
	}
	if done = int(begun.Load()); done < n {
		return done, ctx.Err()
	}
	return n, nil
}
