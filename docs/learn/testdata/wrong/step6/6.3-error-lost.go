package main

// Wrong: errors are lost.
func (s CoinSet) undoBlock(b *Block, taken [][]Coin) error {
	for i := len(b.Transactions) - 1; i >= 0; i-- {
		_ = s.undo(b.Transactions[i], taken[i])
	}
	return nil
}
