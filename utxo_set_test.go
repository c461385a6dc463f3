package main

import "testing"

// B26: all coins of an address count, however many they are.
func TestManyCoins(t *testing.T) {
	bc, w := newChain(t), testWallet(t, 0)
	var parent *Block
	for range 30 {
		parent = mine(t, parent, w, 0)
		add(t, bc, parent)
	}
	if got, want := balanceOf(t, bc, w.Address()), int64(30*Subsidy); got != want {
		t.Errorf("balance %d, want %d", got, want)
	}
}

// What a block costs a thousand times over has a budget.
func TestChainAllocations(t *testing.T) {
	w := testWallet(t, 0)
	genesis := mine(t, nil, w, 0)
	bc := newChain(t)
	add(t, bc, genesis)
	tx := pay(t, w, w.Address(), 1, coin(t, genesis.Transactions[0], 0))
	buf := tx.AppendJSON(nil)
	must(0, bc.UTXO(func(s UTXOSet) error {
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
	}))(t)
}
