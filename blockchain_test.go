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

	"github.com/boltdb/bolt"
)

// A chain that is closed and opened again is the same; meanwhile nobody else
// opens its file.
func TestReopen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "chain.db")
	bc := openChain(t, path)
	blocks := vectorBlocks(t)
	add(t, bc, blocks...)
	set := coins(t, bc)
	if _, err := OpenBlockchain(t.Context(), path, bc.log); !errors.Is(err, ErrInUse) {
		t.Errorf("opened twice: %v, want ErrInUse", err)
	}

	if err := bc.Close(); err != nil {
		t.Fatal(err)
	}
	bc = openChain(t, path)
	if got, want := tipOf(t, bc), blocks[len(blocks)-1]; got.Header != want.Header {
		t.Errorf("tip is %+v, want %+v", got.Header, want.Header)
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
	err := bc.AddBlocks(context.Background(), []json.RawMessage{[]byte("{}")})
	if !errors.Is(err, ErrMalformed) || isClosed(changed) {
		t.Errorf("error is %v, want ErrMalformed and no move", err)
	}
	if raw, err := bc.Block(2); err != nil || !bytes.Contains(raw, []byte(`"height": 2`)) {
		t.Errorf("block 2 is %s, error %v", raw, err)
	}

	next := f.grow(a)
	refuse(t, bc, ErrParent, next.Block, a.Block) // in the wrong order

	// A clock that lags refuses honest blocks, and keeps its chain.
	bc.now = func() time.Time { return time.Unix(1_600_000_000, 0) }
	refuse(t, bc, ErrTimestamp, f.grow(next).Block)
}

