package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"gosimpleblockchain/network"
)

const (
	maxPoolTxs   = 5000     // transactions, from which on it takes own ones only
	maxPoolBytes = 16 << 20 // of JSON
	maxTxBytes   = 100_000  // of JSON; Bitcoin's nodes relay nothing larger, either
)

var (
	ErrPooled    = errors.New("transaction is in the pool already")
	ErrConfirmed = errors.New("transaction is in the chain already")
	ErrPoolFull  = errors.New("pool takes no more transactions")
	ErrTxTooBig  = errors.New("transaction too large for a pool")
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

	mixed  func() bool    // whether there are Python peers: python.go
	random func() float64 // from 0 to 1, so that nodes which wait do not mine at the same moment

	mine    chan mineRequest // to Run
	filled  chan struct{}    // tells Run that the pool is full
	stopped chan struct{}    // closed when Run returns

	paying sync.Mutex // held while an own payment is made

	// Taken before the UTXO set is read, not within: bolt's writer waits for readers.
	mu    sync.Mutex           // guards all below
	txs   []*Transaction       // in order of arrival
	bytes int                  // of their JSON
	own   map[string]bool      // txids of our own
	due   map[string]time.Time // when we mine, by the txid that has waited in a full pool

	overtake  overtaking // of a Python peer's chain; zero: none is planned
	overtaken time.Time  // when we last did so

	drops     []Drop // the last, for those who ask what became of a transaction
	dropBytes int    // of their JSON
}

// NewTxPool returns an empty pool on top of bc that mines when it holds size
// transactions and pays the reward to the first of wallets.
func NewTxPool(bc *Blockchain, wallets *Wallets, size int, grace time.Duration, pending bool, log *slog.Logger) *TxPool {
	return &TxPool{
		bc: bc, wallets: wallets, log: log, size: size, grace: grace, pending: pending, random: rand.Float64,
		mixed: func() bool { return false },
		mine:  make(chan mineRequest), filled: make(chan struct{}, 1), stopped: make(chan struct{}),
		own: make(map[string]bool), due: make(map[string]time.Time),
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

// ownTxIDs returns which of the pooled transactions were made here.
func (p *TxPool) ownTxIDs() map[string]bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.own)
}

// isIdle reports whether a block changes nothing here: no transaction waits, and
// none is remembered that it may confirm.
func (p *TxPool) isIdle() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.txs) == 0 && len(p.drops) == 0
}

// Len returns how many transactions are pooled.
func (p *TxPool) Len() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.txs)
}

// Full reports whether there are enough transactions for a block.
func (p *TxPool) Full() bool { return p.Len() >= p.size }

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
	encoded := tx.AppendJSON(nil)
	if err := checkTxSize(len(encoded)); err != nil {
		return fmt.Errorf("%s: %w", tx.TxID, err)
	}

	// To look for room and for coins is cheap, so it comes before the signatures.
	p.mu.Lock()
	err := p.checkRoom(len(encoded), own)
	p.mu.Unlock()
	if err != nil {
		return err
	}
	if err := p.check(tx, own, p.Transactions()); err != nil {
		return err
	}
	if err := verifySignatures(ctx, []*Transaction{tx}); err != nil {
		return err
	}

	// A payment of our own has to outlive a crash.
	if own {
		if err := p.bc.savePayment(tx.TxID, encoded); err != nil {
			return err
		}
	}

	// All comes again: the tip and the pool may have moved meanwhile.
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.check(tx, own, p.txs); err != nil {
		return err
	}
	if !own && p.has(tx.TxID) {
		return fmt.Errorf("%w: %s", ErrPooled, tx.TxID)
	}
	if err := p.checkRoom(len(encoded), own); err != nil {
		return err
	}

	if own {
		tx.encoded = encoded
		p.own[tx.TxID] = true
	}
	p.txs = append(p.txs, tx)
	p.bytes += len(encoded)
	p.setDue()
	p.log.Info("transaction pooled", "tx", tx.TxID, "pool", len(p.txs), "own", own)
	return nil
}

// checkTxSize checks that a transaction's JSON is short enough for the pool. In a
// block it may be longer; but each input signs all of it, and we won't spend half a
// second on a stranger's 2,600 signatures.
func checkTxSize(size int) error {
	if size > maxTxBytes {
		return fmt.Errorf("%w: %d bytes, at most %d", ErrTxTooBig, size, maxTxBytes)
	}
	return nil
}

