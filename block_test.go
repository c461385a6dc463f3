package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"gosimpleblockchain/network"
)

// refMerkleRoot is the definition, word for word.
func refMerkleRoot(level []string) string {
	if len(level) == 1 {
		return level[0]
	}
	var parents []string
	for i := 0; i < len(level); i += 2 {
		parents = append(parents, sha256Hex([]byte(level[i]+level[min(i+1, len(level)-1)])))
	}
	return refMerkleRoot(parents)
}

// B6: any number of leaves.
func TestMerkleRoot(t *testing.T) {
	if got := MerkleRoot(nil); got != "" {
		t.Errorf("no leaves: %q", got)
	}
	var leaves []string
	for n := 1; n <= 33; n++ {
		leaves = append(leaves, sha256Hex(fmt.Append(nil, n)))
		before := strings.Join(leaves, "")
		if got, want := MerkleRoot(leaves), refMerkleRoot(leaves); got != want {
			t.Errorf("%d leaves: %s, want %s", n, got, want)
		}
		if strings.Join(leaves, "") != before {
			t.Errorf("%d leaves: they are changed", n)
		}
	}
}

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

// The forms of Python's str(time.time()).
func TestTimeText(t *testing.T) {
	tests := []struct {
		ns   int64
		want string
	}{
		{1551347915327129400, "1551347915.3271294"},
		{1700000012000000000, "1700000012.0"},
		{1700000119700000000, "1700000119.7"},
		{1700000022823188000, "1700000022.823188"},
	}
	for _, tt := range tests {
		got := timeText(time.Unix(0, tt.ns))
		if got != tt.want {
			t.Errorf("timeText(%d) = %s, want %s", tt.ns, got, tt.want)
		}
		if err := checkTimestamp(got, time.Unix(0, tt.ns)); err != nil {
			t.Error(err)
		}
	}
}

// Only a timestamp ahead of the clock may turn valid.
func TestTimestampAhead(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	for text, want := range map[string]bool{"1700007201": true, "999999999999": true, "now": false, "1700007200": false} {
		if err := checkTimestamp(text, now); errors.Is(err, network.ErrNotYet) != want {
			t.Errorf("%s: %v, not yet should be %t", text, err, want)
		}
	}
}
