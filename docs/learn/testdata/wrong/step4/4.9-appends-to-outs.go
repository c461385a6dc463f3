package main

import "fmt"

// The change is written behind the caller's outs.
func payMany(from string, outs []TXOutput, coins []Coin) (*Transaction, error) {
	if len(outs) == 0 {
		return nil, fmt.Errorf("pay nobody")
	}
	amount := 0
	for _, out := range outs {
		if out.Value < 1 {
			return nil, fmt.Errorf("pay %d: it must be 1 or more", out.Value)
		}
		if out.Value > sumOf(coins)-amount {
			return nil, fmt.Errorf("pay %d: %w", out.Value, errNotEnough)
		}
		amount += out.Value
	}

	tx := &Transaction{Vouts: outs}
	sum := 0
	for _, c := range coins {
		if sum >= amount {
			break
		}
		tx.Vins = append(tx.Vins, TXInput{TxID: c.TxID, Vout: c.Vout})
		sum += c.Value
	}
	if sum > amount {
		tx.Vouts = append(tx.Vouts, TXOutput{Value: sum - amount, PubKeyHash: from})
	}
	tx.TxID = tx.id()
	return tx, nil
}
