package main

// Wrong: only the first coin goes.
func (s CoinSet) apply(tx *Transaction) (taken []Coin, err error) {
	if taken, err = s.find(tx); err != nil {
		return nil, err
	}
	if err := tx.check(taken); err != nil {
		return nil, err
	}

	for _, c := range taken[:min(1, len(taken))] {
		if err := s.remove(c.OutPoint); err != nil {
			return nil, err
		}
	}
	for i, out := range tx.Vouts {
		if err := s.put(Coin{OutPoint{tx.TxID, i}, out}); err != nil {
			return nil, err
		}
	}
	return taken, nil
}
