package main

import (
	"context"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"runtime"
	"testing"
	"time"
)

// A node that runs and stops, over and over and at any moment of its start,
// leaves no goroutine and no descriptor in the process.
func TestNodeLeavesNothing(t *testing.T) {
	skipSlow(t)
	fds, goroutines := descriptors(), runtime.NumGoroutine()
	peer, stopPeer := runOnce(t, NodeConfig{Data: t.TempDir()})
	config := NodeConfig{Data: t.TempDir(), Bootstrap: []string{peer.Addr().String()}, View: "127.0.0.1:0"}
	rng := rand.New(rand.NewPCG(6, 0))

	for range 25 {
		_, stop := runOnce(t, config)
		for range rng.IntN(200) {
			runtime.Gosched()
		}
		stop()
	}
	stopPeer()

	// What tests before this one have left ends a moment later.
	limit := time.Now().Add(30 * time.Second)
	for (descriptors() > fds+2 || runtime.NumGoroutine() > goroutines+5) && time.Now().Before(limit) {
		runtime.Gosched()
	}
	if got := descriptors(); got > fds+2 {
		t.Errorf("%d descriptors are open, before the first start %d were", got, fds)
	}
	if got := runtime.NumGoroutine(); got > goroutines+5 {
		t.Errorf("%d goroutines run, before the first start %d did", got, goroutines)
	}
}

// runOnce runs a node on ports that the system chooses; stop ends it and waits.
func runOnce(t *testing.T, config NodeConfig) (n *Node, stop func()) {
	t.Helper()
	config.Listen, config.RPC, config.PoolSize = "127.0.0.1:0", "127.0.0.1:0", 2
	n, err := OpenNode(t.Context(), config, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}

	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx) }()
	return n, func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("node ends with %v", err)
		}
	}
}

// descriptors returns how many files the process has open; 0 where the system
// does not tell.
func descriptors() int {
	entries, _ := os.ReadDir("/proc/self/fd")
	return len(entries)
}