// checkRoom checks that a transaction of that size may enter. p.mu is held.
func (p *TxPool) checkRoom(size int, own bool) error {
	if !own && (len(p.txs) >= maxPoolTxs || p.bytes+size > maxPoolBytes) {
		return fmt.Errorf("%w: it holds %d", ErrPoolFull, len(p.txs))
	}
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
// new ones. Known ones are passed over; the error is the first invalid one's. At one
// that no honest node sends it stops, and the error is that one's.
//
// AddTransactions implements [network.Ledger].
func (p *TxPool) AddTransactions(ctx context.Context, raws []json.RawMessage) (added []json.RawMessage, err error) {
	for _, raw := range raws {
		tx, bad := p.addForeign(ctx, raw)
		if tx != nil {
			added = append(added, tx.AppendJSON(nil))
		}
		if bad != nil {
			p.log.Debug("transaction refused", "err", bad)
		}

		if isHostile(bad) {
			err = fmt.Errorf("%w: %w", network.ErrHostile, bad)
			break
		}
		if err == nil {
			err = bad
		}
	}

	if len(added) > 0 {
		p.notifyFull()
	}
	return added, err
}

// addForeign pools one transaction of a peer's, and returns it. One that is
// known already gives neither a transaction nor an error.
func (p *TxPool) addForeign(ctx context.Context, raw json.RawMessage) (*Transaction, error) {
	if err := checkTxSize(len(raw)); err != nil {
		return nil, err
	}
	tx, err := DecodeTransaction(raw)
	if err != nil {
		return nil, err
	}
	if p.Has(tx.TxID) {
		return nil, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}

	switch err := p.Add(ctx, tx, false); {
	case err == nil:
		return tx, nil
	case errors.Is(err, ErrPooled), errors.Is(err, ErrConfirmed):
		return nil, nil
	default:
		return nil, err
	}
}

// isHostile reports whether no honest node sends a transaction that is refused with
// err. Honest nodes may know other coins than we do; and Python nodes send whatever
// their users type, be it a negative amount or an address with an error in it. But
// none of them sends these.
func isHostile(err error) bool {
	faults := []error{ErrTxTooBig, ErrMalformed, ErrTxID, ErrPubKey, ErrSignature}
	return slices.ContainsFunc(faults, func(fault error) bool { return errors.Is(err, fault) })
}

// Waiting returns the JSON of our own payments in order of arrival.
//
// Waiting implements [network.Ledger].
func (p *TxPool) Waiting() (txs []json.RawMessage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, tx := range p.txs {
		if p.own[tx.TxID] {
			txs = append(txs, tx.AppendJSON(nil))
		}
	}
	return txs
}

// Update follows a step of the chain: transactions of blocks taken off it
// return to the pool, before the others; what is confirmed now, or spends what
// is gone, leaves it.
func (p *TxPool) Update(change Change) {
	if len(change.Removed) == 0 && p.isIdle() {
		return
	}

	returned, confirmed := payments(change.Removed), confirmedBy(change.Added)
	saved, err := p.bc.savedAmong(returned)
	if err != nil {
		p.log.Warn("pool does not follow the chain", "err", err)
		return
	}

	p.mu.Lock()
	p.unremember(confirmed.txids)
	p.txs = append(returned, p.txs...)
	for _, txid := range saved {
		p.own[txid] = true
	}
	lost, err := p.dropUnfit(confirmed, len(returned) > 0, !change.more)
	p.setDue()
	p.mu.Unlock()
	if err != nil {
		p.log.Warn("pool does not follow the chain", "err", err)
		return
	}

	p.forget(lost)
	p.notifyFull() // with what came back, or what a block had no room for
}

// payments returns the transactions of blocks, but coinbases.
func payments(blocks []*Block) (txs []*Transaction) {
	for _, b := range blocks {
		txs = append(txs, b.Transactions[1:]...)
	}
	return txs
}

// A confirmation is what blocks have done to the pool's transactions.
type confirmation struct {
	txids   map[string]bool     // transactions in the blocks
	spentBy map[OutPoint]string // coins that these spend, and which of them does
}

func confirmedBy(blocks []*Block) confirmation {
	c := confirmation{txids: make(map[string]bool), spentBy: make(map[OutPoint]string)}
	for _, tx := range payments(blocks) {
		c.txids[tx.TxID] = true
		for i := range tx.Vins {
			c.spentBy[tx.Vins[i].OutPoint()] = tx.TxID
		}
	}
	return c
}

// dropUnfit drops what is confirmed, what stands twice and, if the pool is to be
// bounded, what is too much, save our own. Once the chain has arrived (on its way,
// coins come and go) it also drops what spends a coin that neither the chain nor a
// pooled transaction before it has. It returns the txids of our own that are lost.
// p.mu is held.
func (p *TxPool) dropUnfit(c confirmation, bounded, arrived bool) (lost []string, err error) {
	own := p.own
	err = p.bc.UTXO(func(s UTXOSet) error {
		view := NewCoinView(s.Coin)
		view.spentBy = c.spentBy

		pooled := make(map[string]bool)
		p.keep(func(tx *Transaction) bool {
			full := len(pooled) >= maxPoolTxs || p.bytes > maxPoolBytes-maxBlockBytes
			tooMuch := bounded && full && !own[tx.TxID]
			if c.txids[tx.TxID] || pooled[tx.TxID] {
				return false
			}
			if tooMuch {
				p.remember(Drop{tx, ErrPoolFull})
				return false
			}

			for i := range tx.Vins {
				o := tx.Vins[i].OutPoint()
				if _, err := view.Coin(o); err != nil && !pooled[o.TxID] && arrived {
					p.remember(Drop{tx, err})
					p.log.Info("transaction dropped", "tx", tx.TxID, "err", err, "own", own[tx.TxID])
					if own[tx.TxID] {
						lost = append(lost, tx.TxID)
					}
					return false
				}
			}
			pooled[tx.TxID] = true
			return true
		})
		return nil
	})
	return lost, err
}

// keep drops the transactions that ok does not hold for. p.mu is held.
func (p *TxPool) keep(ok func(*Transaction) bool) {
	txs, own, due := p.txs, p.own, p.due
	p.txs, p.bytes = nil, 0
	p.own, p.due = make(map[string]bool), make(map[string]time.Time)
	for _, tx := range txs {
		if !ok(tx) {
			continue
		}
		p.txs = append(p.txs, tx)
		p.bytes += len(tx.AppendJSON(nil))
		if own[tx.TxID] {
			p.own[tx.TxID] = true
		}
		if at, waits := due[tx.TxID]; waits {
			p.due[tx.TxID] = at
		}
	}
}

// notifyFull tells Run if there are enough transactions for a block.
func (p *TxPool) notifyFull() {
	if p.Full() {
		p.wakeRun()
	}
}

// wakeRun has Run look again when to mine.
func (p *TxPool) wakeRun() {
	select {
	case p.filled <- struct{}{}:
	default: // Run has yet to see the last one
	}
}

// setDue gives the transactions that wait in a full pool, and have not yet done
// so, the time at which we mine: one to three grace periods from now, by chance.
// Until then a peer may do so. If all nodes waited equally long, they would mine
// at the same moment, and split the network. Whoever refills the pool does not
// put off those that wait: theirs is the time at which all are mined. p.mu is
// held.
func (p *TxPool) setDue() {
	if len(p.txs) < p.size {
		return
	}
	at := time.Now().Add(time.Duration((1 + 2*p.random()) * float64(p.grace)))
	for _, tx := range p.txs {
		if _, waits := p.due[tx.TxID]; !waits {
			p.due[tx.TxID] = at
		}
	}
}

// nextDue returns when to mine, unless a block comes first; the zero time if the
// pool is not full.
func (p *TxPool) nextDue() (first time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()

	if len(p.txs) < p.size {
		return time.Time{}
	}
	for _, at := range p.due {
		if first.IsZero() || at.Before(first) {
			first = at
		}
	}
	return first
}

// putOff has all that waits wait anew.
func (p *TxPool) putOff() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.due)
	p.setDue()
}

