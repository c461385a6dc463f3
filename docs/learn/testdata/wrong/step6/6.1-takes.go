package main

// Wrong: it takes the coins, and should only look.
func (s CoinSet) find(tx *Transaction) (coins []Coin, err error) {
	if tx.isCoinbase() {
		return nil, nil
	}

	for _, in := range tx.Vins {
		c, err := s.get(OutPoint{in.TxID, in.Vout})
		if err != nil {
			return nil, err
		}
		if err := s.remove(c.OutPoint); err != nil {
			return nil, err
		}
		coins = append(coins, c)
	}
	return coins, nil
}
