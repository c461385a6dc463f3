// dir: .

// The txids are sorted, and not in the order in which they wait.
package main

import "slices"

// PoolIDs returns the txids of the pool, in the order in which they wait.
func (p *TxPool) PoolIDs() (txids []string) {
	for _, tx := range p.Transactions() {
		txids = append(txids, tx.TxID)
	}
	slices.Sort(txids)
	return txids
}
