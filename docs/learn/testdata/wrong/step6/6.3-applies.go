package main

// Wrong: it applies the block once more.
func (s CoinSet) undoBlock(b *Block, taken [][]Coin) error {
	_, err := s.applyBlock(b)
	return err
}
