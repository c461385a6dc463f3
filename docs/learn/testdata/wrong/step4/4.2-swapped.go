package main

// The time is in the signature, where the name does not cover it.
func newCoinbase(address string, height int) *Transaction {
	tx := &Transaction{
		Vins:  []TXInput{{Vout: -1, Signature: timeOf(height)}},
		Vouts: []TXOutput{{Value: subsidy, PubKeyHash: address}},
	}
	tx.TxID = tx.id()
	return tx
}