// What a reader sees is one state: while branches are switched back and forth,
// the balances of a moment add up to what the height of the same moment allows.
// The Python program writes block, tip and coins one after the other, without a
// lock: threads that died in between left three rewards on a chain of two blocks.
func TestReadersSeeOneState(t *testing.T) {
	skipSlow(t)
	t.Parallel()
	f := newForest(t, 9)
	root := f.grow(nil)
	bc := newChain(t)
	add(t, bc, root.Block)

	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for ctx.Err() == nil {
				if _, err := checkSupply(bc, f.wallets); err != nil {
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

// What the UTXO set notes of an output does not get onto the wire, nor into the
// block that a caller holds, as it does in the Python program.
func TestBlocksAreNotChanged(t *testing.T) {
	v := newVictim(t)
	b := v.block(t, v.tip)
	want := string(b.AppendJSON(nil))
	if err := connect(t, v.bc, b); err != nil {
		t.Fatal(err)
	}
	got, err := v.bc.Block(b.Header.Height)
	if err != nil || string(got) != want || string(b.AppendJSON(nil)) != want {
		t.Errorf("block is %s, want %s; error %v", got, want, err)
	}
}

// A node that is told to stop does not first verify what a peer has sent: one
// transaction with many inputs takes long, for each of them signs all others.
func TestVerifyingStops(t *testing.T) {
	t.Parallel()
	w := testWallet(t, 0)
	p, genesis := runPool(t, w)
	tx := &Transaction{Vouts: []TXOutput{{1, w.Address()}}}
	for i := range 250 {
		tx.Vins = append(tx.Vins, TXInput{TxID: sha256Hex(fmt.Append(nil, i))})
	}
	tx.Sign(w)
	err := p.bc.AddBlocks(endAfter(t, 100), raws(mine(t, genesis, w, 0, tx)))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("block: %v, want context.Canceled", err)
	}

	// The pool looks for the coins first, so there must be some.
	tip := genesis
	for i := range tx.Vins {
		tx.Vins[i].TxID = tip.Transactions[0].TxID
		tip = mine(t, tip, w, 0)
		add(t, p.bc, tip)
	}
	tx.Sign(w)
	if _, err := p.AddTransactions(endAfter(t, 100), rawTxs(tx)); !errors.Is(err, context.Canceled) {
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
	for asked := int64(0); tipOf(t, bc).ref() != tip.ref(); asked++ {
		err := bc.AddBlocks(endAfter(t, asked), raws(tip))
		if added := tipOf(t, bc).ref() == tip.ref(); (err == nil) != added || asked > 100 {
			t.Fatalf("ended when asked %d times: error %v, added %t", asked, err, added)
		}
	}
}

// connect connects blocks as AddBlocks does once it has checked them.
func connect(t *testing.T, bc *Blockchain, blocks ...*Block) error {
	t.Helper()
	return bc.connect(t.Context(), candidates(t, bc, blocks...))
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

	if err := connect(t, bc, second, mine(t, second, w, 1)); !errors.Is(err, ErrChainExists) {
		t.Errorf("a second genesis block: %v, want ErrChainExists", err)
	}
	if err := connect(t, bc, first, a); err != nil {
		t.Errorf("blocks of the chain: %v", err)
	}
	if bucketDump(t, bc) != before {
		t.Error("they left a trace")
	}
}

// A handshake comes every few seconds from every peer. It tells the height, the
// genesis block and its hash without reading a block from disk.
func TestStatusReadsNoBlock(t *testing.T) {
	w := testWallet(t, 0)
	bc := newChain(t)
	genesis := mine(t, nil, w, 0)
	add(t, bc, genesis)
	want, err := bc.Status()
	if err != nil || string(want.Genesis) != string(genesis.AppendJSON(nil)) {
		t.Fatalf("genesis block is %s, %v", want.Genesis, err)
	}

	add(t, bc, mine(t, genesis, w, 0))
	err = bc.db.Update(func(tx *bolt.Tx) error { return tx.DeleteBucket(bucketBlocks) })
	if err != nil {
		t.Fatal(err)
	}
	got, err := bc.Status()
	if err != nil || got.Height != 1 || got.GenesisHash != genesis.Header.Hash || string(got.Genesis) != string(want.Genesis) {
		t.Errorf("without the blocks: %+v, %v", got, err)
	}
}

// Wherever in a batch a block is bad, and however, the blocks before it count,
// and none after it.
func TestBlocksBeforeABadOne(t *testing.T) {
	w := testWallet(t, 0)
	const length = 6
	chain := mineChain(t, nil, w, 0, length+1)
	theft := pay(t, testWallet(t, 1), w.Address(), 1, reward(t, chain[0]))
	for _, test := range []struct {
		name string
		want error
		bad  func(honest *Block) json.RawMessage
	}{
		{"not JSON", ErrMalformed, func(*Block) json.RawMessage { return json.RawMessage(`{"magic_no"`) }},
		{"no block", ErrMalformed, func(*Block) json.RawMessage { return json.RawMessage(`[]`) }},
		{"malformed transaction", ErrMalformed, func(b *Block) json.RawMessage {
			return bytes.Replace(b.AppendJSON(nil), []byte(`"vout": -1`), []byte(`"vout": null`), 1)
		}},
		{"without work", ErrHash, func(b *Block) json.RawMessage {
			forged := *b
			forged.Header.Nonce++
			return forged.AppendJSON(nil)
		}},
		{"theft", ErrNotOwner, func(b *Block) json.RawMessage {
			parent := &Block{Header: b.Header}
			parent.Header.Height, parent.Header.Hash = b.Header.Height-1, b.Header.PrevBlockHash
			return mine(t, parent, w, 1, theft).AppendJSON(nil)
		}},
	} {
		for at := 1; at <= length; at++ {
			batch := raws(chain...)
			batch[at] = test.bad(chain[at])
			bc := newChain(t)
			if err := bc.AddBlocks(t.Context(), batch); !errors.Is(err, test.want) {
				t.Errorf("%s, block %d: error is %v, want %v", test.name, at, err, test.want)
			}
			wantTip(t, bc, chain[at-1])
		}
	}
}
