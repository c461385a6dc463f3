package main

// Wrong: what was made goes, what was taken does not come back.
func (s CoinSet) undoBlock(b *Block, taken [][]Coin) error {
	for i := len(b.Transactions) - 1; i >= 0; i-- {
		if err := s.undo(b.Transactions[i], nil); err != nil {
			return err
		}
	}
	return nil
}
