package main

// Two coinbases to one address have the same text, and so the same name.
func newCoinbase(address string, height int) *Transaction {
	tx := &Transaction{
		Vins:  []TXInput{{Vout: -1}},
		Vouts: []TXOutput{{Value: subsidy, PubKeyHash: address}},
	}
	tx.TxID = tx.id()
	return tx
}
