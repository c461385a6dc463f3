package main

import (
	"context"
	"net/netip"
	"time"
)

// This file is what a node does for the sake of peers that run the article's
// Python program. Those get no transactions from us (see network/python.go): a
// node mines its own payments, and a Python node its own.

const (
	// A Python node takes for one message what one read of 4096 bytes returns,
	// and its Merkle tree fails unless the leaves are 1, 2 or 4.
	maxPythonReply = 4096
	emptyReply     = 1000 // bytes of a message with a block that has no payment, or less
	fewPayments    = 1    // beside the coinbase
	manyPayments   = 3

	// maxOvertake is how far a Python peer's chain may be ahead of ours for us to
	// overtake it. A chain that is further ahead is what others have built on for
	// long: it isn't for us to make an end of it.
	maxOvertake = 2
)

// forPython returns how many of the transactions chosen for a block, without the
// coinbase, a Python node can follow: 1 or 3, in a short message, none of which
// spends an output of this very block. The first goes in any case.
func forPython(chosen []*Transaction) (n int) {
	size := emptyReply
	inBlock := make(map[string]bool)
	for n < len(chosen) && n < manyPayments {
		tx := chosen[n]
		_, spendsBlock := lostParent(tx, inBlock)
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

// nobody is an address without a key that anyone knows: 160 zero bits.
func nobody() string { return PubKeyHash{}.Address() }

// Overtake has a block or two mined, soon, if a Python peer keeps a chain of that
// height against ours: only one that is higher will it take. The blocks are
// empty and pay one coin to nobody, so that nobody's balance changes. They come
// at a random moment, so that of several nodes one does it.
func (p *TxPool) Overtake(height int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	tip := p.bc.tip()
	if height > tip.height+maxOvertake || p.overtake.tip == tip {
		return
	}
	p.overtake = overtaking{tip, height, time.Now().Add(time.Duration(p.random() * float64(p.grace)))}
	p.wakeRun()
}

// An overtaking is a plan to mine until the chain is higher than a Python peer's.
type overtaking struct {
	tip    blockRef // ours when it was made; if it has moved, nothing comes of it
	height int      // of theirs
	due    time.Time
}

// nextOvertaking returns when there is to be one; the zero time: never.
func (p *TxPool) nextOvertaking() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.overtake.due
}

// mineOver carries out the plan.
func (p *TxPool) mineOver(ctx context.Context) {
	p.mu.Lock()
	plan := p.overtake
	p.overtake = overtaking{}
	p.mu.Unlock()

	for tip := plan.tip; tip.height <= plan.height; {
		moved := p.bc.Changed()
		parent, err := p.bc.Tip()
		if err != nil || parent.ref() != tip {
			return
		}
		b := emptyBlock(&parent.Header, p.bc.now())
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
