// dir: .

// Only the first output of a payment is taken off.
package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// A CoinView is a set of coins with transactions applied on top, in memory.
// Blocks are checked in one, and so is what the miner puts into a block.
type CoinView struct {
	base    func(OutPoint) (Coin, bool)
	added   map[OutPoint]Coin   // made on top and unspent
	spent   []Coin              // taken from the base
	spentBy map[OutPoint]string // spent on top: txid of the spender
	fees    int64               // what inputs hold beyond outputs, of all that was applied
}

// Apply spends tx's inputs and adds its outputs, or changes nothing and says
// which rule tx breaks here. What [Transaction.Check] checks is taken as true.
func (v *CoinView) Apply(tx *Transaction) error {
	inputs, err := v.check(tx)
	if err != nil {
		return fmt.Errorf("%s: %w", tx.TxID, err)
	}

	for _, c := range inputs {
		if _, made := v.added[c.OutPoint]; made {
			delete(v.added, c.OutPoint)
		} else {
			v.spent = append(v.spent, c)
		}
		v.spentBy[c.OutPoint] = tx.TxID
		v.fees += c.Value
	}

	for i, out := range tx.Vouts {
		owner, err := ParseAddress(out.PubKeyHash)
		if err != nil {
			return err // not after Check
		}
		o := OutPoint{tx.TxID, i}
		v.added[o] = Coin{OutPoint: o, Owner: owner, Value: out.Value}
		if !tx.IsCoinbase() && i == 0 {
			v.fees -= out.Value
		}
	}
	return nil
}

// Update moves the set over one block: it removes what b spends, adds what b
// pays, and notes what [UTXOSet.RollBack] needs. If b breaks a rule, the error
// wraps it, and the set is unchanged.
func (s UTXOSet) Update(b *Block) error {
	view := NewCoinView(s.Coin)
	for _, tx := range b.Transactions {
		if err := view.Apply(tx); err != nil {
			return err
		}
	}

	if err := checkClaim(b, Subsidy+view.fees); err != nil {
		return err
	}

	// Coins go and come in the order of bolt's keys: neighbours share pages.
	slices.SortFunc(view.spent, compareCoins)
	undo := make([]byte, 0, len(view.spent)*coinLen)
	for _, c := range view.spent {
		if err := s.remove(c); err != nil {
			return err
		}
		undo = append(undo, encodeCoin(c)...)
	}

	for _, c := range slices.SortedFunc(maps.Values(view.added), compareCoins) {
		c.Height = b.Header.Height
		if err := s.put(c); err != nil {
			return err
		}
	}

	return s.tx.Bucket(bucketUndo).Put(heightKey(b.Header.Height), undo)
}

// checkClaim checks that b's coinbase pays no more than limit. A sum could overflow,
// so it counts down.
func checkClaim(b *Block, limit int64) error {
	unpaid := limit
	for _, out := range b.Transactions[0].Vouts {
		if out.Value > unpaid {
			return fmt.Errorf("%w: it pays more than %d", ErrCoinbase, limit)
		}
		unpaid -= max(out.Value, 0)
	}
	return nil
}

func (tx *Transaction) checkCoinbase() error {
	in := &tx.Vins[0]
	forbidden := func(r rune) bool { return r < ' ' || r > '~' || strings.ContainsRune(`'"\`, r) }

	switch {
	case in.Signature != "":
		return fmt.Errorf("%w: it has a signature", ErrCoinbase)
	case in.PubKey == "" || len(in.PubKey) > 100 || strings.ContainsFunc(in.PubKey, forbidden):
		return fmt.Errorf("%w: its text must be 1 to 100 printable characters: %.110q", ErrCoinbase, in.PubKey)
	}

	return nil
}

// template returns the next block without its work: a coinbase, then the
// pooled transactions that apply on top of each other. Those that do not are
// dropped. If none is left the block is nil, unless it may be empty.
func (p *TxPool) template(empty bool) (b *Block, dropped []Drop, err error) {
	addresses := p.wallets.Addresses()
	if len(addresses) == 0 {
		return nil, nil, ErrNoWallet
	}
	parent, err := p.bc.Tip()
	if err != nil {
		return nil, nil, err
	}

	var txs []*Transaction
	now, pooled := p.bc.now(), p.Transactions()
	err = p.bc.UTXO(func(s UTXOSet) error {
		view := NewCoinView(s.Coin)
		coinbase := NewCoinbase(addresses[0], now)
		for errors.Is(view.Apply(coinbase), ErrTxIDInUse) { // a coarse clock: the last block's time again
			now = now.Add(time.Microsecond)
			coinbase = NewCoinbase(addresses[0], now)
		}

		txs, dropped = p.choose(view, pooled)
		coinbase.Vouts[0].Value += view.fees // which makes it another transaction
		coinbase.TxID = coinbase.ID()
		txs = slices.Insert(txs, 0, coinbase)
		return nil
	})
	p.drop(dropped)
	if err != nil || len(txs) == 1 && !empty {
		return nil, dropped, err
	}
	return NewBlock(&parent.Header, txs, now), dropped, nil
}
