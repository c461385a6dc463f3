package main

import (
	"context"
	"net/netip"
	"slices"
	"time"
)

// This file is what a node does for peers that run the article's Python program.
// They get no transactions from us (see network/python.go): as long as one is
// there, each node mines its own payments.

const (
	// A Python node takes for one message what one read of 4096 bytes returns,
	// and its Merkle tree fails unless the leaves are 1, 2 or 4.
	maxPythonReply = 4096
	emptyReply     = 1000 // bytes of a message with a block that has no payment, or less
	fewPayments    = 1    // beside the coinbase
	manyPayments   = 3

	// maxOvertake is how far ahead of ours a Python peer's chain may be for us to
	// overtake it. If it is further ahead, others have built on it for long, and it
	// isn't for us to end it.
	maxOvertake = 2

	// overtakePauses is how many grace periods we don't overtake again, whatever a
	// stranger says that acts as a Python node.
	overtakePauses = 2
)

// forPython returns how many of the transactions chosen for a block, without the
// coinbase, a Python node can follow: 1 or 3, in a short message, none of which
// spends an output of this very block. The first goes in any case.
func forPython(chosen []*Transaction) (n int) {
	size := emptyReply
	inBlock := make(map[string]bool)
	for n < len(chosen) && n < manyPayments {
		tx := chosen[n]
		_, spendsBlock := parentAmong(inBlock, tx)
		size += len(tx.AppendJSON(nil)) + len(", ")
		if n > 0 && (spendsBlock || size > maxPythonReply) {
			break
		}
		inBlock[tx.TxID] = true
		n++
	}
	if n < manyPayments {
		n = min(n, fewPayments)
	}
	return n
}

// onlyOwn returns those of pooled that were made here: the others are for the
// nodes that made them to mine.
func (p *TxPool) onlyOwn(pooled []*Transaction) []*Transaction {
	own := p.ownTxIDs()
	return slices.DeleteFunc(pooled, func(tx *Transaction) bool { return !own[tx.TxID] })
}

// nobody is an address whose key nobody knows: 160 zero bits.
func nobody() string { return PubKeyHash{}.Address() }

// Overtake has empty blocks mined, soon, until our chain is higher than that of a
// Python peer, which keeps one of that height and only takes a higher one. The
// blocks pay one coin to nobody, so that no balance changes. They come at a random
// moment, so that of several nodes most likely one makes them.
func (p *TxPool) Overtake(height int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	tip := p.bc.tip()
	tooFar, tooSoon := height > tip.height+maxOvertake, time.Since(p.overtaken) < overtakePauses*p.grace
	if tooFar || tooSoon || p.overtake.tip == tip {
		return
	}
	p.overtake = overtaking{tip, height, time.Now().Add(time.Duration(p.random() * float64(p.grace)))}
	p.wakeRun()
}

// An overtaking is a plan to mine until the chain is higher than a Python peer's.
type overtaking struct {
	tip    blockRef // ours when it was made; once it has moved, the plan is void
	height int      // of theirs
	due    time.Time
}

// nextOvertaking returns when an overtaking is due; the zero time: never.
func (p *TxPool) nextOvertaking() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.overtake.due
}

// overtakeNow carries out the plan.
func (p *TxPool) overtakeNow(ctx context.Context) {
	p.mu.Lock()
	plan := p.overtake
	p.overtake, p.overtaken = overtaking{}, time.Now()
	p.mu.Unlock()

	now := p.bc.now()
	for tip := plan.tip; tip.height <= plan.height; now = now.Add(time.Microsecond) { // no two coinbases of one time
		moved := p.bc.Changed()
		parent, err := p.bc.Tip()
		if err != nil || parent.ref() != tip {
			return
		}
		b := emptyBlock(&parent.Header, now)
		if won, err := p.mineUntil(ctx, b, moved); !won || err != nil {
			return
		}
		tip = b.ref()
		p.log.Info("block mined", "height", tip.height, "hash", tip.hash, "txs", 1, "over", plan.height)
	}
}

// emptyBlock returns a block, without its work, that pays one coin to nobody.
func emptyBlock(parent *BlockHeader, now time.Time) *Block {
	coinbase := NewCoinbase(nobody(), now)
	coinbase.Vouts[0].Value = 1
	coinbase.TxID = coinbase.ID()
	return NewBlock(parent, []*Transaction{coinbase}, now)
}

// knock shows this node under a new ID to the Python peer at addr.
func (n *Node) knock(addr netip.AddrPort) {
	n.discovery.PingAnew(addr)
}
