package main

// Wrong: only the last transaction is undone.
func (s CoinSet) undoBlock(b *Block, taken [][]Coin) error {
	for i := len(b.Transactions) - 1; i >= len(b.Transactions)-1; i-- {
		if err := s.undo(b.Transactions[i], taken[i]); err != nil {
			return err
		}
	}
	return nil
}
