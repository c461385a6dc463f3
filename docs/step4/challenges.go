//go:build challenge

package main

import (
	"errors"
	"fmt"
	"slices"
)

// largestFirst returns the coins in an order in which newTransaction needs as few
// of them as possible: by value, the largest first, and of two with the same value
// the one that stood before the other. The caller's slice stays as it is.
func largestFirst(coins []Coin) []Coin {
	sorted := slices.Clone(coins)
	slices.SortStableFunc(sorted, func(a, b Coin) int { return b.Value - a.Value })
	return sorted
}

// blockFees returns what all payments of a block together take, but don't pay out,
// if the coins before the block are these. The coinbase is no payment. What
// applyBlock finds wrong with the block is an error.
func blockFees(coins []Coin, b *Block) (fees int, err error) {
	if _, err := applyBlock(coins, b); err != nil {
		return 0, err
	}

	for _, tx := range b.Transactions {
		_, taken, err := spend(coins, tx)
		if err != nil {
			return 0, err
		}
		if !tx.isCoinbase() {
			fees += sumOf(taken)
			for _, out := range tx.Vouts {
				fees -= out.Value
			}
		}

		if coins, err = apply(coins, tx); err != nil {
			return 0, err
		}
	}
	return fees, nil
}

// payMany makes all of outs in one transaction, in their order, and then gives what
// is left over back to from, if anything is. It spends the first of coins, as many
// as it takes, all of which belong to from. To pay nobody, or anybody less than 1,
// is an error, and so is a sum that the coins don't suffice for (errNotEnough). The
// caller's slices stay as they are.
func payMany(from string, outs []TXOutput, coins []Coin) (*Transaction, error) {
	if len(outs) == 0 {
		return nil, errors.New("pay nobody")
	}

	unpaid := 0
	all := sumOf(coins)
	for _, out := range outs {
		if out.Value < 1 {
			return nil, fmt.Errorf("pay %d: it must be 1 or more", out.Value)
		}
		if out.Value > all-unpaid {
			return nil, fmt.Errorf("pay %d after %d: %w: there are %d", out.Value, unpaid, errNotEnough, all)
		}
		unpaid += out.Value
	}

	tx := &Transaction{Vouts: slices.Clone(outs)}
	for _, c := range coins {
		if unpaid <= 0 {
			break
		}
		tx.Vins = append(tx.Vins, TXInput{TxID: c.TxID, Vout: c.Vout})
		unpaid -= c.Value
	}
	if unpaid < 0 {
		tx.Vouts = append(tx.Vouts, TXOutput{Value: -unpaid, PubKeyHash: from})
	}
	tx.TxID = tx.id()
	return tx, nil
}
