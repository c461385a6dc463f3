package main

// It gets its name before it has its output.
func newCoinbase(address string, height int) *Transaction {
	tx := &Transaction{Vins: []TXInput{{Vout: -1, PubKey: timeOf(height)}}}
	tx.TxID = tx.id()
	tx.Vouts = []TXOutput{{Value: subsidy, PubKeyHash: address}}
	return tx
}
