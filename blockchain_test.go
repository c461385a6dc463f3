package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

func TestReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chain.db")
	bc := openChain(t, path)
	add(t, bc, vectorBlocks(t)...)
	tip, set := tipOf(t, bc), coins(t, bc)
	if _, err := OpenBlockchain(path, bc.log); !errors.Is(err, ErrInUse) {
		t.Errorf("opened twice: %v, want ErrInUse", err)
	}
	if err := bc.Close(); err != nil {
		t.Fatal(err)
	}
	bc = openChain(t, path)
	if got := tipOf(t, bc); got.Header != tip.Header {
		t.Errorf("tip is %+v, want %+v", got.Header, tip.Header)
	}
	if got := coins(t, bc); !maps.Equal(got, set) {
		t.Errorf("UTXO set is %v, want %v", got, set)
	}
}

// Changed tells of each move of the tip, and of nothing else.
func TestChanged(t *testing.T) {
	f := newForest(t, 11)
	root := f.grow(nil)
	a, b := f.grow(root), f.grow(root)
	bc := newChain(t)
	for _, step := range []struct {
		name  string
		block *treeBlock
		moves bool
	}{{"genesis", root, true}, {"first", a, true}, {"again", a, false}, {"rival", b, false}, {"longer", f.grow(b), true}} {
		changed := bc.Changed()
		add(t, bc, step.block.Block)
		if isClosed(changed) != step.moves {
			t.Errorf("%s: told %t, want %t", step.name, !step.moves, step.moves)
		}
	}
	changed := bc.Changed()
	if err := bc.AddBlocks(context.Background(), []json.RawMessage{[]byte("{}")}); !errors.Is(err, ErrMalformed) || isClosed(changed) {
		t.Errorf("error is %v, want ErrMalformed and no move", err)
	}
	if raw, err := bc.Block(2); err != nil || !bytes.Contains(raw, []byte(`"height": 2`)) {
		t.Errorf("block 2 is %s, error %v", raw, err)
	}
	bc.now = func() time.Time { return time.Unix(1_600_000_000, 0) } // a clock that lags refuses honest blocks, and keeps its chain
	if err := bc.AddBlocks(context.Background(), raws(f.grow(a).Block, a.Block)); !errors.Is(err, ErrParent) {
		t.Errorf("blocks in the wrong order: %v, want ErrParent", err)
	}
}

// B25, B38: what a reader sees is one state: while branches are switched back
// and forth, the balances of a moment add up to what the height of the same
// moment allows.
func TestReadersSeeOneState(t *testing.T) {
	f := newForest(t, 9)
	root := f.grow(nil)
	bc := newChain(t)
	add(t, bc, root.Block)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for ctx.Err() == nil {
				err := bc.UTXO(func(s UTXOSet) error {
					var sum int64
					for _, w := range f.wallets {
						owner, _ := ParseAddress(w.Address())
						sum += s.Balance(owner)
					}
					if height := (chain(s)).tip().height; sum != int64(Subsidy)*int64(height+1) {
						return fmt.Errorf("%d coins at height %d", sum, height)
					}
					return nil
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	a, b := root, root
	for range 15 { // each overtakes the other
		a = f.grow(f.grow(a))
		add(t, bc, a.path()...)
		a, b = b, a
	}
	cancel()
	wg.Wait()
	checkWhole(t, bc)
}

// B40: what the UTXO set notes of an output does not get onto the wire, nor
// into the block that a caller holds.
func TestBlocksAreNotChanged(t *testing.T) {
	v := newVictim(t)
	b := mine(t, v.tip, v.alice, 3, v.payment(t))
	want := string(b.AppendJSON(nil))
	if err := v.bc.connect(context.Background(), candidates(t, v.bc, b)); err != nil {
		t.Fatal(err)
	}
	got, err := v.bc.Block(b.Header.Height)
	if err != nil || string(got) != want || string(b.AppendJSON(nil)) != want {
		t.Errorf("block is %s, want %s; error %v", got, want, err)
	}
}

// A node that is told to stop does not first verify what a peer has sent: one
// transaction of a MiB takes seconds, for each of its inputs signs all others.
func TestVerifyingStops(t *testing.T) {
	w := testWallet(t, 0)
	p, genesis := runPool(t, w)
	tx := &Transaction{Vouts: []TXOutput{{1, w.Address()}}}
	for i := range 300 {
		tx.Vins = append(tx.Vins, TXInput{TxID: sha256Hex(fmt.Append(nil, i))})
	}
	tx.Sign(w)
	ctx := &endingContext{Context: t.Context()}
	ctx.left.Store(100)
	if err := p.bc.AddBlocks(ctx, raws(mine(t, genesis, w, 0, tx))); !errors.Is(err, context.Canceled) {
		t.Errorf("block: %v, want context.Canceled", err)
	}
	tip := genesis
	for i := range tx.Vins {
		tx.Vins[i].TxID = tip.Transactions[0].TxID
		tip = mine(t, tip, w, 0)
		add(t, p.bc, tip)
	}
	tx.Sign(w)
	ctx.left.Store(100)
	if _, err := p.AddTransactions(ctx, []json.RawMessage{tx.AppendJSON(nil)}); !errors.Is(err, context.Canceled) {
		t.Errorf("transaction: %v, want context.Canceled", err)
	}
}

// Whenever its context ends, AddBlocks either adds a block or says that it did not.
func TestAddBlocksIsCalledOff(t *testing.T) {
	w := testWallet(t, 0)
	bc := newChain(t)
	genesis := mine(t, nil, w, 0)
	tip := mine(t, genesis, w, 0)
	add(t, bc, genesis)
	for left := int64(0); tipOf(t, bc).ref() != tip.ref(); left++ {
		ctx := &endingContext{Context: t.Context()}
		ctx.left.Store(left)
		if err := bc.AddBlocks(ctx, raws(tip)); (err == nil) != (tipOf(t, bc).ref() == tip.ref()) || left > 100 {
			t.Fatalf("ended when asked %d times: error %v, tip %v", left, err, tipOf(t, bc).ref())
		}
	}
}

// The chain may move after blocks are checked and before they are connected:
// of two genesis blocks that arrive at once, the second is refused then.
func TestChainMovesBeforeConnect(t *testing.T) {
	w := testWallet(t, 0)
	bc := newChain(t)
	first, second := mine(t, nil, w, 0), mine(t, nil, w, 1)
	a := mine(t, first, w, 0)
	add(t, bc, first, a)
	before := bucketDump(t, bc)
	bc.mu.Lock()
	defer bc.mu.Unlock()
	if err := bc.connect(t.Context(), candidates(t, bc, second, mine(t, second, w, 1))); !errors.Is(err, ErrChainExists) {
		t.Errorf("a second genesis block: %v, want ErrChainExists", err)
	}
	if err := bc.connect(t.Context(), candidates(t, bc, first, a)); err != nil {
		t.Errorf("blocks of the chain: %v", err)
	}
	if bucketDump(t, bc) != before {
		t.Error("they left a trace")
	}
}
