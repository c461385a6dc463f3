// dir: .

package main

// PoolIDs returns the txids of the pool, in the order in which they wait.
func (p *TxPool) PoolIDs() (txids []string) {
	for _, tx := range p.Transactions() {
		txids = append(txids, tx.TxID)
	}
	return txids
}
