package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"

	"gosimpleblockchain/network"
)

// Each rule for blocks has a dishonest block that breaks it alone, on top of
// the tip and on a branch that would become the chain. None leaves a trace,
// and then an honest block is accepted. The blocks that break a rule bear its
// name, those with a dishonest transaction begin with "transaction":
//
//	go test -run TestBlockRules/merkle -v .
//	go test -run TestBlockRules/transaction/overspend -v .
func TestBlockRules(t *testing.T) {
	t.Parallel()
	v := newVictim(t)
	cases := dishonestBlocks()
	for _, tx := range dishonestTxs() {
		cases = append(cases, dishonestBlock{"transaction/" + tx.name, tx.want, func(t *testing.T, v *victim, parent *Block) *Block {
			return mine(t, parent, v.alice, 3, tx.make(t, v))
		}})
	}

	before := v.state(t)
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			v.refuses(t, test.want, before, rawBlock(t, test.make(t, v, v.tip)))
			v.refuses(t, test.want, before, rawBlock(t, test.make(t, v, v.rival)))
		})
	}
	t.Logf("%d dishonest blocks, each on two branches", len(cases))

	add(t, v.bc, v.block(t, v.rival))
	add(t, v.bc, v.block(t, v.tip))
}

type dishonestBlock struct {
	name string
	want error
	make func(t *testing.T, v *victim, parent *Block) *Block
}