// Restore pools the payments of our own that waited when the node stopped.
func (p *TxPool) Restore(ctx context.Context) error {
	saved, err := p.bc.savedPayments()
	if err != nil {
		return err
	}

	for _, raw := range saved {
		tx, err := DecodeTransaction(raw)
		if err != nil {
			return fmt.Errorf("saved payment: %w: %w", ErrDamaged, err)
		}

		err = p.Add(ctx, tx, true)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			if !errors.Is(err, ErrConfirmed) {
				p.mu.Lock()
				p.remember(Drop{tx, err})
				p.mu.Unlock()
				p.log.Info("transaction dropped", "tx", tx.TxID, "err", err, "own", true)
			}
			p.forget([]string{tx.TxID})
		}
	}
	p.notifyFull()
	return nil
}

// forget no longer keeps payments of our own on disk, for they cannot be made.
func (p *TxPool) forget(txids []string) {
	if len(txids) == 0 {
		return
	}
	if err := p.bc.forgetPayments(txids); err != nil {
		p.log.Warn("payment stays saved, though it cannot be made", "err", err)
	}
}

const (
	maxDrops     = 256
	maxDropBytes = 1 << 20 // of the JSON of those
)

// remember keeps a transaction that was dropped, for a while. p.mu is held.
func (p *TxPool) remember(d Drop) {
	p.drops = append(p.drops, d)
	p.dropBytes += len(d.Tx.AppendJSON(nil))
	for len(p.drops) > maxDrops || p.dropBytes > maxDropBytes {
		p.dropBytes -= len(p.drops[0].Tx.AppendJSON(nil))
		p.drops[0] = Drop{}
		p.drops = p.drops[1:]
	}
}

