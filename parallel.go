package main

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// inParallel calls do(0) … do(n-1) on all processors and returns the error of
// the lowest number that had one. After an error, or once ctx is done, no
// further number is begun; if that leaves some out, ctx's error tells.
func inParallel(ctx context.Context, n int, do func(i int) error) error {
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
	for range min(n, runtime.GOMAXPROCS(0)) {
		workers.Go(work)
	}
	workers.Wait()

	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	if int(begun.Load()) < n {
		return ctx.Err()
	}
	return nil
}