// dishonestBlocks are blocks that break a rule each. The Python program believes
// the hash that a block gives itself, compares no body with its header, joins the
// header's numbers with nothing between them, and looks neither at the time nor
// at what coinbases pay; it asks whether a coin is in the chain, and not whether
// it is unspent.
func dishonestBlocks() []dishonestBlock {
	blocks := []dishonestBlock{
		{"magic/one more", ErrMagic, func(t *testing.T, v *victim, parent *Block) *Block {
			b := v.block(t, parent)
			b.MagicNo++
			return b
		}},
		header("height/too low", ErrParent, func(h *BlockHeader) { h.Height-- }),
		header("height/too high", ErrParent, func(h *BlockHeader) { h.Height++ }),
		header("height/negative", ErrParent, func(h *BlockHeader) { h.Height = -h.Height }),
		header("height/at the end of int", ErrParent, func(h *BlockHeader) { h.Height = math.MaxInt32 }),
		{"height/shifted into the nonce", ErrParent, shiftedHeight},
		header("parent/unknown", ErrParent, func(h *BlockHeader) { h.PrevBlockHash = strings.Repeat("ab", 32) }),
		{"parent/is the grandparent", ErrParent, func(t *testing.T, v *victim, parent *Block) *Block {
			b := v.block(t, parent)
			b.Header.PrevBlockHash = parent.Header.PrevBlockHash
			return work(t, b)
		}},
		header("parent/missing", ErrParent, func(h *BlockHeader) { h.PrevBlockHash = "" }),
		header("parent/in upper case", ErrParent, func(h *BlockHeader) { h.PrevBlockHash = strings.ToUpper(h.PrevBlockHash) }),
		header("parent/short", ErrParent, func(h *BlockHeader) { h.PrevBlockHash = h.PrevBlockHash[:62] }),
		header("parent/long", ErrParent, func(h *BlockHeader) { h.PrevBlockHash += "00" }),
		header("parent/with a space", ErrParent, func(h *BlockHeader) { h.PrevBlockHash = " " + h.PrevBlockHash[1:] }),
		header("merkle/root of other transactions", ErrMerkleRoot, func(h *BlockHeader) { h.HashMerkleRoot = strings.Repeat("ab", 32) }),
		header("merkle/root in upper case", ErrMalformed, func(h *BlockHeader) { h.HashMerkleRoot = strings.ToUpper(h.HashMerkleRoot) }),
		header("merkle/root short", ErrMalformed, func(h *BlockHeader) { h.HashMerkleRoot = h.HashMerkleRoot[2:] }),
		header("merkle/root missing", ErrMalformed, func(h *BlockHeader) { h.HashMerkleRoot = "" }),
		header("merkle/root with spaces", ErrMalformed, func(h *BlockHeader) { h.HashMerkleRoot = h.HashMerkleRoot[:60] + "    " }),
		unworked("hash/is a name", ErrHash, func(h *BlockHeader) { h.Hash = "deadbeef" }),
		unworked("hash/of another header", ErrHash, func(h *BlockHeader) { h.Hash = strings.Repeat("ab", 32) }),
		unworked("hash/is the work's", ErrHash, func(h *BlockHeader) {
			h.Hash = sha256Hex(append(ProofOfWork{h}.text(), h.nonceText()...))
		}),
		unworked("hash/in upper case", ErrHash, func(h *BlockHeader) { h.Hash = strings.ToUpper(h.Hash) }),
		unworked("hash/short", ErrHash, func(h *BlockHeader) { h.Hash = h.Hash[:63] }),
		unworked("hash/with a space", ErrHash, func(h *BlockHeader) { h.Hash += " " }),
		unworked("hash/missing", ErrHash, func(h *BlockHeader) { h.Hash = "" }),
		unworked("work/none", ErrWork, func(h *BlockHeader) {
			for ; (ProofOfWork{h}).Valid(); h.Nonce++ {
			}
			h.Hash = h.hash()
		}),
		unworked("nonce/negative", ErrMalformed, func(h *BlockHeader) {
			for h.Nonce = -1; !(ProofOfWork{h}).Valid(); h.Nonce-- {
			}
			h.Hash = h.hash()
		}),
		body("size/no transactions", ErrNoTxs, func(t *testing.T, v *victim, b *Block) {
			b.Transactions = nil
			b.Header.HashMerkleRoot = strings.Repeat("0", 64)
			work(t, b)
		}),
		body("size/more than 10,000 transactions", ErrBlockSize, func(t *testing.T, v *victim, b *Block) {
			for len(b.Transactions) <= maxBlockTxs {
				b.Transactions = append(b.Transactions, b.Transactions[0]) // the smallest that there is
			}
		}),
		{"size/one byte above 1 MiB", ErrBlockSize, func(t *testing.T, v *victim, parent *Block) *Block {
			return sized(t, v, parent, maxBlockBytes+1)
		}},
		body("merkle/transactions swapped for others", ErrMerkleRoot, func(t *testing.T, v *victim, b *Block) {
			b.Transactions[1] = pay(t, v.alice, v.bob.Address(), 900, v.coins[1])
			b.Header.HashMerkleRoot = mine(t, nil, v.alice, 0, v.payment(t)).Header.HashMerkleRoot
			work(t, b)
		}),
	}
	for _, s := range badTimestamps {
		blocks = append(blocks, header(fmt.Sprintf("timestamp/%.30q", s), ErrTimestamp, func(h *BlockHeader) { h.Timestamp = s }))
	}
	return slices.Concat(blocks, dishonestCoinbases(), dishonestOrders())
}

// header is a dishonest block that differs from an honest one in its header,
// and has the work for it.
func header(name string, want error, edit func(h *BlockHeader)) dishonestBlock {
	return dishonestBlock{name, want, func(t *testing.T, v *victim, parent *Block) *Block {
		b := v.block(t, parent)
		edit(&b.Header)
		return work(t, b)
	}}
}

// unworked is a dishonest block whose header is edited after the work is done.
func unworked(name string, want error, edit func(h *BlockHeader)) dishonestBlock {
	return dishonestBlock{name, want, func(t *testing.T, v *victim, parent *Block) *Block {
		b := v.block(t, parent)
		edit(&b.Header)
		return b
	}}
}

