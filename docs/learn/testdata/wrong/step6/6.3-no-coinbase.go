package main

// Wrong: the coinbase stays.
func (s CoinSet) undoBlock(b *Block, taken [][]Coin) error {
	for i := len(b.Transactions) - 1; i > 0; i-- {
		if err := s.undo(b.Transactions[i], taken[i]); err != nil {
			return err
		}
	}
	return nil
}
