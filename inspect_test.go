package main

import (
	"cmp"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gosimpleblockchain/view"
)

// inspect returns what shows a pool, its wallets and the chain below it.
func inspect(p *TxPool) inspector {
	return inspector{&Node{chain: p.bc, pool: p, wallets: p.wallets}}
}

// A grown is a random tree of blocks that a chain has taken, and what the test
// itself makes of it.
type grown struct {
	*forest
	inspector
	pool   *TxPool
	blocks []*treeBlock // all
	path   []*treeBlock // those on the chain, by height
	made   map[OutPoint]Coin
}

// grow returns a tree of random blocks, and a chain that has taken them. Two of
// the four wallets are those of its node, and one of them has a name.
func grow(t *testing.T, seed uint64) *grown {
	t.Helper()
	f := newForest(t, seed)
	g := &grown{forest: f, blocks: f.tree(40), made: make(map[OutPoint]Coin)}
	bc := newChain(t)
	byHash := make(map[string]*treeBlock)
	for _, b := range g.blocks {
		add(t, bc, b.Block)
		byHash[b.Header.Hash] = b
		for _, tx := range b.Transactions {
			for i := range tx.Vouts {
				g.made[OutPoint{tx.TxID, i}] = coin(t, tx, i)
			}
		}
	}
	for b := byHash[tipOf(t, bc).Header.Hash]; b != nil; b = b.parent {
		g.path = append([]*treeBlock{b}, g.path...)
	}

	g.pool = newPool(t, bc, f.wallets[:2]...)
	f.wallets[0].name = "alice"
	g.inspector = inspect(g.pool)
	return g
}

func (g *grown) onChain(b *treeBlock) bool {
	height := b.Header.Height
	return height < len(g.path) && g.path[height] == b
}

