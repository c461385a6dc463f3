package main

import "strconv"

// Its text is the height, not the time.
func newCoinbase(address string, height int) *Transaction {
	tx := &Transaction{
		Vins:  []TXInput{{Vout: -1, PubKey: strconv.Itoa(height)}},
		Vouts: []TXOutput{{Value: subsidy, PubKeyHash: address}},
	}
	tx.TxID = tx.id()
	return tx
}
