package main

// Wrong: what a block made and spent itself comes back, too.
func (s CoinSet) undoBlock(b *Block, taken [][]Coin) error {
	for _, tx := range b.Transactions {
		for i := range tx.Vouts {
			if err := s.remove(OutPoint{tx.TxID, i}); err != nil {
				return err
			}
		}
	}
	for _, coins := range taken {
		for _, c := range coins {
			if err := s.put(c); err != nil {
				return err
			}
		}
	}
	return nil
}
