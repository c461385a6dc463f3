package main

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// inParallel calls do(0) … do(n-1) on all processors. After an error, or once ctx
// is done, no further number is begun. It returns how many went well in front of
// the lowest that had an error, and that; or ctx's, if nothing else left some out.
func inParallel(ctx context.Context, n int, do func(i int) error) (well int, err error) {
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
	if well = int(begun.Load()); well < n {
		return well, ctx.Err()
	}
	return n, nil
}
