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
	mineTries    = 10 // for one block, should the tip keep moving
)

var (
	ErrNotEnough = errors.New("not enough coins")
	ErrPooled    = errors.New("transaction is in the pool already")
	ErrConfirmed = errors.New("transaction is in the chain already")
	ErrPoolFull  = errors.New("pool takes no more transactions")
	ErrTxTooBig  = errors.New("transaction too large for a block")
	ErrNoWallet  = errors.New("no wallet for the reward")
	ErrStopped   = errors.New("the node is stopping")
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

// Mined tells what mining did.
type Mined struct {
	Block   *Block // nil if no transaction was left to mine
	Dropped int    // transactions that no longer applied
	Err     error
}

// String tells a user what m did.
func (m Mined) String() string {
	s := "nothing left to mine"
	if m.Err != nil {
		s = "not mined: " + m.Err.Error()
	} else if m.Block != nil {
		s = fmt.Sprintf("mined block %d", m.Block.Header.Height)
	}
	if m.Dropped == 1 {
		s += "; dropped 1 transaction that spends the same output"
	} else if m.Dropped > 1 {
		s += fmt.Sprintf("; dropped %d transactions that spend the same outputs", m.Dropped)
	}
	return s
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

// NewTxPool returns an empty pool on top of bc that mines when it holds size
// transactions and pays the reward to the first of wallets.
func NewTxPool(bc *Blockchain, wallets *Wallets, size int, grace time.Duration, pending bool, log *slog.Logger) *TxPool {
	return &TxPool{
		bc: bc, wallets: wallets, log: log, size: size, grace: grace, pending: pending,
		mine: make(chan chan<- Mined), filled: make(chan time.Time, 1), stopped: make(chan struct{}),
	}
}

// Run mines until ctx is done: at once when asked by [TxPool.Mine], and a grace
// period after peers filled the pool. The node that took the last transaction
// mines at once; if the others did too, their blocks would split the network.
func (p *TxPool) Run(ctx context.Context) {
	defer close(p.stopped)
	var grace <-chan time.Time
	var last time.Time // when the pool became full that has it: one filled anew gets one of its own
	for {
		select {
		case <-ctx.Done():
			return
		case reply := <-p.mine:
			reply <- p.mineBlock(ctx)
		case since := <-p.filled:
			if grace == nil || since != last {
				grace, last = time.After(p.grace), since
			}
		case <-grace:
			grace = nil
			if p.Full() {
				if m := p.mineBlock(ctx); m.Err != nil {
					p.log.Warn("pool is full but not mined", "err", m.Err)
				}
			}
		}
	}
}

// Mine has a block mined of the pool now, and waits for it.
func (p *TxPool) Mine() Mined {
	reply := make(chan Mined, 1)
	select {
	case p.mine <- reply:
		return <-reply
	case <-p.stopped:
		return Mined{Err: ErrStopped}
	}
}

// Transactions returns the pooled transactions in order of arrival.
func (p *TxPool) Transactions() []*Transaction {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.txs)
}

// Full reports whether there are enough transactions for a block.
func (p *TxPool) Full() bool { return len(p.Transactions()) >= p.size }

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
		if err := view.unused(tx); err != nil {
			return fmt.Errorf("%w: %w", ErrConfirmed, err)
		}
		if own && p.pending {
			view = s.with(pooled)
		}
		return view.Apply(tx)
	})
}

// has reports whether a transaction is pooled. p.mu is held.
func (p *TxPool) has(txid string) bool {
	return slices.ContainsFunc(p.txs, func(tx *Transaction) bool { return tx.TxID == txid })
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

// Has reports whether a transaction is pooled.
func (p *TxPool) Has(txid string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.has(txid)
}

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

// mineBlock mines a block of what applies, in order of arrival. When the tip
// moves it starts again, if the pool is still full.
func (p *TxPool) mineBlock(ctx context.Context) (m Mined) {
	for range mineTries {
		moved := p.bc.Changed()
		b, dropped, err := p.template()
		m.Dropped += dropped
		if m.Err = err; err != nil || b == nil {
			return m
		}
		if m.Err = mineUntil(ctx, b, moved); m.Err == nil {
			m.Err = p.bc.AddBlocks(ctx, []json.RawMessage{b.AppendJSON(nil)})
		}
		if tip, err := p.bc.BlockAt(b.Header.Height); err == nil && tip.ref() == b.ref() {
			p.log.Info("block mined", "height", b.Header.Height, "hash", b.Header.Hash, "txs", len(b.Transactions))
			m.Block = b
			return m
		}
		if ctx.Err() != nil || m.Err != nil && p.bc.Changed() == moved || !p.Full() {
			return m
		}
	}
	return m
}

// mineUntil does b's proof of work, unless moved is closed before.
func mineUntil(ctx context.Context, b *Block, moved <-chan struct{}) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-moved:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ProofOfWork{&b.Header}.Run(ctx)
}

// template returns the next block without its work: a coinbase, then the
// pooled transactions that apply on top of each other. Those that do not are
// dropped. The block is nil if none is left.
func (p *TxPool) template() (b *Block, dropped int, err error) {
	addresses := p.wallets.Addresses()
	if len(addresses) == 0 {
		return nil, 0, ErrNoWallet
	}
	parent, err := p.bc.Tip()
	if err != nil {
		return nil, 0, err
	}
	var txs, bad []*Transaction
	now, pooled := p.bc.now(), p.Transactions()
	err = p.bc.UTXO(func(s UTXOSet) error {
		view := NewCoinView(s.Coin)
		coinbase := NewCoinbase(addresses[0], now)
		for errors.Is(view.Apply(coinbase), ErrTxIDInUse) { // a coarse clock: the last block's time again
			now = now.Add(time.Microsecond)
			coinbase = NewCoinbase(addresses[0], now)
		}
		txs = []*Transaction{coinbase}
		size := maxBlock - maxTx
		for _, tx := range pooled {
			n := len(tx.AppendJSON(nil)) + len(", ")
			if size+n > maxBlock || len(txs) == maxTxs {
				break // the rest waits for the next block
			}
			if err := view.Apply(tx); err != nil {
				p.log.Info("transaction dropped", "tx", tx.TxID, "err", err)
				bad = append(bad, tx)
				continue
			}
			txs, size = append(txs, tx), size+n
		}
		return nil
	})
	p.mu.Lock()
	p.keep(func(tx *Transaction) bool { return !slices.Contains(bad, tx) })
	p.mu.Unlock()
	if err != nil || len(txs) == 1 {
		return nil, len(bad), err
	}
	return NewBlock(&parent.Header, txs, now), len(bad), nil
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

// transactions calls do for each transaction of stored blocks, but coinbases.
func (bc *Blockchain) transactions(refs []blockRef, do func(*Transaction)) error {
	for _, ref := range refs {
		b, err := bc.BlockByHash(ref.hash)
		if err != nil {
			return err
		}
		for _, tx := range b.Transactions[1:] {
			do(tx)
		}
	}
	return nil
}
