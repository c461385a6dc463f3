package main

// Wrong: each gets the coins of its neighbour.
func (s CoinSet) undoBlock(b *Block, taken [][]Coin) error {
	for i := len(b.Transactions) - 1; i >= 0; i-- {
		if err := s.undo(b.Transactions[i], taken[len(taken)-1-i]); err != nil {
			return err
		}
	}
	return nil
}
