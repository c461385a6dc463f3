package main

// Wrong: what was spent stays in the set.
func (s CoinSet) apply(tx *Transaction) (taken []Coin, err error) {
	if taken, err = s.find(tx); err != nil {
		return nil, err
	}
	if err := tx.check(taken); err != nil {
		return nil, err
	}

	for i, out := range tx.Vouts {
		if err := s.put(Coin{OutPoint{tx.TxID, i}, out}); err != nil {
			return nil, err
		}
	}
	return taken, nil
}