// body is a dishonest block with other transactions than an honest one; what
// edit does not seal is sealed.
func body(name string, want error, edit func(t *testing.T, v *victim, b *Block)) dishonestBlock {
	return dishonestBlock{name, want, func(t *testing.T, v *victim, parent *Block) *Block {
		b := v.block(t, parent)
		root := b.Header.HashMerkleRoot
		edit(t, v, b)
		if b.Header.HashMerkleRoot == root {
			seal(t, b)
		}
		return b
	}}
}

// badTimestamps are not what Python's str(time.time()) can print, or lie ahead.
var badTimestamps = []string{
	"", "yesterday", "NaN", "inf", "1e9", "1.7e9", "+1700000000.5", "-1700000000.5", ".5", "1700000000.", ".",
	"1700000000.5.5", "0x65554000", "1_700_000_000", "1700000000,5", " 1700000000", "1700000000\n", "1700000000\x00",
	"١٧٠٠٠٠٠٠٠٠", "1700000000'", `1700000000"`, "1700000000." + strings.Repeat("0", 21), "0000001700000000", "0001700000000",
	"1700010801", "1700010800.0001", "999999999999",
}

// shiftedHeight returns a block that hashes, and works, like an honest one,
// with the first digit of the nonce at the end of the height.
func shiftedHeight(t *testing.T, v *victim, parent *Block) *Block {
	for salt := range 1000 {
		b := mine(t, parent, v.alice, salt, v.payment(t))
		h := &b.Header

		for h.Nonce = 10; h.Nonce < 100; h.Nonce++ {
			if !(ProofOfWork{h}).Valid() {
				continue
			}

			hash := h.hash()
			h.Height, h.Nonce = 10*h.Height+int(h.Nonce/10), h.Nonce%10
			if h.Hash = h.hash(); h.Hash != hash || !(ProofOfWork{h}).Valid() {
				t.Fatal("the shifted header hashes otherwise")
			}
			return b
		}
	}
	t.Fatal("no nonce of two digits")
	return nil
}

// sized returns an honest block, but for its size: so many bytes of JSON.
func sized(t testing.TB, v *victim, parent *Block, size int) *Block {
	t.Helper()
	b := mine(t, parent, v.alice, 3)
	b.Header.Nonce = 0
	left := func() int { return size - len(b.AppendJSON(nil)) }

	// One transaction a coin, of a thousand outputs as long as there is room.
	to := TXOutput{1, v.bob.Address()}
	each := len(`{"value": 1, "pub_key_hash": ""}, `) + len(to.PubKeyHash)
	for i := 1; left() > 2000; i++ {
		tx := &Transaction{Vins: []TXInput{{TxID: v.coins[i].TxID}}}
		n := min(1000, (left()-1000)/each)
		tx.Vouts = slices.Repeat([]TXOutput{to}, n)
		tx.Sign(v.alice)
		b.Transactions = append(b.Transactions, tx)
	}

	// What is left goes into more outputs of the last one, and the rest into the
	// coinbase's text, such that the nonce has one digit, as it has now.
	last := b.Transactions[len(b.Transactions)-1]
	text := &b.Transactions[0].Vins[0].PubKey
	for left()+len(*text) > 100 {
		last.Vouts = append(last.Vouts, to)
		last.Sign(v.alice)
	}
	n := left() + len(*text)
	for c := '!'; c <= '~'; c++ {
		if c == '"' || c == '\'' || c == '\\' {
			continue
		}
		*text = strings.Repeat(string(c), n)
		b.Transactions[0].TxID = b.Transactions[0].ID()
		if seal(t, b); left() == 0 {
			return b
		}
	}
	t.Fatal("no nonce of one digit")
	return nil
}