// unremember lets go of transactions that a block has after all. p.mu is held.
func (p *TxPool) unremember(confirmed map[string]bool) {
	p.drops = slices.DeleteFunc(p.drops, func(d Drop) bool {
		if confirmed[d.Tx.TxID] {
			p.dropBytes -= len(d.Tx.AppendJSON(nil))
		}
		return confirmed[d.Tx.TxID]
	})
}

// droppedTx returns the last transaction that was dropped and whose txid begins
// with these digits.
func (p *TxPool) droppedTx(prefix string) (Drop, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, d := range slices.Backward(p.drops) {
		if strings.HasPrefix(d.Tx.TxID, prefix) {
			return d, true
		}
	}
	return Drop{}, false
}

// waits tells of each pooled transaction, in order of arrival, what it waits for.
func (p *TxPool) waits(pooled []*Transaction) (sentences []string) {
	waiting := fmt.Sprintf("waits for %d more in the pool", p.size-len(pooled))
	if len(pooled) >= p.size {
		waiting = "waits for a peer's block"
	}

	own, mixed := p.ownTxIDs(), p.mixed()
	spender := make(map[OutPoint]string) // of those that will be mined
	lost := make(map[string]bool)        // txids of those that will not
	for _, tx := range pooled {
		first, rival := firstSpender(tx, spender)
		parent, orphan := parentAmong(lost, tx)
		switch {
		case rival && first == tx.TxID:
			sentences = append(sentences, "will be dropped: an equal payment waits before it")
		case rival:
			sentences = append(sentences, "will be dropped: spends the same output as "+first)
			lost[tx.TxID] = true
		case orphan:
			sentences = append(sentences, "will be dropped: spends an output of "+parent+", which will be dropped")
			lost[tx.TxID] = true
		case mixed && !own[tx.TxID]:
			sentences = append(sentences, "waits for the node that made it: with Python peers, each mines its own")
		default:
			sentences = append(sentences, waiting)
			for i := range tx.Vins {
				spender[tx.Vins[i].OutPoint()] = tx.TxID
			}
		}
	}
	return sentences
}

// firstSpender returns the transaction among spenders that spends a coin of tx's.
func firstSpender(tx *Transaction, spender map[OutPoint]string) (txid string, found bool) {
	for i := range tx.Vins {
		if txid, found = spender[tx.Vins[i].OutPoint()]; found {
			return txid, true
		}
	}
	return "", false
}

// parentAmong returns the transaction among txids that makes a coin of tx's.
func parentAmong(txids map[string]bool, tx *Transaction) (txid string, found bool) {
	for i := range tx.Vins {
		if txids[tx.Vins[i].TxID] {
			return tx.Vins[i].TxID, true
		}
	}
	return "", false
}
