package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
)

const (
	// maxInputs bounds the coins of one payment. With some 380 bytes of JSON an
	// input, it stays below 100 kB, beyond which Bitcoin's nodes relay nothing.
	maxInputs = 250

	fewInputs   = 8    // to find a payment with no more, not all coins need be read
	coinsAtOnce = 1000 // that are read in one bolt transaction: a writer may have to wait for it
	payTries    = 5    // should the chain keep taking coins that were just chosen
)

// ErrSmallCoins is a payment that would take more coins than one transaction
// may spend.
var ErrSmallCoins = errors.New("coins are too small")

// A Payment is a pooled transaction of our own.
type Payment struct {
	Tx    *Transaction
	Equal bool   // an equal payment waits already: the two are one transaction
	Rival string // txid of a waiting payment that spends a coin of Tx's; "" if none does
	Pool  int    // transactions that waited then, this one included
}

// Pay makes a payment of amount coins from w to an address, and pools it.
//
// Coins that no waiting payment spends come first. Only if they do not suffice
// does Pay spend others again: then one of the two payments cannot be made, and
// the [Payment] names its rival. (The article's test is such a case: it pays
// twice with one coin. Bitcoin's wallets refuse that.)
//
// Choosing, signing and pooling are one step: of payments at the same moment
// each takes coins of its own.
func (p *TxPool) Pay(ctx context.Context, w *Wallet, to string, amount int64) (Payment, error) {
	p.paying.Lock()
	defer p.paying.Unlock()

	for try := 1; ; try++ {
		tx, err := p.NewTransaction(w, to, amount)
		if err != nil {
			return Payment{}, err
		}

		payment := Payment{Tx: tx, Equal: p.Has(tx.TxID), Rival: p.rival(tx)}
		err = p.Add(ctx, tx, true)
		if err == nil {
			return payment, nil
		}

		// A block may have spent a coin since it was chosen, even by an equal payment.
		lostCoin := errors.Is(err, ErrNoCoin) || errors.Is(err, ErrSpent) || errors.Is(err, ErrConfirmed)
		if !lostCoin || try == payTries {
			return Payment{}, err
		}
	}
}

// ErrNotMade is a payment that has left the pool and is not in the chain.
var ErrNotMade = errors.New("not made")

// fate tells what has become of a payment, m being what mining did since it was
// pooled. The error says why it is not in the chain, though a block was tried.
func (p *TxPool) fate(payment Payment, m Mined) (string, error) {
	txid := payment.Tx.TxID
	for _, d := range m.Dropped {
		if d.Tx == payment.Tx && !payment.Equal {
			return "", fmt.Errorf("%w: %w", ErrNotMade, d.Err)
		}
	}

	height, confirmed, err := p.bc.confirmedIn(payment.Tx)
	switch {
	case err != nil:
		return "", err
	case confirmed && m.Block != nil && m.Block.Header.Height == height:
		m.Dropped = slices.DeleteFunc(m.Dropped, func(d Drop) bool { return d.Tx == payment.Tx })
		return m.String(), nil
	case confirmed:
		return fmt.Sprintf("block %d, which a peer mined, has this payment", height), nil
	case !p.Has(txid):
		return "", fmt.Errorf("%w: another block came first, and spent its coin", ErrNotMade)
	case m.Err != nil:
		return "", fmt.Errorf("the payment is saved and waits, but no block was mined: %w", m.Err)
	}
	if p.mixed() {
		return "this payment waits for a later block: with Python peers, a block has 1 or 3 payments", nil
	}
	return fmt.Sprintf("this payment waits for a later block: %d are before it", p.before(txid)), nil
}

// before returns how many transactions stand in the pool before one.
func (p *TxPool) before(txid string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.IndexFunc(p.txs, func(tx *Transaction) bool { return tx.TxID == txid })
}

// confirmedIn returns the height of the block that has a transaction, which it
// finds by the outputs that are unspent still.
func (bc *Blockchain) confirmedIn(tx *Transaction) (height int, found bool, err error) {
	err = bc.UTXO(func(s UTXOSet) error {
		for i := range tx.Vouts {
			if c, ok := s.Coin(OutPoint{tx.TxID, i}); ok {
				height, found = c.Height, true
			}
		}
		return nil
	})
	return height, found, err
}

