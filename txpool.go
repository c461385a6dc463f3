package main

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"
)

const (
	poolMax      = 5000     // transactions, from which on it takes own ones only
	poolMaxBytes = 16 << 20 // of JSON
	maxTx        = maxBlock - 4096
)

var (
	ErrPooled    = errors.New("transaction is in the pool already")
	ErrConfirmed = errors.New("transaction is in the chain already")
	ErrPoolFull  = errors.New("pool takes no more transactions")
	ErrTxTooBig  = errors.New("transaction too large for a block")
)

// A TxPool holds transactions until a block confirms them, and mines a block
// when it is full. Methods are safe for concurrent use.
//
// Each transaction is valid on top of the chain, yet two may spend the same
// coin: the second is dropped when the first is mined. That is the article's
// rule, without which its pool would not fill; Bitcoin refuses the second.
type TxPool struct {
	bc      *Blockchain
	wallets *Wallets
	log     *slog.Logger
	size    int           // transactions that make it full
	grace   time.Duration // how long peers may take to mine what they sent
	pending bool          // whether own transactions may spend pooled ones' outputs

	mine    chan chan<- Mined // requests to Run
	filled  chan time.Time    // tells Run that the pool is full, and since when
	stopped chan struct{}     // closed when Run returns

	// Taken before the UTXO set is read, not within: bolt's writer waits for readers.
	mu    sync.Mutex     // guards all below
	txs   []*Transaction // in order of arrival
	bytes int            // of their JSON
	since time.Time      // when the pool became full last
}

// NewTxPool returns an empty pool on top of bc that mines when it holds size
// transactions and pays the reward to the first of wallets.
func NewTxPool(bc *Blockchain, wallets *Wallets, size int, grace time.Duration, pending bool, log *slog.Logger) *TxPool {
	return &TxPool{
		bc: bc, wallets: wallets, log: log, size: size, grace: grace, pending: pending,
		mine: make(chan chan<- Mined), filled: make(chan time.Time, 1), stopped: make(chan struct{}),
	}
}

// Transactions returns the pooled transactions in order of arrival.
func (p *TxPool) Transactions() []*Transaction {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.txs)
}

// Has reports whether a transaction is pooled.
func (p *TxPool) Has(txid string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.has(txid)
}

// has reports whether a transaction is pooled. p.mu is held.
func (p *TxPool) has(txid string) bool {
	return slices.ContainsFunc(p.txs, func(tx *Transaction) bool { return tx.TxID == txid })
}

// Full reports whether there are enough transactions for a block.
func (p *TxPool) Full() bool { return len(p.Transactions()) >= p.size }

// NewTransaction returns a signed transaction from w, over its confirmed
// coins; if the pool allows it, over those that no pooled transaction spends
// and over its own pooled outputs too.
func (p *TxPool) NewTransaction(w *Wallet, to string, amount int64) (tx *Transaction, err error) {
	owner, pooled := hash160(w.pubKey), p.Transactions()
	err = p.bc.UTXO(func(s UTXOSet) error {
		coins := s.Coins(owner)
		if p.pending {
			coins = s.with(pooled).coinsOf(owner, coins)
		}
		tx, err = NewTransaction(w, to, amount, coins)
		return err
	})
	return tx, err
}

// Add checks a transaction and pools it. Every input must spend a confirmed
// coin, or (for own transactions, if the pool allows it) a pooled output. Our
// own may be there already: two equal payments in a row are one and the same
// transaction, and the article has its reader make them.
func (p *TxPool) Add(ctx context.Context, tx *Transaction, own bool) error {
	if err := tx.checkForm(); err != nil {
		return err
	}
	if tx.IsCoinbase() {
		return fmt.Errorf("%s: %w outside a block", tx.TxID, ErrCoinbase)
	}
	size := len(tx.AppendJSON(nil))
	if size > maxTx {
		return fmt.Errorf("%s: %w: %d bytes, at most %d", tx.TxID, ErrTxTooBig, size, maxTx)
	}
	err := p.check(tx, own, p.Transactions())
	if err == nil {
		err = verifySignatures(ctx, []*Transaction{tx})
	}
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.check(tx, own, p.txs); err != nil { // again: the tip may have moved
		return err
	}
	switch {
	case !own && p.has(tx.TxID):
		return fmt.Errorf("%w: %s", ErrPooled, tx.TxID)
	case !own && (len(p.txs) >= poolMax || p.bytes+size > poolMaxBytes):
		return fmt.Errorf("%w: it holds %d", ErrPoolFull, len(p.txs))
	}
	if p.txs = append(p.txs, tx); len(p.txs) == p.size {
		p.since = time.Now()
	}
	p.bytes += size
	p.log.Info("transaction pooled", "tx", tx.TxID, "pool", len(p.txs))
	return nil
}