// rows returns the rows that there should be for heights from highest down.
func (g *grown) rows(highest, lowest int) (rows []view.Row) {
	for height := highest; height >= lowest; height-- {
		blocks := slices.DeleteFunc(slices.Clone(g.blocks), func(b *treeBlock) bool { return b.Header.Height != height })
		slices.SortFunc(blocks, func(a, b *treeBlock) int {
			if g.onChain(a) != g.onChain(b) {
				return map[bool]int{true: -1, false: 1}[g.onChain(a)]
			}
			return cmp.Compare(a.Header.Hash, b.Header.Hash)
		})

		for _, b := range blocks {
			row := view.Row{
				Height: height, Hash: b.Header.Hash, Prev: b.Header.PrevBlockHash, Timestamp: b.Header.Timestamp,
				Txs: len(b.Transactions), Bytes: len(b.AppendJSON(nil)),
				Miner: b.Transactions[0].Vouts[0].PubKeyHash, OnChain: g.onChain(b),
			}
			if row.Miner == g.wallets[0].Address() {
				row.MinerName = "alice"
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// eachTree runs a test on random trees.
func eachTree(t *testing.T, test func(t *testing.T, g *grown)) {
	for seed := range seeds(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			test(t, grow(t, 200+seed))
		})
	}
}

// A list of blocks has, at each height, the chain's block and then those beside it.
func TestInspectChain(t *testing.T) {
	eachTree(t, func(t *testing.T, g *grown) {
		tip := len(g.path) - 1
		for _, tt := range []struct{ highest, count, wantHighest, wantLowest int }{
			{-1, 1000, tip, 0}, {tip, tip + 1, tip, 0}, {tip + 5, 3, tip, tip - 2}, {math.MaxInt, 3, tip, tip - 2},
			{math.MinInt, 1, tip, tip}, {tip - 2, 3, tip - 2, tip - 4}, {2, 10, 2, 0}, {0, 1, 0, 0}, {0, math.MaxInt, 0, 0},
			{-1, 0, tip, tip + 1}, {-1, -1, tip, tip + 1}, {tip, math.MinInt, tip, tip + 1},
		} {
			got := must(g.Chain(tt.highest, tt.count))(t)
			want := view.Chain{Height: tip, Tip: g.path[tip].Header.Hash, Blocks: g.rows(tt.wantHighest, tt.wantLowest)}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%d from %d down: got %+v, want %+v", tt.count, tt.highest, got, want)
			}
		}
	})

	empty := inspect(newPool(t, newChain(t)))
	if got := must(empty.Chain(-1, 10))(t); got.Height != -1 || got.Tip != "" || len(got.Blocks) != 0 {
		t.Errorf("no chain: got %+v", got)
	}
}

// A list of very many heights or branches is cut, and says what it left out.
func TestInspectChainIsBounded(t *testing.T) {
	w := testWallet(t, 0)
	bc := newChain(t)
	genesis := mine(t, nil, w, 0)
	add(t, bc, append([]*Block{genesis}, mineChain(t, genesis, w, 0, maxListed+9)...)...)
	i := inspect(newPool(t, bc))
	got := must(i.Chain(-1, maxListed+5))(t)
	if n := len(got.Blocks); n != maxListed || got.Blocks[n-1].Height != 10 || got.Omitted != 0 {
		t.Errorf("%d blocks, %d left out, want %d", n, got.Omitted, maxListed)
	}

	for salt := range maxAside + 5 {
		storeAside(t, bc, mine(t, genesis, w, 1+salt))
	}
	got = must(i.Chain(3, 4))(t)
	if n := len(got.Blocks); n != 4+maxAside || got.Omitted != 5 {
		t.Errorf("%d blocks, %d left out, want %d, 5", n, got.Omitted, 4+maxAside)
	}
}

// checkTx checks who pays whom.
func (g *grown) checkTx(t *testing.T, got view.Tx, tx *Transaction) {
	t.Helper()
	want := view.Tx{TxID: tx.TxID, Coinbase: tx.IsCoinbase()}
	name := func(address string) string {
		if address == g.wallets[0].Address() {
			return "alice"
		}
		return ""
	}

	payers := make(map[string]bool)
	for _, in := range tx.Vins {
		if tx.IsCoinbase() {
			break
		}
		c := g.made[in.OutPoint()]
		owner := c.Owner.Address()
		payers[owner] = true
		want.Inputs = append(want.Inputs, view.Input{TxID: in.TxID, Vout: in.Vout, Owner: owner, OwnerName: name(owner),
			Value: c.Value, Signature: in.Signature, PubKey: in.PubKey})
	}
	for i, out := range tx.Vouts {
		o := view.Output{Value: out.Value, Address: out.PubKeyHash, Name: name(out.PubKeyHash), Change: payers[out.PubKeyHash]}
		o.Spent, o.SpentBy = got.Outputs[i].Spent, got.Outputs[i].SpentBy // for others to check
		want.Outputs = append(want.Outputs, o)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// Each block is found by its height and its hash, or a part of that, and what it
// shows is true: each text hashes to what it says, and each owner is the owner.
func TestInspectBlock(t *testing.T) {
	eachTree(t, func(t *testing.T, g *grown) {
		tip := g.path[len(g.path)-1]
		if got := must(g.Block("last"))(t); got.Hash != tip.Header.Hash || got.Next != "" || got.Confirmations != 1 {
			t.Errorf("last is %s, want %s", got.Hash, tip.Header.Hash)
		}

		for _, b := range g.blocks {
			hash, height := b.Header.Hash, b.Header.Height
			got := must(g.Block(hash))(t)
			refs := []string{strings.ToUpper(hash), hash[:63], hash[:9], strings.ToUpper(hash[:12])}
			if g.onChain(b) {
				refs = append(refs, fmt.Sprint(height), fmt.Sprintf("%06d", height))
			}
			for _, ref := range refs {
				if again, err := g.Block(ref); err != nil || !reflect.DeepEqual(again, got) {
					t.Errorf("block %s is %v, %v, want %s", ref, again.Hash, err, hash)
				}
			}

			if want := g.rows(height, height); !slices.Contains(want, got.Row) {
				t.Errorf("got %+v, want one of %+v", got.Row, want)
			}
			g.checkBlock(t, got, b)
		}
	})
}

func (g *grown) checkBlock(t *testing.T, got view.Block, b *treeBlock) {
	t.Helper()
	h := &b.Header
	confirmations, next := 0, ""
	if g.onChain(b) {
		confirmations = len(g.path) - h.Height
		if confirmations > 1 {
			next = g.path[h.Height+1].Header.Hash
		}
	}
	if got.Confirmations != confirmations || got.Next != next || got.MagicNo != magicNo || got.MerkleRoot != h.HashMerkleRoot || got.WorkBits != 4 {
		t.Errorf("block %d: got %+v, want %d confirmations, next %s", h.Height, got, confirmations, next)
	}

	// What is hashed, and to what.
	if sha256Hex([]byte(got.HashText)) != h.Hash {
		t.Errorf("%q hashes to another hash", got.HashText)
	}
	switch {
	case h.Height == 0:
		if got.Nonce != nil || got.Work != "" || got.WorkText != "" {
			t.Errorf("genesis block with work: %+v", got)
		}
	case *got.Nonce != h.Nonce || sha256Hex([]byte(got.WorkText)) != got.Work || got.Work[0] != '0':
		t.Errorf("work is %s of %q, nonce %d", got.Work, got.WorkText, *got.Nonce)
	}

	for i, text := range got.LeafTexts {
		if sha256Hex([]byte(text)) != got.Merkle[0][i] || text != string(b.Transactions[i].AppendJSON(nil)) {
			t.Errorf("leaf %d is %s of %q", i, got.Merkle[0][i], text)
		}
	}
	for i, level := range got.Merkle {
		want := 1 // above the leaves, half of what is below, rounded up
		if i < len(got.Merkle)-1 {
			want = (len(b.Transactions) + 1<<i - 1) >> i
		}
		if len(level) != want || MerkleRoot(level) != h.HashMerkleRoot {
			t.Errorf("level %d is %q, want %d hashes", i, level, want)
		}
	}

	tip := g.path[len(g.path)-1]
	for i, tx := range b.Transactions {
		g.checkTx(t, got.Transactions[i], tx)
		for o, out := range got.Transactions[i].Outputs {
			if want := g.onChain(b) && !tip.coins[coin(t, tx, o)]; out.Spent != want || out.SpentBy != "" {
				t.Errorf("output %d of %s: spent %t, want %t", o, tx.TxID, out.Spent, want)
			}
		}
	}
}

// A prefix of six digits or more finds a block, even if they are all decimal, so
// long as no block has that height.
func TestBlockPrefix(t *testing.T) {
	eachTree(t, func(t *testing.T, g *grown) {
		for digits := 1; digits <= 3; digits++ {
			for n := range 1 << (4 * digits) {
				prefix := fmt.Sprintf("%0*x", digits, n)
				var want []string
				for _, b := range g.blocks {
					if strings.HasPrefix(b.Header.Hash, prefix) {
						want = append(want, b.Header.Hash)
					}
				}
				slices.Sort(want)

				got, err := read(g.pool.bc, func(c chain) (blockRef, error) { return c.blockWithPrefix(prefix) })
				switch {
				case len(want) == 1:
					if err != nil || got.hash != want[0] {
						t.Errorf("%s finds %s, %v, want %s", prefix, got.hash, err, want[0])
					}
				case len(want) == 0:
					if !errors.Is(err, errNotFound) {
						t.Errorf("%s: error is %v, want %v", prefix, err, errNotFound)
					}
				default:
					checkAmbiguous(t, err, want)
				}
			}
		}
	})

	w := testWallet(t, 0)
	bc := newChain(t)
	genesis := mine(t, nil, w, 0)
	add(t, bc, genesis, mine(t, genesis, w, 0))
	b := mine(t, genesis, w, 1)
	for salt := 2; !isDigits(b.Header.Hash[:6], 6) || b.Header.Hash[0] == '0'; salt++ {
		b = mine(t, genesis, w, salt)
	}
	add(t, bc, b)
	if got := must(inspect(newPool(t, bc)).Block(b.Header.Hash[:6]))(t); got.Hash != b.Header.Hash || got.OnChain {
		t.Errorf("%.6s finds %s, want %s", b.Header.Hash, got.Hash, b.Header.Hash)
	}
}

// checkAmbiguous checks that an error names three of the hashes that are meant,
// and whether there are more.
func checkAmbiguous(t *testing.T, err error, want []string) {
	t.Helper()
	text := fmt.Sprint(err)
	if !errors.Is(err, errAmbiguous) || strings.HasSuffix(text, " …") != (len(want) > maxShown) {
		t.Errorf("error is %v, want %v", err, errAmbiguous)
	}
	for _, hash := range want[:min(len(want), maxShown)] {
		if !strings.Contains(text, hash[:16]) {
			t.Errorf("error is %v, want %.16s in it", err, hash)
		}
	}
}

// Each transaction is found wherever it stands, and shown as it is.
func TestInspectTx(t *testing.T) {
	eachTree(t, func(t *testing.T, g *grown) {
		confirmed := make(map[string]*treeBlock)
		spentBy := make(map[OutPoint]string)
		for _, b := range g.path {
			for _, tx := range b.Transactions {
				confirmed[tx.TxID] = b
				for i := range tx.Vins {
					spentBy[tx.Vins[i].OutPoint()] = tx.TxID
				}
			}
		}

		for _, b := range g.blocks {
			for position, tx := range b.Transactions {
				got := must(g.Tx(tx.TxID[:12+position%2]))(t)
				g.checkTx(t, got.Tx, tx)
				checkTexts(t, got, tx)
				on := confirmed[tx.TxID]
				if on != nil && on != b {
					continue // in a branch, too: the chain counts
				}
				if on == nil {
					if got.State != view.TxInBranch || got.Confirmations != 0 || got.Height != b.Header.Height {
						t.Errorf("%s of block %v beside the chain: got %+v", tx.TxID, b.ref(), got)
					}
					continue
				}

				if got.State != view.TxInBlock || got.BlockHash != b.Header.Hash || got.Height != b.Header.Height ||
					got.Position != position || got.Confirmations != len(g.path)-b.Header.Height {
					t.Errorf("%s, %d in block %v: got %+v", tx.TxID, position, b.ref(), got)
				}
				for i, out := range got.Outputs {
					if want := spentBy[OutPoint{tx.TxID, i}]; out.SpentBy != want || out.Spent != (want != "") {
						t.Errorf("output %d of %s: spent by %q, want %q", i, tx.TxID, out.SpentBy, want)
					}
				}
				for _, r := range got.Rules {
					if r.State != view.RuleHolds {
						t.Errorf("%s: %+v", tx.TxID, r)
					}
				}
			}
		}

		if _, err := g.Tx(strings.Repeat("0", 64)); err == nil || !strings.Contains(err.Error(), "no transaction here begins with") {
			t.Errorf("error is %v", err)
		}
	})
}

// checkTexts checks that what is hashed hashes to what it says, and that the
// signatures are those of the texts that are signed.
func checkTexts(t *testing.T, got view.TxDetail, tx *Transaction) {
	t.Helper()
	if sha256Hex([]byte(got.IDText)) != tx.TxID {
		t.Errorf("%q hashes to another txid than %s", got.IDText, tx.TxID)
	}
	if sha256Hex([]byte(got.LeafText)) != got.Leaf || got.LeafText != string(tx.AppendJSON(nil)) {
		t.Errorf("leaf is %s of %q", got.Leaf, got.LeafText)
	}
	if len(got.SigningTexts) != len(got.Inputs) {
		t.Errorf("%d texts to sign, %d inputs", len(got.SigningTexts), len(got.Inputs))
	}
	for i, text := range got.SigningTexts {
		digest := sha1.Sum([]byte(sha256Hex([]byte(text))))
		key, _ := hex.DecodeString(tx.Vins[i].PubKey)
		if err := verifySignature(key, digest[:], tx.Vins[i].Signature); err != nil {
			t.Errorf("input %d of %s does not sign %q: %v", i, tx.TxID, text, err)
		}
	}
}

// The first digits of a txid find what has a coin, or had one that another block
// spent.
func TestTxPrefix(t *testing.T) {
	eachTree(t, func(t *testing.T, g *grown) {
		var known []txPlace // that can be found
		for _, b := range g.path {
			spent := make(map[OutPoint]bool)
			for _, tx := range b.Transactions {
				for i := range tx.Vins {
					spent[tx.Vins[i].OutPoint()] = true
				}
			}
			for _, tx := range b.Transactions {
				for i := range tx.Vouts {
					if !spent[OutPoint{tx.TxID, i}] {
						known = append(known, txPlace{tx.TxID, b.Header.Height})
						break
					}
				}
			}
		}
		slices.SortFunc(known, func(a, b txPlace) int { return cmp.Compare(a.txid, b.txid) })

		for digits := 1; digits <= 3; digits++ {
			for n := range 1 << (4 * digits) {
				prefix := fmt.Sprintf("%0*x", digits, n)
				want := slices.DeleteFunc(slices.Clone(known), func(p txPlace) bool { return !strings.HasPrefix(p.txid, prefix) })
				got := must(read(g.pool.bc, func(c chain) ([]txPlace, error) { return c.txsWithPrefix(prefix), nil }))(t)
				if len(want) > maxShown && len(got) > maxShown {
					continue // it finds no more than it has to
				}
				if !slices.Equal(got, want) {
					t.Errorf("%s finds %v, want %v", prefix, got, want)
				}
			}
		}
	})
}

// A transaction whose coins were all spent in its own block has left no trace but
// that block.
func TestTxSpentInItsBlock(t *testing.T) {
	alice, bob := testWallet(t, 0), testWallet(t, 1)
	bc := newChain(t)
	genesis := mine(t, nil, alice, 0)
	first := pay(t, alice, bob.Address(), 1000, reward(t, genesis))
	second := pay(t, bob, alice.Address(), 400, coin(t, first, 0))
	b := mine(t, genesis, alice, 0, first, second)
	add(t, bc, genesis, b)
	add(t, bc, mineChain(t, b, alice, 0, 3)...)

	i := inspect(newPool(t, bc))
	got := must(i.Tx(first.TxID[:6]))(t)
	if got.State != view.TxInBlock || got.Position != 1 || got.Confirmations != 4 {
		t.Errorf("got %+v, want it in block 1", got)
	}
	if out := got.Outputs[0]; !out.Spent || out.SpentBy != second.TxID {
		t.Errorf("output is %+v, want it spent by %s", out, second.TxID)
	}
	wantHold(t, got.Rules, 10, 0)
	if in := must(i.Tx(second.TxID))(t).Inputs[0]; in.Owner != bob.Address() || in.Value != 1000 {
		t.Errorf("input is %+v, want 1000 of bob's", in)
	}

	// It is no balance of bob's: he had the coin within the block only.
	h := must(i.History(bob.Address(), 0))(t)
	if len(h.Changes) != 1 || h.Changes[0].Got != 600 || h.Changes[0].Paid != 0 || !slices.Equal(h.Changes[0].TxIDs, []string{first.TxID, second.TxID}) {
		t.Errorf("history is %+v", h)
	}
}

// A transaction that the chain has is confirmed, though it stands in a block
// beside the chain, too, or was dropped before, and left no coin by which to find
// it.
func TestTxOfTheChainComesFirst(t *testing.T) {
	alice, bob := testWallet(t, 0), testWallet(t, 1)
	bc := newChain(t)
	genesis := mine(t, nil, alice, 0)
	first := pay(t, alice, bob.Address(), 1000, reward(t, genesis))
	second := pay(t, bob, alice.Address(), 400, coin(t, first, 0))
	b := mine(t, genesis, alice, 0, first, second)
	aside := mine(t, genesis, alice, 1, first, second)
	add(t, bc, genesis, b)
	add(t, bc, aside)

	p := newPool(t, bc)
	for _, dropped := range []bool{false, true} {
		if dropped {
			p.mu.Lock()
			p.remember(Drop{first, ErrSpent})
			p.mu.Unlock()
		}
		got := must(inspect(p).Tx(first.TxID))(t)
		if got.State != view.TxInBlock || got.BlockHash != b.Header.Hash || got.Reason != "" {
			t.Errorf("dropped before %t: got %+v, want it in block %s", dropped, got, b.Header.Hash)
		}
	}
}

// Once the coins of a transaction are spent, an equal one may make them again:
// the newest is found, and what was spent of each is told in its block.
func TestTxMadeTwice(t *testing.T) {
	alice, bob := testWallet(t, 0), testWallet(t, 1)
	bc := newChain(t)
	genesis := mine(t, nil, alice, 0)
	b1 := mine(t, genesis, alice, 1)
	coinbase := b1.Transactions[0]
	first := pay(t, alice, bob.Address(), 1000, coin(t, coinbase, 0))
	b2 := mine(t, b1, alice, 2, first)
	b3 := work(t, NewBlock(&b2.Header, []*Transaction{coinbase}, victimTime))
	add(t, bc, genesis, b1, b2, b3)
	i := inspect(newPool(t, bc))

	check := func(height int, spent1, spent3 bool, spentBy string) {
		t.Helper()
		got := must(i.Tx(coinbase.TxID))(t)
		if out := got.Outputs[0]; got.Height != height || out.Spent != (spentBy != "") || out.SpentBy != spentBy {
			t.Errorf("found in block %d, output %+v, want block %d, spent by %q", got.Height, out, height, spentBy)
		}
		for ref, want := range map[string]bool{"1": spent1, "3": spent3} {
			b := must(i.Block(ref))(t)
			if out := b.Transactions[0].Outputs[0]; out.Spent != want {
				t.Errorf("block %s: output is %+v, want spent %t", ref, out, want)
			}
			wantHold(t, b.Rules, 12, 0)
		}
	}
	check(3, true, false, "")

	second := pay(t, alice, bob.Address(), 400, coin(t, coinbase, 0))
	add(t, bc, mine(t, b3, alice, 4, second))
	check(3, true, true, second.TxID)
}

// Whoever fills a block beside the chain needs no coins for it. What is told of
// such a block, and of its transactions, stays within bounds, and reaches the
// command that asks.
func TestFullBlockIsShown(t *testing.T) {
	skipSlow(t)
	t.Parallel()
	alice, bob := testWallet(t, 0), testWallet(t, 1)
	genesis := mine(t, nil, alice, 0)
	madeUp := func(n int) Coin {
		return Coin{OutPoint: OutPoint{sha256Hex(fmt.Append(nil, n)), 0}, Owner: hash160(alice.pubKey), Value: 2}
	}
	var coins []Coin
	for n := range 300 {
		coins = append(coins, madeUp(n))
	}
	large := pay(t, alice, bob.Address(), 600, coins...)

	txs := []*Transaction{large}
	size := len(mine(t, genesis, alice, 1, large).AppendJSON(nil))
	for n := 300; ; n++ {
		tx := pay(t, alice, bob.Address(), 1, madeUp(n))
		size += len(", ") + len(tx.AppendJSON(nil))
		if size > maxBlockBytes {
			break
		}
		txs = append(txs, tx)
	}

	n := startNode(t, NodeConfig{})
	full := mine(t, genesis, alice, 1, txs...)
	add(t, n.chain, genesis, mine(t, genesis, alice, 2))
	add(t, n.chain, full)
	got := facts[view.Block](t, n, "block "+full.Header.Hash)
	if got.OnChain || len(got.Transactions) != len(txs)+1 || len(got.LeafTexts) != len(txs)+1 {
		t.Errorf("%d transactions, %d leaves, on chain %t, want %d beside it", len(got.Transactions), len(got.LeafTexts), got.OnChain, len(txs)+1)
	}

	d := facts[view.TxDetail](t, n, "tx "+large.TxID)
	if len(d.Inputs) != 300 || d.Inputs[299].Value != unknownCoin || d.Inputs[299].Owner != alice.Address() {
		t.Errorf("%d inputs, want 300 of unknown coins", len(d.Inputs))
	}
	sum := 0
	for i, text := range d.SigningTexts {
		sum += len(text)
		if text != string(large.signingText(i, alice.Address())) {
			t.Errorf("text %d is not what input %d signs", i, i)
		}
	}
	if sum == 0 || sum > maxSigningTexts || sum < maxSigningTexts*9/10 {
		t.Errorf("texts to sign are %d bytes, want nearly %d", sum, maxSigningTexts)
	}
}

// A payment is told where it is: in the pool, dropped and why, then in a block.
func TestTxLeavesPool(t *testing.T) {
	v := rewardedVictim(t)
	i := inspect(v.pool)
	first := v.payment(t) // coins 1 and 2
	rival := pay(t, v.alice, v.bob.Address(), 1200, v.coins[2], v.coins[3])
	third := pay(t, v.alice, v.bob.Address(), 900, v.coins[3])
	if _, err := v.pool.AddTransactions(context.Background(), rawTxs(first, rival, third)); err != nil {
		t.Fatal(err)
	}

	// The pool holds a payment already, and two fill it. The rival of the first
	// takes no coin from the third, since it will be dropped.
	byPeer, dropped := "waits for a peer's block", "will be dropped: spends the same output as "+first.TxID
	var waits []string
	for n, tx := range must(i.Pool())(t) {
		waits = append(waits, tx.Waits)
		got := must(i.Tx(tx.TxID))(t)
		if got.State != view.TxInPool || got.Waits != tx.Waits || got.Height != -1 || got.BlockHash != "" || tx.Own {
			t.Errorf("transaction %d is %+v, want it in the pool", n, got)
		}
		checkTexts(t, got, v.pool.Transactions()[n])
		if in := got.Inputs[0]; in.Owner != v.alice.Address() || in.Value != 1000 {
			t.Errorf("input is %+v, want 1000 of alice's", in)
		}
		wantHold(t, got.Rules, 10, 0) // each alone
	}
	if want := []string{byPeer, byPeer, dropped, byPeer}; !slices.Equal(waits, want) {
		t.Errorf("they wait for %q, want %q", waits, want)
	}

	m := v.pool.mineBlock(context.Background(), false)
	if m.Err != nil || len(m.Dropped) != 1 {
		t.Fatalf("mined %v, want one dropped", m)
	}
	got := must(i.Tx(rival.TxID[:7]))(t)
	if got.State != view.TxDropped || !strings.Contains(got.Reason, first.TxID) || got.Height != -1 {
		t.Errorf("got %+v, want it dropped", got)
	}
	if in := got.Inputs[0]; in.Owner != v.alice.Address() || in.Value != 1000 { // though it is spent
		t.Errorf("input is %+v, want 1000 of alice's", in)
	}
	wantBroken(t, got.Rules, txChecks, ErrNoCoin, "ErrNoCoin")
	if got := must(i.Tx(third.TxID))(t); got.State != view.TxInBlock {
		t.Errorf("the third is %+v, want it in a block", got)
	}

	// A longer branch confirms the rival after all.
	branch := []*Block{mine(t, v.tip, v.alice, 7, rival)}
	branch = append(branch, mineChain(t, branch[0], v.alice, 7, 1)...)
	add(t, v.bc, branch...)
	got = must(i.Tx(rival.TxID))(t)
	if got.State != view.TxInBlock || got.BlockHash != branch[0].Header.Hash || got.Reason != "" || got.Confirmations != 2 {
		t.Errorf("got %+v, want it in a block", got)
	}
}

// A payment that was made twice over is one transaction: the first in the pool is
// shown. In a block it is confirmed, though the pool may not have heard of it yet.
func TestEqualPayments(t *testing.T) {
	alice, bob := testWallet(t, 0), testWallet(t, 1)
	bc := newChain(t)
	genesis := mine(t, nil, alice, 0)
	add(t, bc, genesis)
	p := newPool(t, bc, alice)
	p.size = 5
	tx := pay(t, alice, bob.Address(), 1, reward(t, genesis))
	for range 2 {
		if err := p.Add(context.Background(), tx, true); err != nil {
			t.Fatal(err)
		}
	}

	i := inspect(p)
	var waits []string
	for _, tx := range must(i.Pool())(t) {
		waits = append(waits, fmt.Sprint(tx.Own, " ", tx.Waits))
	}
	want := []string{"true waits for 3 more in the pool", "true will be dropped: an equal payment waits before it"}
	if !slices.Equal(waits, want) {
		t.Errorf("they wait for %q, want %q", waits, want)
	}
	if got := must(i.Tx(tx.TxID))(t); got.State != view.TxInPool || "true "+got.Waits != want[0] {
		t.Errorf("got %+v, want the first of the pool", got)
	}
	if got := must(i.Wallets())(t)[0]; got.Waiting != -1 {
		t.Errorf("alice waits for %d, want -1", got.Waiting)
	}

	bc.onChange = func(Change) {} // the pool does not follow
	add(t, bc, mine(t, genesis, bob, 0, tx))
	if got := must(i.Tx(tx.TxID))(t); got.State != view.TxInBlock || got.Waits != "" {
		t.Errorf("got %+v, want it in a block", got)
	}
}

// The history of each wallet is what a count over all blocks gives.
func TestHistory(t *testing.T) {
	eachTree(t, func(t *testing.T, g *grown) {
		tip := g.path[len(g.path)-1]
		g.fill(t, tip)
		waiting := g.waiting(t, tip)
		for _, w := range g.wallets {
			owner := hash160(w.pubKey)
			sum := func(coins map[Coin]bool, without map[Coin]bool) (sum int64) {
				for c := range coins {
					if c.Owner == owner && !without[c] {
						sum += c.Value
					}
				}
				return sum
			}

			want := view.History{Address: w.Address(), Name: w.name, Balance: sum(tip.coins, nil), Waiting: waiting[owner]}
			if w != g.wallets[0] {
				want.Name = ""
			}
			for _, b := range slices.Backward(g.path) {
				before := make(map[Coin]bool)
				if b.parent != nil {
					before = b.parent.coins
				}
				change := view.Balance{Height: b.Header.Height, Timestamp: b.Header.Timestamp,
					Got: sum(b.coins, before), Paid: sum(before, b.coins), After: sum(b.coins, nil)}
				for _, tx := range b.Transactions {
					pays := slices.ContainsFunc(tx.Vouts, func(out TXOutput) bool { return out.PubKeyHash == w.Address() })
					spends := slices.ContainsFunc(tx.Vins, func(in TXInput) bool { return g.made[in.OutPoint()].Owner == owner })
					if pays || spends && !tx.IsCoinbase() {
						change.TxIDs = append(change.TxIDs, tx.TxID)
					}
				}
				if change.Got != 0 || change.Paid != 0 {
					want.Changes = append(want.Changes, change)
				}
			}

			if got := must(g.History(w.Address(), 0))(t); !reflect.DeepEqual(got, want) {
				t.Errorf("history of %s\ngot  %+v\nwant %+v", w.Address(), got, want)
			}
			for count := 1; count <= len(want.Changes)+1; count++ {
				got := must(g.History(w.Address(), count))(t)
				n := min(count, len(want.Changes))
				if !reflect.DeepEqual(got.Changes, want.Changes[:n]) || got.Omitted != len(want.Changes)-n || got.Balance != want.Balance {
					t.Errorf("the last %d of %s: got %+v", count, w.Address(), got)
				}
			}
		}

		// The node's own wallets have what their histories say.
		var want []view.Wallet
		for _, w := range g.wallets[:2] {
			h := must(g.History(w.Address(), 1))(t)
			want = append(want, view.Wallet{Address: w.Address(), Name: h.Name, Confirmed: h.Balance, Waiting: h.Waiting, Total: h.Balance + h.Waiting})
		}
		if got := must(g.Wallets())(t); !reflect.DeepEqual(got, want) {
			t.Errorf("wallets are %+v, want %+v", got, want)
		}
	})

	h := must(inspect(newPool(t, newChain(t))).History(testWallet(t, 0).Address(), 0))(t)
	if h.Balance != 0 || h.Waiting != 0 || len(h.Changes) != 0 || h.Omitted != 0 {
		t.Errorf("without a chain: %+v", h)
	}
}

// fill pools payments of single coins, of which some have a rival.
func (g *grown) fill(t *testing.T, tip *treeBlock) {
	t.Helper()
	for _, c := range sorted(tip.coins)[:4] {
		for range 1 + g.rng.IntN(2) {
			tx := pay(t, g.owner(c), g.wallet().Address(), 1+g.rng.Int64N(c.Value), c)
			if err := g.pool.Add(context.Background(), tx, false); err != nil && !errors.Is(err, ErrPooled) {
				t.Fatal(err)
			}
		}
	}
}

// waiting counts by how much the first of rival payments change the balances.
func (g *grown) waiting(t *testing.T, tip *treeBlock) map[PubKeyHash]int64 {
	changes, spent := make(map[PubKeyHash]int64), make(map[OutPoint]bool)
	for _, tx := range g.pool.Transactions() {
		o := tx.Vins[0].OutPoint()
		if spent[o] {
			continue
		}
		spent[o] = true
		changes[g.made[o].Owner] -= g.made[o].Value
		for i := range tx.Vouts {
			changes[coin(t, tx, i).Owner] += tx.Vouts[i].Value
		}
	}
	return changes
}

// A peer may pool transactions with a hundred thousand outputs: to find the
// coins that are spent, no other is looked at.
func TestOnlySpentCoinsAreRead(t *testing.T) {
	w := testWallet(t, 1)
	first := pay(t, w, w.Address(), 3, Coin{OutPoint: OutPoint{strings.Repeat("a", 64), 0}, Value: 10})
	second := pay(t, w, w.Address(), 2, coin(t, first, 1))

	coins := make(map[OutPoint]Coin)
	addCoins(coins, spentBy([]*Transaction{first, second}), []*Transaction{first, second})
	if want := (OutPoint{first.TxID, 1}); len(coins) != 1 || coins[want].Value != 7 || coins[want].Owner.Address() != w.Address() {
		t.Errorf("got %v, want the coin %v alone", coins, want)
	}
}
