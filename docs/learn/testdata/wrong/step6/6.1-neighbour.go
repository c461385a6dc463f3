package main

import "fmt"

// Wrong: only two inputs in a row are compared.
func (s CoinSet) find(tx *Transaction) (coins []Coin, err error) {
	if tx.isCoinbase() {
		return nil, nil
	}

	for _, in := range tx.Vins {
		c, err := s.get(OutPoint{in.TxID, in.Vout})
		if err != nil {
			return nil, err
		}
		if len(coins) > 0 && coins[len(coins)-1] == c {
			return nil, fmt.Errorf("%w: %.8s:%d", errNoCoin, c.TxID, c.Vout)
		}
		coins = append(coins, c)
	}
	return coins, nil
}