// check checks a transaction against the chain or, where [TxPool.Add] says so,
// against the chain with the pooled transactions on top.
func (p *TxPool) check(tx *Transaction, own bool, pooled []*Transaction) error {
	return p.bc.UTXO(func(s UTXOSet) error {
		view := NewCoinView(s.Coin)
		if err := view.checkTxIDUnused(tx); err != nil {
			return fmt.Errorf("%w: %w", ErrConfirmed, err)
		}
		if own && p.pending {
			view = s.with(pooled)
		}
		return view.Apply(tx)
	})
}

// AddTransactions pools what a peer sent, as JSON, and returns the valid and
// new ones. Known ones are passed over; the error is the first invalid one's.
//
// AddTransactions implements [network.Ledger].
func (p *TxPool) AddTransactions(ctx context.Context, raws []json.RawMessage) (added []json.RawMessage, err error) {
	for _, raw := range raws {
		tx, bad := DecodeTransaction(raw)
		if bad == nil && p.Has(tx.TxID) {
			continue
		}
		if bad = cmp.Or(bad, ctx.Err()); bad == nil {
			bad = p.Add(ctx, tx, false)
		}
		switch {
		case bad == nil:
			added = append(added, tx.AppendJSON(nil))
		case !errors.Is(bad, ErrPooled) && !errors.Is(bad, ErrConfirmed):
			p.log.Debug("transaction refused", "err", bad)
			err = cmp.Or(err, bad)
		}
	}
	if len(added) > 0 {
		p.notifyFull()
	}
	return added, err
}

// Update follows a change of the chain: transactions of blocks taken off it
// return to the pool, before the others; what is confirmed now, or spends what
// is gone, leaves it.
func (p *TxPool) Update(change Change) {
	if len(change.Removed) == 0 && len(p.Transactions()) == 0 {
		return
	}
	var returned []*Transaction
	size, inChain, spentBy := 0, make(map[string]bool), make(map[OutPoint]string)
	err := p.bc.transactions(change.Removed, func(tx *Transaction) {
		if size += len(tx.AppendJSON(nil)); size < poolMaxBytes {
			returned = append(returned, tx)
		}
	})
	err = cmp.Or(err, p.bc.transactions(change.Added, func(tx *Transaction) {
		inChain[tx.TxID] = true
		for i := range tx.Vins {
			spentBy[tx.Vins[i].OutPoint()] = tx.TxID
		}
	}))
	if err != nil {
		p.log.Warn("pool does not follow the chain", "err", err)
		return
	}
	p.mu.Lock()
	err = p.bc.UTXO(func(s UTXOSet) error {
		view := NewCoinView(s.Coin)
		view.spentBy = spentBy
		p.txs = append(returned, p.txs...)
		pooled := make(map[string]bool)
		p.keep(func(tx *Transaction) bool {
			full := len(returned) > 0 && (len(pooled) >= poolMax || p.bytes > poolMaxBytes-maxTx) // else all were let in
			if inChain[tx.TxID] || pooled[tx.TxID] || full {
				return false
			}
			for i := range tx.Vins {
				o := tx.Vins[i].OutPoint()
				if _, err := view.Coin(o); err != nil && !pooled[o.TxID] {
					p.log.Info("transaction dropped", "tx", tx.TxID, "err", err)
					return false
				}
			}
			pooled[tx.TxID] = true
			return true
		})
		return nil
	})
	p.mu.Unlock()
	if err == nil {
		p.notifyFull() // with what came back, or what a block had no room for
	}
}

// keep drops the transactions that ok does not hold for. p.mu is held.
func (p *TxPool) keep(ok func(*Transaction) bool) {
	txs := p.txs
	p.txs, p.bytes = nil, 0
	for _, tx := range txs {
		if ok(tx) {
			p.txs, p.bytes = append(p.txs, tx), p.bytes+len(tx.AppendJSON(nil))
		}
	}
}

// notifyFull tells Run if there are enough transactions for a block.
func (p *TxPool) notifyFull() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.txs) >= p.size {
		select {
		case p.filled <- p.since:
		default: // Run has yet to see the last one
		}
	}
}

// Lines has a line a transaction: txid, from, to, amount, what it waits for.
func (p *TxPool) Lines() (lines []string) {
	txs := p.Transactions()
	spender := make(map[OutPoint]string)
	for _, tx := range txs {
		waits := fmt.Sprintf("waits for %d more in the pool", p.size-len(txs))
		if len(txs) >= p.size {
			waits = "waits for a peer's block"
		}
		for j := range tx.Vins {
			o := tx.Vins[j].OutPoint()
			if first, ok := spender[o]; ok {
				waits = "will be dropped: spends the same output as " + first
			} else {
				spender[o] = tx.TxID
			}
		}
		key, _ := hex.DecodeString(tx.Vins[0].PubKey)
		lines = append(lines, fmt.Sprintf("%s  from %s  to %s  amount %d  %s", tx.TxID, hash160(key).Address(),
			tx.Vouts[0].PubKeyHash, tx.Vouts[0].Value, waits))
	}
	return lines
}
