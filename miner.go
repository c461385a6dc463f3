package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

const mineTries = 10 // for one block, should the tip keep moving

var (
	ErrNoWallet = errors.New("no wallet for the reward")
	ErrStopped  = errors.New("the node is stopping")
)

// Mined tells what mining did.
type Mined struct {
	Block   *Block // nil if no transaction was left to mine
	Dropped []Drop // transactions that no longer applied
	Err     error
}

// A Drop is a transaction that cannot be made, and why.
type Drop struct {
	Tx  *Transaction
	Err error
}

// String tells a user what m did.
func (m Mined) String() string {
	s := "nothing left to mine"
	if m.Err != nil {
		s = "not mined: " + m.Err.Error()
	} else if m.Block != nil {
		s = fmt.Sprintf("mined block %d", m.Block.Header.Height)
	}
	switch n := len(m.Dropped); {
	case n == 1:
		s += "; dropped 1 transaction that spends the same output"
	case n > 1:
		s += fmt.Sprintf("; dropped %d transactions that spend the same outputs", n)
	}
	return s
}

// Run mines until ctx is done: at once when asked by [TxPool.Mine], when a pool
// that peers filled is due, and to overtake a Python peer's chain. The node that
// took the last payment mines at once; if the others did too, their blocks would
// split the network.
func (p *TxPool) Run(ctx context.Context) {
	defer close(p.stopped)

	var lastErr string
	for {
		var due, overtake <-chan time.Time
		if at := p.nextOvertaking(); !at.IsZero() {
			overtake = time.After(time.Until(at))
		}
		if at := p.nextDue(); !at.IsZero() {
			due = time.After(time.Until(at))
		}

		select {
		case <-ctx.Done():
			return

		case asked := <-p.mine:
			m := p.mineBlock(ctx, asked.empty)
			if !asked.empty {
				lastErr = p.logNotMined(m, lastErr)
			}
			asked.reply <- m

		case <-p.filled: // look again when to mine

		case <-due:
			if !p.Full() {
				continue // a peer's block took what waited
			}
			m := p.mineBlock(ctx, false)
			if m.Block == nil {
				p.putOff()
			}
			lastErr = p.logNotMined(m, lastErr)

		case <-overtake:
			p.overtakeNow(ctx)
		}
	}
}

// logNotMined logs why a full pool was not mined, unless that is what it was the
// last time. It returns what it is now.
func (p *TxPool) logNotMined(m Mined, last string) string {
	if m.Err == nil {
		return ""
	}
	reason := m.Err.Error()
	if reason != last {
		p.log.Warn("pool is full but not mined", "err", reason)
	}
	return reason
}

// A mineRequest asks Run to mine.
type mineRequest struct {
	empty bool // even if the pool is not full, or nothing waits
	reply chan<- Mined
}

// Mine has a block mined of the pool now, and waits for it.
func (p *TxPool) Mine() Mined { return p.request(false) }

// mineNow is Mine for whoever wants a block in any case, be it without payments.
func (p *TxPool) mineNow() Mined { return p.request(true) }

func (p *TxPool) request(empty bool) Mined {
	reply := make(chan Mined, 1)
	select {
	case p.mine <- mineRequest{empty, reply}:
		return <-reply
	case <-p.stopped:
		return Mined{Err: ErrStopped}
	}
}

// mineBlock mines a block of what applies, in order of arrival. When the tip
// moves it starts again, if the pool is still full or the block may be empty.
func (p *TxPool) mineBlock(ctx context.Context, empty bool) (m Mined) {
	for range mineTries {
		moved := p.bc.Changed()
		b, dropped, err := p.template(empty)
		m.Dropped = append(m.Dropped, dropped...)
		if err != nil || b == nil {
			m.Err = err
			return m
		}

		won, err := p.mineUntil(ctx, b, moved)
		if won {
			p.log.Info("block mined", "height", b.Header.Height, "hash", b.Header.Hash, "txs", len(b.Transactions))
			m.Block, m.Err = b, err
			return m
		}

		if errors.Is(err, context.Canceled) && ctx.Err() == nil {
			err = nil // another block came first
		}
		m.Err = err
		inVain := err != nil && p.bc.Changed() == moved // no other block is the reason
		if ctx.Err() != nil || inVain || !empty && !p.Full() {
			return m
		}
	}
	return m
}

