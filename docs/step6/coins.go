package main

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/boltdb/bolt"
)

// A CoinSet is the bucket of all coins that nobody has spent, the UTXO set: the
// coin's name → the coin as JSON. It stands at the chain's tip.
type CoinSet struct{ bucket *bolt.Bucket }

// key is the coin's name as a key of the set: its txid, a colon and its vout.
func (o OutPoint) key() []byte {
	return fmt.Appendf(nil, "%s:%d", o.TxID, o.Vout)
}

// get returns the coin with a name, or errNoCoin.
func (s CoinSet) get(o OutPoint) (Coin, error) {
	text := s.bucket.Get(o.key())
	if text == nil {
		return Coin{}, fmt.Errorf("%w: %.8s:%d", errNoCoin, o.TxID, o.Vout)
	}

	var c Coin
	err := json.Unmarshal(text, &c)
	return c, err
}

// put puts a coin into the set.
func (s CoinSet) put(c Coin) error {
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return s.bucket.Put(c.key(), text)
}

// remove takes a coin out of the set.
func (s CoinSet) remove(o OutPoint) error { return s.bucket.Delete(o.key()) }

// all returns all coins of the set, in the order of their names.
func (s CoinSet) all() (coins []Coin, err error) {
	err = s.bucket.ForEach(func(_, text []byte) error {
		var c Coin
		err := json.Unmarshal(text, &c)
		coins = append(coins, c)
		return err
	})
	return coins, err
}

// find returns the coins that a transaction spends, in the order of its inputs. If
// one isn't there, or is spent twice, the error is errNoCoin. A coinbase spends none.
func (s CoinSet) find(tx *Transaction) (coins []Coin, err error) {
	if tx.isCoinbase() {
		return nil, nil
	}

	for _, in := range tx.Vins {
		c, err := s.get(OutPoint{in.TxID, in.Vout})
		if err != nil {
			return nil, err
		}
		if slices.Contains(coins, c) {
			return nil, fmt.Errorf("%w: %.8s:%d", errNoCoin, c.TxID, c.Vout)
		}
		coins = append(coins, c)
	}
	return coins, nil
}

// apply moves the set over a transaction: the coins that it spends go, those that
// it makes come. It returns those that went. If the transaction may not do so, that
// is an error, and nothing changes.
func (s CoinSet) apply(tx *Transaction) (taken []Coin, err error) {
	if taken, err = s.find(tx); err != nil {
		return nil, err
	}
	if err := tx.check(taken); err != nil {
		return nil, err
	}

	for _, c := range taken {
		if err := s.remove(c.OutPoint); err != nil {
			return nil, err
		}
	}
	for i, out := range tx.Vouts {
		if err := s.put(Coin{OutPoint{tx.TxID, i}, out}); err != nil {
			return nil, err
		}
	}
	return taken, nil
}

// undo moves the set back over a transaction: the coins that it made go, and those
// that it took, which apply has returned, come back.
func (s CoinSet) undo(tx *Transaction, taken []Coin) error {
	for i := range tx.Vouts {
		if err := s.remove(OutPoint{tx.TxID, i}); err != nil {
			return err
		}
	}
	for _, c := range taken {
		if err := s.put(c); err != nil {
			return err
		}
	}
	return nil
}

// applyBlock moves the set over all transactions of a block, one after another. It
// returns what each has taken. It returns an error if one of them is called by a
// wrong name (see id) or doesn't apply, or if any but the first is a coinbase, or
// the first is not.
func (s CoinSet) applyBlock(b *Block) (taken [][]Coin, err error) {
	if len(b.Transactions) == 0 {
		return nil, fmt.Errorf("block %d: it has no transactions", b.Header.Height)
	}

	for i, tx := range b.Transactions {
		if tx.isCoinbase() != (i == 0) {
			return nil, fmt.Errorf("block %d: the first transaction must be a coinbase, and no other", b.Header.Height)
		}
		if id := tx.id(); tx.TxID != id {
			return nil, fmt.Errorf("block %d: transaction %d is called %.8s, but is %.8s", b.Header.Height, i, tx.TxID, id)
		}

		coins, err := s.apply(tx)
		if err != nil {
			return nil, fmt.Errorf("block %d: transaction %d: %w", b.Header.Height, i, err)
		}
		taken = append(taken, coins)
	}
	return taken, nil
}

// undoBlock moves the set back over a block. taken is what applyBlock has returned.
// What was done last is undone first.
func (s CoinSet) undoBlock(b *Block, taken [][]Coin) error {
	for i := len(b.Transactions) - 1; i >= 0; i-- {
		if err := s.undo(b.Transactions[i], taken[i]); err != nil {
			return err
		}
	}
	return nil
}
