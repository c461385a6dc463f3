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