// mineUntil does b's proof of work, unless moved is closed before, and adds b to
// the chain. It reports whether b is on the chain then: another block may have
// come first.
func (p *TxPool) mineUntil(ctx context.Context, b *Block, moved <-chan struct{}) (won bool, err error) {
	work, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		select {
		case <-moved:
			stop()
		case <-work.Done():
		}
	}()

	if err := (ProofOfWork{&b.Header}).Run(work); err != nil {
		return false, err
	}
	err = p.bc.add(ctx, []*candidate{{Block: b, mined: true}})
	won, _ = read(p.bc, func(c chain) (bool, error) { return c.has(b.ref()), nil })
	return won, err
}

// template returns the next block without its work: a coinbase, then the
// pooled transactions that apply on top of each other. Those that do not are
// dropped. If none is left the block is nil, unless it may be empty. With Python
// peers it holds what they can follow: python.go.
func (p *TxPool) template(empty bool) (b *Block, dropped []Drop, err error) {
	addresses := p.wallets.Addresses()
	if len(addresses) == 0 {
		return nil, nil, ErrNoWallet
	}
	parent, err := p.bc.Tip()
	if err != nil {
		return nil, nil, err
	}

	var txs []*Transaction
	now, pooled, mixed := p.bc.now(), p.Transactions(), p.mixed()
	if mixed {
		pooled = p.onlyOwn(pooled)
	}
	err = p.bc.UTXO(func(s UTXOSet) error {
		view := NewCoinView(s.Coin)
		coinbase := NewCoinbase(addresses[0], now)
		for errors.Is(view.Apply(coinbase), ErrTxIDInUse) { // a coarse clock: the last block's time again
			now = now.Add(time.Microsecond)
			coinbase = NewCoinbase(addresses[0], now)
		}

		txs, dropped = p.choose(view, pooled)
		if mixed {
			txs = txs[:forPython(txs)]
		}
		txs = slices.Insert(txs, 0, coinbase)
		return nil
	})
	p.drop(dropped)
	if err != nil || len(txs) == 1 && !empty {
		return nil, dropped, err
	}
	return NewBlock(&parent.Header, txs, now), dropped, nil
}

// errEqual is a payment that was made twice over: it is one transaction.
var errEqual = fmt.Errorf("%w: an equal payment goes into the block, and is the same transaction", ErrSpent)

// choose applies pooled transactions to view, and returns those that go into a
// block, as many as it has room for, and those that do not apply.
func (p *TxPool) choose(view *CoinView, pooled []*Transaction) (chosen []*Transaction, dropped []Drop) {
	const empty = 4096 // for the header and the coinbase
	size := empty
	for _, tx := range pooled {
		n := len(tx.AppendJSON(nil)) + len(", ")
		if empty+n > maxBlockBytes {
			dropped = append(dropped, Drop{tx, ErrTxTooBig}) // from a block that had more room
			continue
		}
		if size+n > maxBlockBytes || 1+len(chosen) == maxBlockTxs {
			break // the rest waits for the next block
		}

		if err := view.Apply(tx); err != nil {
			if slices.ContainsFunc(chosen, func(other *Transaction) bool { return other.TxID == tx.TxID }) {
				err = errEqual
			}
			dropped = append(dropped, Drop{tx, err})
			continue
		}
		chosen = append(chosen, tx)
		size += n
	}
	return chosen, dropped
}

// drop takes transactions out of the pool. Of two equal ones one may stay.
func (p *TxPool) drop(dropped []Drop) {
	if len(dropped) == 0 {
		return
	}

	p.mu.Lock()
	own := p.own
	p.keep(func(tx *Transaction) bool {
		return !slices.ContainsFunc(dropped, func(d Drop) bool { return d.Tx == tx })
	})
	var lost []string
	for _, d := range dropped {
		p.remember(d)
		p.log.Info("transaction dropped", "tx", d.Tx.TxID, "err", d.Err, "own", own[d.Tx.TxID])
		if own[d.Tx.TxID] && !p.has(d.Tx.TxID) {
			lost = append(lost, d.Tx.TxID)
		}
	}
	p.mu.Unlock()

	p.forget(lost)
}
