package main

// Wrong: it only looks whether two spend the same coin.
func (c *Chain) choose(txs []*Transaction) (fit []*Transaction, drops []Drop, err error) {
	spent := make(map[OutPoint]bool)
	for _, tx := range txs {
		twice := false
		for _, in := range tx.Vins {
			twice = twice || spent[OutPoint{in.TxID, in.Vout}]
			spent[OutPoint{in.TxID, in.Vout}] = true
		}
		if twice {
			drops = append(drops, Drop{tx, errNoCoin})
		} else {
			fit = append(fit, tx)
		}
	}
	return fit, drops, nil
}
