package main

// Wrong: the first transaction is undone first.
func (s CoinSet) undoBlock(b *Block, taken [][]Coin) error {
	for i, tx := range b.Transactions {
		if err := s.undo(tx, taken[i]); err != nil {
			return err
		}
	}
	return nil
}
