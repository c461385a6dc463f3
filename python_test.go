package main

import (
	"slices"
	"strings"
	"testing"
)

// joinPython starts a Python peer in the network of a node with a chain, and
// waits until it has the chain and both know each other.
func joinPython(t *testing.T, wallet *Wallet, nodes ...*testNode) *pythonPeer {
	t.Helper()
	p := startPython(t, wallet, nodes[0].Addr())
	p.awaitTip(nodes[0])
	for _, n := range nodes {
		n.await("Python peer", func() bool {
			return n.peers.PythonPeers() == 1 && strings.Contains(n.peersLines(), "in step (a Python node)")
		})
	}
	return p
}

// wantUnhurt checks that all threads of a Python peer live.
func (p *pythonPeer) wantUnhurt() {
	p.t.Helper()
	if died := p.deaths(); len(died) > 0 {
		p.t.Errorf("threads of the Python peer died: %v", died)
	}
}

// The article's test in a mixed network: two equal payments make 1900 and 100, in
// a block that everybody has.
func TestArticleWithPythonPeer(t *testing.T) {
	skipSlow(t)
	t.Parallel()
	a := startNode(t, NodeConfig{})
	genesis := a.startChain()
	b := join(t, NodeConfig{}, a)
	payee := b.createWallet()
	p := joinPython(t, testWallet(t, 0), a, b)

	a.send(genesis, payee, 100)
	a.send(genesis, payee, 100)
	b.awaitTip(a)
	p.awaitTip(a)
	for _, n := range []*testNode{a, b} {
		n.wantBalance(genesis, 1900)
		n.wantBalance(payee, 100)
	}
	p.wantUnhurt()
}

// A Python peer can follow whatever a node pays: it gets no payments, only blocks
// with one payment, or three.
func TestPythonPeerFollows(t *testing.T) {
	skipSlow(t)
	t.Parallel()
	a := startNode(t, NodeConfig{PoolSize: 4})
	genesis, payee := a.startChain(), a.createWallet()
	b := join(t, NodeConfig{}, a)
	p := joinPython(t, testWallet(t, 0), a, b)
	if got := b.peersLines(); !strings.Contains(got, "in step (a Python node)") {
		t.Errorf("peers prints %s, want the Python node in it", got)
	}

	for range 5 {
		a.do("mine")
	}
	for i := range 8 { // of coins of their own
		a.send(genesis, payee, int64(i+1))
		p.awaitTip(a)
	}
	b.awaitTip(a)
	p.wantUnhurt()

	p.mu.Lock()
	defer p.mu.Unlock()
	payments := 0
	for _, block := range p.blocks {
		payments += len(block.Transactions) - 1
	}
	if payments < 4 || len(p.pool) != 0 {
		t.Errorf("%d payments in blocks, and %d in the Python peer's pool, want 4 or more, and none", payments, len(p.pool))
	}
}

// A Python peer mines its own payments. A node that mined them would leave them in
// the peer's pool, which makes an invalid block of them later.
func TestPythonPeerPays(t *testing.T) {
	skipSlow(t)
	t.Parallel()
	a := startNode(t, NodeConfig{})
	genesis, payee := a.startChain(), a.createWallet()
	b := join(t, NodeConfig{}, a)
	w := testWallet(t, 0)
	p := joinPython(t, w, a, b)
	a.send(genesis, w.Address(), 500)
	a.send(genesis, w.Address(), 500) // equal: one is made
	p.awaitTip(a)

	// One payment of its own waits at the peer, and one of ours is mined meanwhile.
	first := p.pay(payee, 10)
	a.awaitPooled(first.TxID)
	a.send(genesis, payee, 1)
	p.awaitTip(a)
	if got, want := a.do("pool"), "waits for the node that made it"; !a.pool.Has(first.TxID) || !strings.Contains(got, want) {
		t.Errorf("pool prints %s, want the Python peer's payment, which %s", got, want)
	}

	p.pay(payee, 20)
	height := p.height()
	for _, n := range []*testNode{a, b} {
		n.await("Python block", func() bool { return n.chain.tip().height >= height })
		n.await("pool without the payment", func() bool { return !n.pool.Has(first.TxID) })
		n.wantBalance(payee, 11)
	}
	p.awaitTip(a)
	p.wantUnhurt()
}

