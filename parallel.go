package main

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// inParallel calls do(0) … do(n-1) on all processors and returns the error of
// the lowest number that had one. After an error, or once ctx is done, later
// numbers are left out.
func inParallel(ctx context.Context, n int, do func(int) error) error {
	var next, failed atomic.Int64
	failed.Store(int64(n))
	errs := make([]error, n)
	work := func() {
		for i := next.Add(1) - 1; i < failed.Load() && ctx.Err() == nil; i = next.Add(1) - 1 {
			if errs[i] = do(int(i)); errs[i] != nil {
				for f := failed.Load(); i < f && !failed.CompareAndSwap(f, i); f = failed.Load() {
				}
			}
		}
	}
	var wg sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) - 1 {
		wg.Go(work)
	}
	work()
	wg.Wait()
	if f := failed.Load(); f < int64(n) {
		return errs[f]
	}
	return ctx.Err()
}
