// dir: .

// It lists our own transactions, and none that came from others.
package main

// PoolIDs returns the txids of the pool, in the order in which they wait.
func (p *TxPool) PoolIDs() (txids []string) {
	for _, tx := range p.Transactions() {
		if !p.own[tx.TxID] {
			continue
		}
		txids = append(txids, tx.TxID)
	}
	return txids
}