func (p *pythonPeer) height() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.blocks) - 1
}

// A Python peer keeps a block of its own as long as no chain is higher. So two
// that mined at the same moment would never agree, and one that took an invalid
// block would go its own way for good: a node makes the valid chain higher.
func TestPythonPeerIsOvertaken(t *testing.T) {
	skipSlow(t)
	for name, forged := range map[string]bool{"same height": false, "invalid block": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := startNode(t, NodeConfig{})
			a.startChain()
			b := join(t, NodeConfig{}, a)
			w := testWallet(t, 0)
			p := joinPython(t, w, a, b)

			// It mines at the same moment as the node.
			p.mu.Lock()
			a.do("mine")
			rival := mine(t, p.tip(), w, 1)
			p.push(rival)
			if forged {
				rival = mine(t, rival, w, 2)
				rival.Transactions[0].Vouts[0].Value = 2 * Subsidy
				rival.Transactions[0].TxID = rival.Transactions[0].ID()
				p.push(seal(t, rival))
			}
			p.mu.Unlock()

			a.await("higher chain", func() bool { return a.chain.tip().height > rival.Header.Height })
			b.awaitTip(a)
			p.awaitTip(a)
			p.wantUnhurt()
			if states := a.peersLines(); strings.Contains(states, "left alone") {
				t.Errorf("peers prints %s", states)
			}
			if last := tipOf(t, a.chain).Transactions; len(last) != 1 || last[0].Vouts[0] != (TXOutput{1, nobody()}) {
				t.Errorf("the last block pays %v", last[0].Vouts)
			}
		})
	}
}

// Whoever acts as a Python node has us mine three empty blocks at a time, at most,
// and not again at once.
func TestOvertakingIsBounded(t *testing.T) {
	w := testWallet(t, 0)
	p, genesis := runPool(t, w)
	for _, test := range []struct{ rival, want int }{
		{genesis.Header.Height + maxOvertake + 1, 0}, // too far ahead
		{maxOvertake, maxOvertake + 1},
		{maxOvertake + 1, maxOvertake + 1}, // too soon
	} {
		moved := p.bc.Changed()
		p.Overtake(test.rival)
		for test.want > p.bc.tip().height {
			<-moved
			moved = p.bc.Changed()
		}
		if got := p.bc.tip().height; got != test.want || !p.nextOvertaking().IsZero() {
			t.Errorf("rival at %d: height is %d, want %d, and nothing to come", test.rival, got, test.want)
		}
	}
}

// What a Python node can follow of the transactions chosen for a block.
func TestForPython(t *testing.T) {
	w := testWallet(t, 0)
	genesis := mine(t, nil, w, 0)
	var own []*Transaction
	for i, b := range mineChain(t, genesis, w, 0, 5) {
		own = append(own, pay(t, w, w.Address(), int64(i+1), reward(t, b)))
	}
	child := pay(t, w, w.Address(), 1, coin(t, own[0], 1))
	fat := pay(t, w, w.Address(), 5000, func() (coins []Coin) {
		for _, b := range mineChain(t, genesis, w, 1, 8) {
			coins = append(coins, reward(t, b))
		}
		return coins
	}()...)

	for _, test := range []struct {
		name   string
		chosen []*Transaction
		want   int
	}{
		{"none", nil, 0},
		{"one", own[:1], 1},
		{"two", own[:2], 1},
		{"three", own[:3], 3},
		{"five", own[:5], 3},
		{"one spends the other's change", []*Transaction{own[0], child, own[1]}, 1},
		{"a long one first", []*Transaction{fat, own[0], own[1]}, 1},
		{"a long one last", []*Transaction{own[0], own[1], fat}, 1},
	} {
		if got := forPython(slices.Clone(test.chosen)); got != test.want {
			t.Errorf("%s: got %d, want %d", test.name, got, test.want)
		}
	}
}