// NewTransaction returns a signed transaction from w that is not pooled yet:
// over confirmed coins, those first that no pooled transaction spends, or, if
// the pool allows it, over these and the pool's outputs to w.
func (p *TxPool) NewTransaction(w *Wallet, to string, amount int64) (*Transaction, error) {
	owner := hash160(w.pubKey)
	spenders := p.spenders()
	unspent := func(c Coin) bool { return spenders[c.OutPoint] == "" }

	var change []Coin
	if p.pending {
		var err error
		if change, err = p.change(owner); err != nil {
			return nil, err
		}
	}

	coins, err := p.bc.chooseCoins(owner, amount, change, unspent)
	if errors.Is(err, ErrNotEnough) && !p.pending {
		coins, err = p.bc.chooseCoins(owner, amount, nil, func(Coin) bool { return true })
	}
	if err != nil {
		return nil, fmt.Errorf("pay %d to %s: %w", amount, to, err)
	}

	return NewTransaction(w, to, amount, slices.Values(coins))
}

// chooseCoins returns few coins of owner that add up to amount: the largest
// first, of equal ones the oldest. Besides the confirmed coins that usable holds
// for there may be others, which come first of equal ones.
//
// All of an owner's coins may be a million. So they are read in parts, of which
// only the largest are kept, and only until a few suffice.
func (bc *Blockchain) chooseCoins(owner PubKeyHash, amount int64, others []Coin, usable func(Coin) bool) ([]Coin, error) {
	var total int64 // of all that was read
	for _, c := range others {
		total += c.Value
	}

	largest := others
	for next := (coinCursor{owner: owner}); ; {
		part, err := bc.readCoins(&next)
		if err != nil {
			return nil, err
		}
		for _, c := range part {
			if usable(c) {
				largest = append(largest, c)
				total += c.Value
			}
		}
		slices.SortStableFunc(largest, func(a, b Coin) int { return cmp.Compare(b.Value, a.Value) })
		largest = largest[:min(len(largest), maxInputs)]

		n, sum := enough(largest, amount)
		switch {
		case sum >= amount && (n <= fewInputs || next.done):
			return largest[:n], nil
		case next.done && total >= amount:
			return nil, fmt.Errorf("%w: %d coins, the most that one payment takes, make %d: send %d or less, "+
				"or join them by payments to yourself", ErrSmallCoins, maxInputs, sum, sum)
		case next.done:
			return nil, fmt.Errorf("%w: %s has %d", ErrNotEnough, owner.Address(), total)
		}
	}
}

// enough returns how many of coins, from the first on, make amount, and their
// sum; if all do not, their number and sum.
func enough(coins []Coin, amount int64) (n int, sum int64) {
	for n < len(coins) && sum < amount {
		sum += coins[n].Value
		n++
	}
	return n, sum
}

// spenders returns, for each coin that a pooled transaction spends, the txid of
// the first that does.
func (p *TxPool) spenders() map[OutPoint]string {
	p.mu.Lock()
	defer p.mu.Unlock()

	spenders := make(map[OutPoint]string)
	for _, tx := range p.txs {
		for i := range tx.Vins {
			o := tx.Vins[i].OutPoint()
			if spenders[o] == "" {
				spenders[o] = tx.TxID
			}
		}
	}
	return spenders
}

// rival returns the first pooled transaction other than tx that spends a coin
// of tx's, or "".
func (p *TxPool) rival(tx *Transaction) string {
	spenders := p.spenders()
	for i := range tx.Vins {
		spender := spenders[tx.Vins[i].OutPoint()]
		if spender != "" && spender != tx.TxID {
			return spender
		}
	}
	return ""
}

// change returns the unspent outputs of pooled transactions to owner.
func (p *TxPool) change(owner PubKeyHash) (coins []Coin, err error) {
	pooled := p.Transactions()
	err = p.bc.UTXO(func(s UTXOSet) error {
		for _, c := range s.with(pooled).added {
			if c.Owner == owner {
				coins = append(coins, c)
			}
		}
		return nil
	})
	slices.SortFunc(coins, compareCoins) // not in the order of a map
	return coins, err
}
