package main

// Its text is always the time of block 0.
func newCoinbase(address string, height int) *Transaction {
	tx := &Transaction{
		Vins:  []TXInput{{Vout: -1, PubKey: timeOf(0)}},
		Vouts: []TXOutput{{Value: subsidy, PubKeyHash: address}},
	}
	tx.TxID = tx.id()
	return tx
}
