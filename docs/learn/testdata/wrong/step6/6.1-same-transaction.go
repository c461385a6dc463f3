package main

import "fmt"

// Wrong: two outputs of one transaction are two coins.
func (s CoinSet) find(tx *Transaction) (coins []Coin, err error) {
	if tx.isCoinbase() {
		return nil, nil
	}
	seen := map[string]bool{}
	for _, in := range tx.Vins {
		c, err := s.get(OutPoint{in.TxID, in.Vout})
		if err != nil {
			return nil, err
		}
		if seen[in.TxID] {
			return nil, fmt.Errorf("%w: twice", errNoCoin)
		}
		seen[in.TxID] = true
		coins = append(coins, c)
	}
	return coins, nil
}
