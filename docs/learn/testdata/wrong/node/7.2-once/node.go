// dir: .

// It keeps the answer of the first time.
package main

var poolIDs []string

// PoolIDs returns the txids of the pool, in the order in which they wait.
func (p *TxPool) PoolIDs() (txids []string) {
	if poolIDs != nil {
		return poolIDs
	}
	defer func() { poolIDs = txids }()
	for _, tx := range p.Transactions() {
		txids = append(txids, tx.TxID)
	}
	return txids
}
