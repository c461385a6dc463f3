package main

// It has no name.
func newCoinbase(address string, height int) *Transaction {
	tx := &Transaction{
		Vins:  []TXInput{{Vout: -1, PubKey: timeOf(height)}},
		Vouts: []TXOutput{{Value: subsidy, PubKeyHash: address}},
	}
	return tx
}
