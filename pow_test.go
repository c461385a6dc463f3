package main

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

// Run is fast where Valid is clear: they must agree on every nonce.
func TestProofOfWorkRun(t *testing.T) {
	for height := 1; height <= 50; height++ {
		h := BlockHeader{Height: height, Timestamp: "1700000000.5", PrevBlockHash: sha256Hex(fmt.Append(nil, height))}
		want := h
		for !(ProofOfWork{&want}).Valid() {
			want.Nonce++
		}
		want.Hash = want.hash()

		if err := (ProofOfWork{&h}).Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		if h != want {
			t.Errorf("height %d: %+v, want %+v", height, h, want)
		}
	}
}

func TestProofOfWorkStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	h := articleHeader
	if err := (ProofOfWork{&h}).Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want Canceled", err)
	}
	if h != articleHeader {
		t.Error("the header is changed")
	}
}

func TestWorkHashAllocates(t *testing.T) {
	w := newWorkHash(ProofOfWork{&articleHeader}.text())
	nonce := int64(0)
	if got := testing.AllocsPerRun(1000, func() { w.meetsTarget(nonce); nonce++ }); got != 0 {
		t.Errorf("%v allocations a try, want none", got)
	}
}