func dishonestCoinbases() []dishonestBlock {
	text := func(name, s string) dishonestBlock {
		return coinbase("coinbase/text "+name, ErrCoinbase, func(v *victim, tx *Transaction) { tx.Vins[0].PubKey = s })
	}
	return []dishonestBlock{
		body("coinbase/none", ErrCoinbase, func(t *testing.T, v *victim, b *Block) { b.Transactions = b.Transactions[1:] }),
		body("coinbase/two", ErrCoinbase, func(t *testing.T, v *victim, b *Block) {
			b.Transactions = append(b.Transactions, NewCoinbase(v.mallory.Address(), victimTime))
		}),
		body("coinbase/not first", ErrCoinbase, func(t *testing.T, v *victim, b *Block) { slices.Reverse(b.Transactions) }),
		coinbase("coinbase/pays more than the subsidy, 1001", ErrCoinbase, func(v *victim, tx *Transaction) { tx.Vouts[0].Value = Subsidy + 1 }),
		coinbase("coinbase/pays more than the subsidy, a million", ErrCoinbase, func(v *victim, tx *Transaction) { tx.Vouts[0].Value = 1e6 }),
		coinbase("coinbase/pays more than the subsidy, 1000 and 1", ErrCoinbase, func(v *victim, tx *Transaction) {
			tx.Vouts = append(tx.Vouts, TXOutput{1, v.mallory.Address()})
		}),
		coinbase("coinbase/pays more than the subsidy, thrice 500", ErrCoinbase, func(v *victim, tx *Transaction) {
			tx.Vouts = slices.Repeat([]TXOutput{{500, v.mallory.Address()}}, 3)
		}),
		coinbase("coinbase/pays 2000 and -1000", ErrCoinbase, func(v *victim, tx *Transaction) {
			tx.Vouts = []TXOutput{{2000, v.mallory.Address()}, {-1000, v.mallory.Address()}}
		}),
		coinbase("coinbase/pays -1000 and 2000", ErrCoinbase, func(v *victim, tx *Transaction) {
			tx.Vouts = []TXOutput{{-1000, v.mallory.Address()}, {2000, v.mallory.Address()}}
		}),
		coinbase("coinbase/pays twice 2^63-1", ErrCoinbase, func(v *victim, tx *Transaction) {
			tx.Vouts = slices.Repeat([]TXOutput{{math.MaxInt64, v.mallory.Address()}}, 2)
		}),
		coinbase("coinbase/pays 0", ErrValue, func(v *victim, tx *Transaction) { tx.Vouts[0].Value = 0 }),
		coinbase("coinbase/pays -1", ErrValue, func(v *victim, tx *Transaction) { tx.Vouts[0].Value = -1 }),
		coinbase("coinbase/pays nobody", ErrEmptyTx, func(v *victim, tx *Transaction) { tx.Vouts = nil }),
		coinbase("coinbase/pays to hello", ErrAddress, func(v *victim, tx *Transaction) { tx.Vouts[0].PubKeyHash = "hello" }),
		coinbase("coinbase/with a signature", ErrCoinbase, func(v *victim, tx *Transaction) {
			tx.Vins[0].Signature = v.tip.Transactions[1].Vins[0].Signature
		}),
		coinbase("coinbase/spends a coin too", ErrMalformed, func(v *victim, tx *Transaction) {
			tx.Vins = append(tx.Vins, v.tip.Transactions[1].Vins[0])
		}),
		coinbase("coinbase/index 0", ErrMalformed, func(v *victim, tx *Transaction) { tx.Vins[0].Vout = 0 }),
		coinbase("coinbase/with a txid to spend", ErrMalformed, func(v *victim, tx *Transaction) {
			tx.Vins[0].TxID = v.coins[1].TxID
		}),
		body("coinbase/txid of another", ErrTxID, func(t *testing.T, v *victim, b *Block) {
			b.Transactions[0].TxID = v.coins[0].TxID
		}),
		body("coinbase/repeats one that is unspent", ErrTxIDInUse, func(t *testing.T, v *victim, b *Block) {
			b.Transactions[0] = must(v.bc.BlockAt(1))(t).Transactions[0]
			b.Transactions = b.Transactions[:1]
		}),
		text("empty", ""), text("of 101 characters", strings.Repeat("7", 101)), text("with a quote", "it's"),
		text("with a double quote", `"`), text("with a backslash", `\`), text("not ASCII", "创世"),
		text("with a control character", "a\tb"), text("with DEL", "\x7f"),
	}
}

// coinbase is a dishonest block that differs from an honest one in its
// coinbase, whose txid fits.
func coinbase(name string, want error, edit func(v *victim, tx *Transaction)) dishonestBlock {
	return dishonestBlock{name, want, func(t *testing.T, v *victim, parent *Block) *Block {
		b := v.block(t, parent)
		edit(v, b.Transactions[0])
		b.Transactions[0].TxID = b.Transactions[0].ID()
		return seal(t, b)
	}}
}

// dishonestOrders are blocks of transactions that are honest one by one.
func dishonestOrders() []dishonestBlock {
	return []dishonestBlock{
		body("double spend/one coin twice", ErrSpent, func(t *testing.T, v *victim, b *Block) {
			b.Transactions = append(b.Transactions, pay(t, v.alice, v.alice.Address(), 7, v.coins[2]))
		}),
		body("double spend/a coin of the block twice", ErrSpent, func(t *testing.T, v *victim, b *Block) {
			for i := range int64(2) {
				b.Transactions = append(b.Transactions, pay(t, v.bob, v.alice.Address(), 1+i, coin(t, b.Transactions[1], 0)))
			}
		}),
		body("order/spends a coin of a later transaction", ErrNoCoin, func(t *testing.T, v *victim, b *Block) {
			b.Transactions = append(b.Transactions, pay(t, v.bob, v.alice.Address(), 1, coin(t, b.Transactions[1], 0)))
			slices.Reverse(b.Transactions[1:])
		}),
		body("order/spends a coin of a transaction that is not there", ErrNoCoin, func(t *testing.T, v *victim, b *Block) {
			b.Transactions[1] = pay(t, v.bob, v.alice.Address(), 1, coin(t, b.Transactions[1], 0))
		}),
		body("double spend/a transaction twice", ErrDuplicateTx, func(t *testing.T, v *victim, b *Block) {
			b.Transactions = append(b.Transactions, b.Transactions[1])
		}),
		body("coinbase/the same twice", ErrCoinbase, func(t *testing.T, v *victim, b *Block) {
			b.Transactions = append(b.Transactions, b.Transactions[0])
		}),
		body("merkle/last transaction repeated, with the same root", ErrDuplicateTx, func(t *testing.T, v *victim, b *Block) {
			b.Transactions = append(b.Transactions, pay(t, v.alice, v.bob.Address(), 7, v.coins[3]))
			seal(t, b)
			b.Transactions = append(b.Transactions, b.Transactions[2])
			if b.merkleRoot() != b.Header.HashMerkleRoot {
				t.Fatal("the roots differ")
			}
		}),
		body("double spend/a transaction of the chain again", ErrNoCoin, func(t *testing.T, v *victim, b *Block) {
			b.Transactions[1] = v.tip.Transactions[1]
		}),
	}
}

// A chain begins with an honest genesis block at height 0, or not at all. An
// empty Python node takes any first block; one that has a chain never compares
// genesis blocks, and can lose its own to another's.
func TestGenesisRules(t *testing.T) {
	t.Parallel()
	v := newVictim(t)
	genesis := func(edit func(b *Block)) func() json.RawMessage {
		return func() json.RawMessage {
			b := mine(t, nil, v.alice, 5)
			edit(b)
			return rawBlock(t, work(t, b))
		}
	}

	replace := func(old, text string) func() json.RawMessage {
		return func() json.RawMessage {
			raw := string(mine(t, nil, v.alice, 5).AppendJSON(nil))
			if !strings.Contains(raw, old) {
				t.Fatalf("no %s in %s", old, raw)
			}
			return json.RawMessage(strings.Replace(raw, old, text, 1))
		}
	}

	tests := []struct {
		name string
		want error
		raw  func() json.RawMessage
	}{
		{"nonce/is a number", ErrMalformed, replace(`"nonce": null`, `"nonce": 0`)},
		{"nonce/missing", ErrMalformed, replace(`, "nonce": null`, ``)},
		{"height/41, parent nonsense", ErrParent, func() json.RawMessage {
			b := mine(t, nil, v.alice, 5)
			b.Header.Height, b.Header.PrevBlockHash = 41, "nonsense"
			return rawBlock(t, work(t, b))
		}},
		{"height/1", ErrParent, func() json.RawMessage {
			b := mine(t, nil, v.alice, 5)
			b.Header.Height = 1
			return rawBlock(t, work(t, b))
		}},
		{"parent/there is one", ErrMalformed, genesis(func(b *Block) { b.Header.PrevBlockHash = v.tip.Header.Hash })},
		{"magic/0", ErrMagic, genesis(func(b *Block) { b.MagicNo = 0 })},
		{"timestamp/not a number", ErrTimestamp, genesis(func(b *Block) { b.Header.Timestamp = "now" })},
		{"coinbase/two", ErrCoinbase, genesis(func(b *Block) {
			b.Transactions = append(b.Transactions, NewCoinbase(v.mallory.Address(), victimTime))
			b.Header.HashMerkleRoot = b.merkleRoot()
		})},
		{"coinbase/pays more than the subsidy", ErrCoinbase, genesis(func(b *Block) {
			b.Transactions[0].Vouts[0].Value++
			b.Transactions[0].TxID = b.Transactions[0].ID()
			b.Header.HashMerkleRoot = b.merkleRoot()
		})},
		{"transaction/spends a coin of nowhere", ErrNoCoin, genesis(func(b *Block) {
			b.Transactions = append(b.Transactions, v.payment(t))
			b.Header.HashMerkleRoot = b.merkleRoot()
		})},
		{"merkle/root of nothing", ErrMerkleRoot, genesis(func(b *Block) { b.Header.HashMerkleRoot = strings.Repeat("0", 64) })},
		{"hash/too long", ErrHash, replace(`"hash": "`, `"hash": "f`)},
		{"size/no transactions", ErrNoTxs, genesis(func(b *Block) { b.Transactions = nil })},
	}

	empty := newChain(t)
	empty.now = v.bc.now
	before := bucketDump(t, empty)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if err := empty.AddBlocks(context.Background(), []json.RawMessage{test.raw()}); !errors.Is(err, test.want) {
				t.Errorf("error is %v, want %v", err, test.want)
			}
			if bucketDump(t, empty) != before {
				t.Error("a refused genesis block left a trace")
			}
		})
	}

	add(t, empty, mine(t, nil, v.alice, 5))
	v.refuses(t, ErrChainExists, v.state(t), raws(mine(t, nil, v.alice, 5))...) // another genesis block
}

// What is unusual, but breaks no rule, is accepted.
func TestHonestBlocks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		make func(t *testing.T, v *victim) *Block
	}{
		{"signature with a high s", func(t *testing.T, v *victim) *Block {
			tx := v.payment(t)
			raw, _ := hex.DecodeString(tx.Vins[0].Signature)
			s := new(big.Int).SetBytes(raw[32:])
			s.Sub(secp256k1.Params().N, s)
			tx.Vins[0].Signature = hex.EncodeToString(raw[:32]) + fmt.Sprintf("%064x", s)
			return mine(t, v.tip, v.alice, 3, tx)
		}},
		{"chain inside the block", func(t *testing.T, v *victim) *Block {
			txs := []*Transaction{v.payment(t)}
			for range 5 { // bob and alice by turns
				from, to := v.bob, v.alice
				if len(txs)%2 == 0 {
					from, to = to, from
				}
				txs = append(txs, pay(t, from, to.Address(), 1500, coin(t, txs[len(txs)-1], 0)))
			}
			return mine(t, v.tip, v.alice, 3, txs...)
		}},
		{"spends the block's own coinbase", func(t *testing.T, v *victim) *Block {
			b := mine(t, v.tip, v.alice, 3)
			b.Transactions = append(b.Transactions, pay(t, v.alice, v.bob.Address(), 1, reward(t, b)))
			return seal(t, b)
		}},
		{"burns coins", func(t *testing.T, v *victim) *Block {
			tx := v.payment(t)
			tx.Vouts = tx.Vouts[:1]
			tx.Sign(v.alice)
			return mine(t, v.tip, v.alice, 3, tx)
		}},
		{"coinbase takes less, in parts", func(t *testing.T, v *victim) *Block {
			b := mine(t, v.tip, v.alice, 3)
			b.Transactions[0].Vouts = slices.Repeat([]TXOutput{{1, v.bob.Address()}}, 999)
			b.Transactions[0].TxID = b.Transactions[0].ID()
			return seal(t, b)
		}},
		{"coinbase repeats one that is spent", func(t *testing.T, v *victim) *Block {
			b := mine(t, v.tip, v.alice, 3)
			b.Transactions[0] = mine(t, nil, v.alice, 0).Transactions[0]
			return seal(t, b)
		}},
		{"coinbase text of 100 characters", coinbaseText(strings.Repeat("!", 50) + strings.Repeat("~", 50))},
		{"coinbase text of 1", coinbaseText(" ")},
		{"coinbase text like HTML", coinbaseText("<b>&amp;{}[]%s%n$(x)")},
		{"timestamp of 2 h ahead", timestamp("1700010800")},
		{"timestamp 0", timestamp("0")},
		{"timestamp with 20 decimals", timestamp("1700000000." + strings.Repeat("9", 20))},
		{"1 MiB to the byte", func(t *testing.T, v *victim) *Block { return sized(t, v, v.tip, maxBlockBytes) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			v := newVictim(t)
			b := test.make(t, v)
			add(t, v.bc, b)
			wantTip(t, v.bc, b)
		})
	}
}

func coinbaseText(text string) func(t *testing.T, v *victim) *Block {
	return func(t *testing.T, v *victim) *Block {
		b := mine(t, v.tip, v.alice, 3)
		b.Transactions[0].Vins[0].PubKey = text
		b.Transactions[0].TxID = b.Transactions[0].ID()
		return seal(t, b)
	}
}

func timestamp(text string) func(t *testing.T, v *victim) *Block {
	return func(t *testing.T, v *victim) *Block {
		b := mine(t, v.tip, v.alice, 3)
		b.Header.Timestamp = text
		return work(t, b)
	}
}

// A forger who repeats a block's last transaction makes a list of the same
// Merkle root and a block of the same hash (CVE-2012-2459 of Bitcoin). That it
// was refused must not be held against the honest block.
func TestHonestBlockAfterItsForgery(t *testing.T) {
	v := newVictim(t)
	honest := mine(t, v.tip, v.alice, 3, v.payment(t), pay(t, v.alice, v.bob.Address(), 7, v.coins[3]))
	forgery := *honest
	forgery.Transactions = append(honest.Transactions[:3:3], honest.Transactions[2])
	if forgery.merkleRoot() != honest.Header.HashMerkleRoot {
		t.Fatal("the roots differ")
	}
	v.refuses(t, ErrDuplicateTx, v.state(t), raws(&forgery)...)
	add(t, v.bc, honest)

	if tip := tipOf(t, v.bc); len(tip.Transactions) != 3 {
		t.Errorf("the tip has %d transactions, want 3", len(tip.Transactions))
	}
}

// The forms of Python's str(time.time()).
func TestTimeText(t *testing.T) {
	tests := []struct {
		ns   int64
		want string
	}{
		{1551347915327129400, "1551347915.3271294"},
		{1700000012000000000, "1700000012.0"},
		{1700000119700000000, "1700000119.7"},
		{1700000022823188000, "1700000022.823188"},
	}
	for _, tt := range tests {
		got := timeText(time.Unix(0, tt.ns))
		if got != tt.want {
			t.Errorf("timeText(%d) = %s, want %s", tt.ns, got, tt.want)
		}
		if err := checkTimestamp(got, time.Unix(0, tt.ns)); err != nil {
			t.Error(err)
		}
	}
}

// Only a timestamp ahead of the clock may turn valid.
func TestTimestampAhead(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	for text, want := range map[string]bool{"1700007201": true, "999999999999": true, "now": false, "1700007200": false} {
		if err := checkTimestamp(text, now); errors.Is(err, network.ErrNotYet) != want {
			t.Errorf("%s: %v, not yet should be %t", text, err, want)
		}
	}
}

// victimTime is the clock of a victim, an hour after its last block.
var victimTime = time.Unix(1_700_003_600, 0)

// A victim is a chain and a pool at which dishonest blocks are thrown. It is
// twenty blocks high; beside the last stands a rival with the same payments,
// so that a block on top of either would become the tip.
type victim struct {
	bc                  *Blockchain
	pool                *TxPool // holds one payment
	alice, bob, mallory *Wallet
	tip, rival          *Block
	coins               []Coin  // alice's, 1000 each; the first is spent, the last is by the pool
	noKeys              [3]Coin // pay to what hashes like a key, but is none: see noKeys
	bobs                Coin    // 100
}

func newVictim(t testing.TB) *victim {
	t.Helper()
	v := &victim{bc: newChain(t), alice: testWallet(t, 0), bob: testWallet(t, 1), mallory: testWallet(t, 2)}
	v.bc.now = func() time.Time { return victimTime }
	v.pool = newPool(t, v.bc)

	chain := mineChain(t, nil, v.alice, 0, 19)
	for _, b := range chain {
		v.coins = append(v.coins, reward(t, b))
	}

	// The twentieth block: alice pays bob, and three who have no key.
	tx := pay(t, v.alice, v.bob.Address(), 100, v.coins[0])
	for _, key := range noKeys(v.bob) {
		tx.Vouts = append(tx.Vouts, TXOutput{100, hash160(key).Address()})
	}
	tx.Vouts[1].Value -= 300
	tx.Sign(v.alice)
	v.tip, v.rival = mine(t, chain[18], v.alice, 1, tx), mine(t, chain[18], v.alice, 2, tx)
	add(t, v.bc, append(chain, v.tip)...)
	add(t, v.bc, v.rival)
	v.bobs = coin(t, tx, 0)
	for i := range v.noKeys {
		v.noKeys[i] = coin(t, tx, 2+i)
	}

	if err := v.pool.Add(context.Background(), pay(t, v.alice, v.bob.Address(), 5, v.coins[18]), false); err != nil {
		t.Fatal(err)
	}
	return v
}

// payment returns an honest transaction: alice pays 1500 to bob with two
// coins, and has 500 back.
func (v *victim) payment(t testing.TB) *Transaction {
	return pay(t, v.alice, v.bob.Address(), 1500, v.coins[1], v.coins[2])
}

// block returns an honest block on top of parent, with that payment in it.
func (v *victim) block(t testing.TB, parent *Block) *Block {
	return mine(t, parent, v.alice, 3, v.payment(t))
}

// state is all that a refused block must leave as it is, byte for byte.
func (v *victim) state(t testing.TB) string {
	s := bucketDump(t, v.bc)
	for _, tx := range v.pool.Transactions() {
		s += string(tx.AppendJSON(nil)) + "\n"
	}
	return s
}

// refuses offers blocks, and checks that the error is the one wanted, of a
// readable length, and that nothing has changed.
func (v *victim) refuses(t *testing.T, want error, before string, raws ...json.RawMessage) {
	t.Helper()
	v.refused(t, v.bc.AddBlocks(context.Background(), raws), want, before)
}

func (v *victim) refused(t *testing.T, err, want error, before string) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("error is %.500v, want %v", err, want)
	}
	if err != nil && len(err.Error()) > 1000 {
		t.Errorf("error is %d bytes long", len(err.Error()))
	}
	if v.state(t) != before {
		t.Error("a refused block left a trace")
	}
}
