package main

import "testing"

// CouchDB gives 25 rows unless it is asked for more, and the Python program
// does not ask: 30 coins of 1000 are a balance of 25000 there. All coins of an
// address count, however many they are.
func TestManyCoins(t *testing.T) {
	bc, w := newChain(t), testWallet(t, 0)
	add(t, bc, mineChain(t, nil, w, 0, 30)...)
	if got, want := balanceOf(t, bc, w.Address()), int64(30*Subsidy); got != want {
		t.Errorf("balance %d, want %d", got, want)
	}
}

// The Python program looks at a block's inputs before its outputs, so a coin
// that is made and spent inside one block counts as unspent there. It is not in
// the UTXO set, nor does it come back when the block is rolled back.
func TestCoinOfOneBlock(t *testing.T) {
	v := newVictim(t)
	want := coins(t, v.bc)
	tx := v.payment(t)
	next := pay(t, v.bob, v.mallory.Address(), 1500, coin(t, tx, 0))
	add(t, v.bc, mine(t, v.tip, v.alice, 3, tx, next))
	if set := coins(t, v.bc); set[coin(t, tx, 0)] || !set[coin(t, tx, 1)] || !set[coin(t, next, 0)] {
		t.Errorf("UTXO set is %v", set)
	}
	checkWhole(t, v.bc)

	branch := mineChain(t, v.tip, v.alice, 4, 2)
	add(t, v.bc, branch...)
	for _, b := range branch {
		want[reward(t, b)] = true
	}
	if got := coins(t, v.bc); len(got) != len(want) {
		t.Errorf("UTXO set has %d coins, want %d", len(got), len(want))
	}
	checkWhole(t, v.bc)
}

// A txid may come again once its outputs are spent, even inside the block that
// spends the last of them; whatever is rolled back, each coin is that of its
// own time.
func TestRepeatedTransactions(t *testing.T) {
	v := newVictim(t)
	w, to := v.alice, v.bob
	first := pay(t, w, w.Address(), 1000, reward(t, v.tip))
	spend := pay(t, w, to.Address(), 1000, coin(t, first, 0))
	again := pay(t, w, to.Address(), 400, coin(t, first, 0))
	with := func(parent *Block, txs ...*Transaction) *Block { // pays the tip's reward once more
		b := mine(t, parent, w, 3, txs...)
		b.Transactions[0] = v.tip.Transactions[0]
		return seal(t, b)
	}

	b1 := mine(t, v.tip, w, 3, first)
	early := with(b1, first)            // while its coin is unspent
	b2 := with(b1, spend, first, again) // the coin of first is spent, made, and spent
	b3 := with(b2, first)               // and made once more
	b4 := mine(t, b3, w, 3)             // the reward's coin is spent, by first
	late := with(b4)

	add(t, v.bc, b1)
	before := bucketDump(t, v.bc)
	refuse(t, v.bc, ErrTxIDInUse, early)
	if bucketDump(t, v.bc) != before {
		t.Error("a txid with an unspent coin left a trace")
	}
	add(t, v.bc, b2, b3, b4, late)
	checkWhole(t, v.bc)

	// A branch that starts at b1 takes all of that back.
	fork := mineChain(t, b1, w, 4, 5)
	add(t, v.bc, fork...)
	wantTip(t, v.bc, fork[4])
	checkWhole(t, v.bc)
	if !coins(t, v.bc)[coin(t, first, 0)] {
		t.Error("the coin that stood at the fork is lost")
	}

	add(t, v.bc, mineChain(t, late, w, 3, 2)...) // and back
	checkWhole(t, v.bc)
}

// What a block costs a thousand times over has a budget.
func TestChainAllocations(t *testing.T) {
	w := testWallet(t, 0)
	genesis := mine(t, nil, w, 0)
	bc := newChain(t)
	add(t, bc, genesis)
	tx := pay(t, w, w.Address(), 1, reward(t, genesis))
	buf := tx.AppendJSON(nil)

	err := bc.UTXO(func(s UTXOSet) error {
		view := s.with(nil)
		for _, tt := range []struct {
			name string
			want float64
			do   func()
		}{
			{"JSON of a transaction", 0, func() { tx.AppendJSON(buf[:0]) }},
			{"txid", 3, func() { tx.ID() }},
			{"a coin that there is", 5, func() { view.unspent(tx.Vins[0].OutPoint()) }},
			{"a coin that there is not", 3, func() { view.unspent(OutPoint{tx.TxID, 0}) }},
			{"balance, one coin", 5, func() { s.Balance(hash160(w.pubKey)) }},
		} {
			if got := testing.AllocsPerRun(100, tt.do); got > tt.want {
				t.Errorf("%s: %v allocations, want %v at most", tt.name, got, tt.want)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
