package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"math/big"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/boltdb/bolt"
	"github.com/btcsuite/btcutil/base58"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"
)

// victimTime is the clock of a victim, an hour after its last block.
var victimTime = time.Unix(1_700_003_600, 0)

// A victim is a chain and a pool at which dishonest blocks are thrown. It is
// twenty blocks high; beside the last stands a rival with the same payments,
// so that a block on top of either would become the tip.
type victim struct {
	bc                  *Blockchain
	pool                *TxPool
	alice, bob, mallory *Wallet
	tip, rival          *Block
	coins               []Coin  // alice's, 1000 each; the first is spent
	noKeys              [3]Coin // pay to what hashes like a key, but is none: see noKeys
	bobs                Coin    // 100
}

// noKeys returns 64 bytes each that are not a point of the curve: off it by
// one bit, all zeros, and a point's X written as X + p, which is the same
// number modulo p.
func noKeys(w *Wallet) (keys [3][]byte) {
	keys[0] = slices.Clone(w.pubKey)
	keys[0][63] ^= 1
	keys[1] = make([]byte, 64)
	x, y := new(secp256k1.FieldVal).SetInt(1), new(secp256k1.FieldVal)
	secp256k1.DecompressY(x, false, y)
	key := secp256k1.NewPublicKey(x, y.Normalize()).SerializeUncompressed()[1:]
	p := secp256k1.Params().P
	keys[2] = append(new(big.Int).Add(p, big.NewInt(1)).FillBytes(make([]byte, 32)), key[32:]...)
	return keys
}

func newVictim(t testing.TB) *victim {
	t.Helper()
	wallets, err := OpenWallets(filepath.Join(t.TempDir(), "wallet.dat"))
	if err != nil {
		t.Fatal(err)
	}
	v := &victim{
		bc: newChain(t), alice: testWallet(t, 0), bob: testWallet(t, 1), mallory: testWallet(t, 2),
	}
	v.bc.now = func() time.Time { return victimTime }
	v.pool = NewTxPool(v.bc, wallets, 2, 0, false, slog.New(slog.NewTextHandler(io.Discard, nil)))
	var chain []*Block
	for range 19 {
		v.tip = mine(t, v.tip, v.alice, 0)
		v.coins = append(v.coins, coin(t, v.tip.Transactions[0], 0))
		chain = append(chain, v.tip)
	}
	tx := pay(t, v.alice, v.bob.Address(), 100, v.coins[0])
	for _, key := range noKeys(v.bob) {
		tx.Vouts = append(tx.Vouts, TXOutput{100, hash160(key).Address()})
	}
	tx.Vouts[1].Value -= 300
	tx.Sign(v.alice)
	v.tip, v.rival = mine(t, v.tip, v.alice, 1, tx), mine(t, v.tip, v.alice, 2, tx)
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

// bucketDump returns every key and value of the chain's file, save the block
// headers of bolt's own.
func bucketDump(t testing.TB, bc *Blockchain) string {
	t.Helper()
	var s strings.Builder
	err := bc.db.View(func(tx *bolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bolt.Bucket) error {
			fmt.Fprintf(&s, "%s %d\n", name, b.Sequence())
			return b.ForEach(func(k, v []byte) error {
				fmt.Fprintf(&s, "%x %x\n", k, v)
				return nil
			})
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return s.String()
}

// state is all that a refused block must leave as it is, byte for byte.
func (v *victim) state(t testing.TB) string {
	s := bucketDump(t, v.bc)
	for _, tx := range v.pool.Transactions() {
		s += string(tx.AppendJSON(nil)) + "\n"
	}
	return s
}

// A wireBlock is a block as a liar's program writes it: any text passes.
type wireBlock struct {
	MagicNo      int64      `json:"magic_no"`
	Header       wireHeader `json:"block_header"`
	Transactions []wireTx   `json:"transactions"`
}

type wireHeader struct {
	Timestamp      string `json:"timestamp"`
	PrevBlockHash  string `json:"prev_block_hash"`
	Hash           string `json:"hash"`
	HashMerkleRoot string `json:"hash_merkle_root"`
	Height         int    `json:"height"`
	Nonce          *int64 `json:"nonce"`
}

type wireTx struct {
	TxID  string       `json:"txid"`
	Vins  []wireInput  `json:"vins"`
	Vouts []wireOutput `json:"vouts"`
}

type wireInput struct {
	TxID      string `json:"txid"`
	Vout      int    `json:"vout"`
	Signature string `json:"signature"`
	PubKey    string `json:"pub_key"`
}

type wireOutput struct {
	Value      int64  `json:"value"`
	PubKeyHash string `json:"pub_key_hash"`
}

func marshal(t testing.TB, v any) json.RawMessage {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func toWire(tx *Transaction) wireTx {
	w := wireTx{tx.TxID, []wireInput{}, []wireOutput{}}
	for _, in := range tx.Vins {
		w.Vins = append(w.Vins, wireInput(in))
	}
	for _, out := range tx.Vouts {
		w.Vouts = append(w.Vouts, wireOutput(out))
	}
	return w
}

func rawTx(t testing.TB, tx *Transaction) json.RawMessage { return marshal(t, toWire(tx)) }

func rawBlock(t testing.TB, b *Block) json.RawMessage {
	w := wireBlock{MagicNo: b.MagicNo, Transactions: []wireTx{}}
	w.Header = wireHeader{b.Header.Timestamp, b.Header.PrevBlockHash, b.Header.Hash, b.Header.HashMerkleRoot, b.Header.Height, nil}
	if b.Header.Height != 0 {
		w.Header.Nonce = &b.Header.Nonce
	}
	for _, tx := range b.Transactions {
		w.Transactions = append(w.Transactions, toWire(tx))
	}
	return marshal(t, w)
}

// work does the proof of work of a block's header as it stands.
func work(t testing.TB, b *Block) *Block {
	t.Helper()
	if b.Header.Height == 0 {
		b.Header.Hash = b.Header.hash()
	} else if err := (ProofOfWork{&b.Header}).Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	return b
}

// seal makes a block's header fit its transactions, and does the work.
func seal(t testing.TB, b *Block) *Block {
	t.Helper()
	b.Header.HashMerkleRoot = b.merkleRoot()
	return work(t, b)
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

type dishonestBlock struct {
	name string
	want error
	make func(t *testing.T, v *victim, parent *Block) *Block
}

// header is a dishonest block that differs from an honest one in its header,
// and has the work for it.
func header(name string, want error, edit func(h *BlockHeader)) dishonestBlock {
	return dishonestBlock{name, want, func(t *testing.T, v *victim, parent *Block) *Block {
		b := mine(t, parent, v.alice, 3, v.payment(t))
		edit(&b.Header)
		return work(t, b)
	}}
}

// coinbase is a dishonest block that differs from an honest one in its
// coinbase, whose txid fits.
func coinbase(name string, want error, edit func(v *victim, tx *Transaction)) dishonestBlock {
	return dishonestBlock{name, want, func(t *testing.T, v *victim, parent *Block) *Block {
		b := mine(t, parent, v.alice, 3, v.payment(t))
		edit(v, b.Transactions[0])
		b.Transactions[0].TxID = b.Transactions[0].ID()
		return seal(t, b)
	}}
}

// timestamps that are not what Python's str(time.time()) can print, or lie
// ahead.
var badTimestamps = []string{
	"", "yesterday", "NaN", "inf", "1e9", "1.7e9", "+1700000000.5", "-1700000000.5", ".5", "1700000000.", ".",
	"1700000000.5.5", "0x65554000", "1_700_000_000", "1700000000,5", " 1700000000", "1700000000\n", "1700000000\x00",
	"١٧٠٠٠٠٠٠٠٠", "1700000000'", `1700000000"`, "1700000000." + strings.Repeat("0", 21), "0000001700000000", "0001700000000",
	"1700010801", "1700010800.0001", "999999999999",
}

// B7, B8, B9, B11, B12, B13 and the double spends of B4, inside a block.
func dishonestBlocks() []dishonestBlock {
	blocks := []dishonestBlock{
		{"magic number", ErrMagic, func(t *testing.T, v *victim, parent *Block) *Block {
			b := mine(t, parent, v.alice, 3, v.payment(t))
			b.MagicNo++
			return b
		}},
		header("height too low", ErrParent, func(h *BlockHeader) { h.Height-- }),
		header("height too high", ErrParent, func(h *BlockHeader) { h.Height++ }),
		header("height negative", ErrParent, func(h *BlockHeader) { h.Height = -h.Height }),
		header("height at the end of int", ErrParent, func(h *BlockHeader) { h.Height = math.MaxInt32 }),
		{"height shifted into the nonce", ErrParent, shiftedHeight},
		header("parent unknown", ErrParent, func(h *BlockHeader) { h.PrevBlockHash = strings.Repeat("ab", 32) }),
		{"parent is the grandparent", ErrParent, func(t *testing.T, v *victim, parent *Block) *Block {
			b := mine(t, parent, v.alice, 3, v.payment(t))
			b.Header.PrevBlockHash = parent.Header.PrevBlockHash
			return work(t, b)
		}},
		header("parent missing", ErrParent, func(h *BlockHeader) { h.PrevBlockHash = "" }),
		header("parent in upper case", ErrParent, func(h *BlockHeader) { h.PrevBlockHash = strings.ToUpper(h.PrevBlockHash) }),
		header("parent short", ErrParent, func(h *BlockHeader) { h.PrevBlockHash = h.PrevBlockHash[:62] }),
		header("parent long", ErrParent, func(h *BlockHeader) { h.PrevBlockHash += "00" }),
		header("parent with a space", ErrParent, func(h *BlockHeader) { h.PrevBlockHash = " " + h.PrevBlockHash[1:] }),
		header("root of other transactions", ErrMerkleRoot, func(h *BlockHeader) { h.HashMerkleRoot = strings.Repeat("ab", 32) }),
		header("root in upper case", ErrMalformed, func(h *BlockHeader) { h.HashMerkleRoot = strings.ToUpper(h.HashMerkleRoot) }),
		header("root short", ErrMalformed, func(h *BlockHeader) { h.HashMerkleRoot = h.HashMerkleRoot[2:] }),
		header("root missing", ErrMalformed, func(h *BlockHeader) { h.HashMerkleRoot = "" }),
		header("root with spaces", ErrMalformed, func(h *BlockHeader) { h.HashMerkleRoot = h.HashMerkleRoot[:60] + "    " }),
		unworked("hash is a name", ErrHash, func(h *BlockHeader) { h.Hash = "deadbeef" }),
		unworked("hash of another header", ErrHash, func(h *BlockHeader) { h.Hash = strings.Repeat("ab", 32) }),
		unworked("hash is the work's", ErrHash, func(h *BlockHeader) {
			h.Hash = sha256Hex(append(ProofOfWork{h}.text(), h.nonceText()...))
		}),
		unworked("hash in upper case", ErrHash, func(h *BlockHeader) { h.Hash = strings.ToUpper(h.Hash) }),
		unworked("hash short", ErrHash, func(h *BlockHeader) { h.Hash = h.Hash[:63] }),
		unworked("hash with a space", ErrHash, func(h *BlockHeader) { h.Hash += " " }),
		unworked("hash missing", ErrHash, func(h *BlockHeader) { h.Hash = "" }),
		unworked("no work", ErrWork, func(h *BlockHeader) {
			for ; (ProofOfWork{h}).Valid(); h.Nonce++ {
			}
			h.Hash = h.hash()
		}),
		unworked("nonce negative", ErrMalformed, func(h *BlockHeader) {
			for h.Nonce = -1; !(ProofOfWork{h}).Valid(); h.Nonce-- {
			}
			h.Hash = h.hash()
		}),
		body("no transactions", ErrNoTxs, func(t *testing.T, v *victim, b *Block) {
			b.Transactions = nil
			b.Header.HashMerkleRoot = strings.Repeat("0", 64)
			work(t, b)
		}),
		body("more than 10,000 transactions", ErrBlockSize, func(t *testing.T, v *victim, b *Block) {
			for len(b.Transactions) <= maxTxs {
				b.Transactions = append(b.Transactions, b.Transactions[0]) // the smallest that there is
			}
		}),
		{"one byte above 1 MiB", ErrBlockSize, func(t *testing.T, v *victim, parent *Block) *Block {
			return sized(t, v, parent, maxBlock+1)
		}},
		body("transactions swapped for others", ErrMerkleRoot, func(t *testing.T, v *victim, b *Block) {
			b.Transactions[1] = pay(t, v.alice, v.bob.Address(), 900, v.coins[1])
			b.Header.HashMerkleRoot = mine(t, nil, v.alice, 0, v.payment(t)).Header.HashMerkleRoot
			work(t, b)
		}),
	}
	for _, s := range badTimestamps {
		blocks = append(blocks, header(fmt.Sprintf("timestamp %.30q", s), ErrTimestamp, func(h *BlockHeader) { h.Timestamp = s }))
	}
	return slices.Concat(blocks, dishonestCoinbases(), dishonestOrders())
}

// unworked is a dishonest block whose header is edited after the work is done.
func unworked(name string, want error, edit func(h *BlockHeader)) dishonestBlock {
	return dishonestBlock{name, want, func(t *testing.T, v *victim, parent *Block) *Block {
		b := mine(t, parent, v.alice, 3, v.payment(t))
		edit(&b.Header)
		return b
	}}
}

// body is a dishonest block with other transactions than an honest one; what
// edit does not seal is sealed.
func body(name string, want error, edit func(t *testing.T, v *victim, b *Block)) dishonestBlock {
	return dishonestBlock{name, want, func(t *testing.T, v *victim, parent *Block) *Block {
		b := mine(t, parent, v.alice, 3, v.payment(t))
		root := b.Header.HashMerkleRoot
		edit(t, v, b)
		if b.Header.HashMerkleRoot == root {
			seal(t, b)
		}
		return b
	}}
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
	to := TXOutput{1, v.bob.Address()}
	each := len(`{"value": 1, "pub_key_hash": ""}, `) + len(to.PubKeyHash)
	for i := 1; left() > 2000; i++ { // one transaction a coin, its last output takes what the others leave
		tx := &Transaction{Vins: []TXInput{{TxID: v.coins[i].TxID}}}
		n := min(1000, (left()-1000)/each)
		tx.Vouts = slices.Repeat([]TXOutput{to}, n)
		tx.Sign(v.alice)
		b.Transactions = append(b.Transactions, tx)
	}
	last := b.Transactions[len(b.Transactions)-1]
	text := &b.Transactions[0].Vins[0].PubKey
	for left()+len(*text) > 100 {
		last.Vouts = append(last.Vouts, to)
		last.Sign(v.alice)
	}
	n := left() + len(*text) // with a nonce of one digit, as it is now
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
		return coinbase("coinbase text "+name, ErrCoinbase, func(v *victim, tx *Transaction) { tx.Vins[0].PubKey = s })
	}
	return []dishonestBlock{
		body("no coinbase", ErrCoinbase, func(t *testing.T, v *victim, b *Block) { b.Transactions = b.Transactions[1:] }),
		body("two coinbases", ErrCoinbase, func(t *testing.T, v *victim, b *Block) {
			b.Transactions = append(b.Transactions, NewCoinbase(v.mallory.Address(), victimTime))
		}),
		body("coinbase not first", ErrCoinbase, func(t *testing.T, v *victim, b *Block) { slices.Reverse(b.Transactions) }),
		coinbase("coinbase pays 1001", ErrCoinbase, func(v *victim, tx *Transaction) { tx.Vouts[0].Value = Subsidy + 1 }),
		coinbase("coinbase pays a million", ErrCoinbase, func(v *victim, tx *Transaction) { tx.Vouts[0].Value = 1e6 }),
		coinbase("coinbase pays 1000 and 1", ErrCoinbase, func(v *victim, tx *Transaction) {
			tx.Vouts = append(tx.Vouts, TXOutput{1, v.mallory.Address()})
		}),
		coinbase("coinbase pays thrice 500", ErrCoinbase, func(v *victim, tx *Transaction) {
			tx.Vouts = slices.Repeat([]TXOutput{{500, v.mallory.Address()}}, 3)
		}),
		coinbase("coinbase pays 2000 and -1000", ErrCoinbase, func(v *victim, tx *Transaction) {
			tx.Vouts = []TXOutput{{2000, v.mallory.Address()}, {-1000, v.mallory.Address()}}
		}),
		coinbase("coinbase pays -1000 and 2000", ErrCoinbase, func(v *victim, tx *Transaction) {
			tx.Vouts = []TXOutput{{-1000, v.mallory.Address()}, {2000, v.mallory.Address()}}
		}),
		coinbase("coinbase pays twice 2^63-1", ErrCoinbase, func(v *victim, tx *Transaction) {
			tx.Vouts = slices.Repeat([]TXOutput{{math.MaxInt64, v.mallory.Address()}}, 2)
		}),
		coinbase("coinbase pays 0", ErrValue, func(v *victim, tx *Transaction) { tx.Vouts[0].Value = 0 }),
		coinbase("coinbase pays -1", ErrValue, func(v *victim, tx *Transaction) { tx.Vouts[0].Value = -1 }),
		coinbase("coinbase pays nobody", ErrEmptyTx, func(v *victim, tx *Transaction) { tx.Vouts = nil }),
		coinbase("coinbase pays to hello", ErrAddress, func(v *victim, tx *Transaction) { tx.Vouts[0].PubKeyHash = "hello" }),
		coinbase("coinbase with a signature", ErrCoinbase, func(v *victim, tx *Transaction) {
			tx.Vins[0].Signature = v.tip.Transactions[1].Vins[0].Signature
		}),
		coinbase("coinbase spends a coin too", ErrMalformed, func(v *victim, tx *Transaction) {
			tx.Vins = append(tx.Vins, v.tip.Transactions[1].Vins[0])
		}),
		coinbase("coinbase index 0", ErrMalformed, func(v *victim, tx *Transaction) { tx.Vins[0].Vout = 0 }),
		coinbase("coinbase with a txid to spend", ErrMalformed, func(v *victim, tx *Transaction) {
			tx.Vins[0].TxID = v.coins[1].TxID
		}),
		body("coinbase txid of another", ErrTxID, func(t *testing.T, v *victim, b *Block) {
			b.Transactions[0].TxID = v.coins[0].TxID
		}),
		body("coinbase repeats one that is unspent", ErrTxIDInUse, func(t *testing.T, v *victim, b *Block) {
			second, err := v.bc.BlockAt(1)
			if err != nil {
				t.Fatal(err)
			}
			b.Transactions[0] = second.Transactions[0]
			b.Transactions = b.Transactions[:1]
		}),
		text("empty", ""), text("of 101 characters", strings.Repeat("7", 101)), text("with a quote", "it's"),
		text("with a double quote", `"`), text("with a backslash", `\`), text("not ASCII", "创世"),
		text("with a control character", "a\tb"), text("with DEL", "\x7f"),
	}
}

// dishonestOrders are blocks of transactions that are honest one by one.
func dishonestOrders() []dishonestBlock {
	return []dishonestBlock{
		body("one coin spent twice", ErrSpent, func(t *testing.T, v *victim, b *Block) {
			b.Transactions = append(b.Transactions, pay(t, v.alice, v.alice.Address(), 7, v.coins[2]))
		}),
		body("a coin of the block spent twice", ErrSpent, func(t *testing.T, v *victim, b *Block) {
			for i := range int64(2) {
				b.Transactions = append(b.Transactions, pay(t, v.bob, v.alice.Address(), 1+i, coin(t, b.Transactions[1], 0)))
			}
		}),
		body("a coin of a later transaction", ErrNoCoin, func(t *testing.T, v *victim, b *Block) {
			b.Transactions = append(b.Transactions, pay(t, v.bob, v.alice.Address(), 1, coin(t, b.Transactions[1], 0)))
			slices.Reverse(b.Transactions[1:])
		}),
		body("a coin of a transaction that is not there", ErrNoCoin, func(t *testing.T, v *victim, b *Block) {
			b.Transactions[1] = pay(t, v.bob, v.alice.Address(), 1, coin(t, b.Transactions[1], 0))
		}),
		body("a transaction twice", ErrDuplicateTx, func(t *testing.T, v *victim, b *Block) {
			b.Transactions = append(b.Transactions, b.Transactions[1])
		}),
		body("the coinbase twice", ErrCoinbase, func(t *testing.T, v *victim, b *Block) {
			b.Transactions = append(b.Transactions, b.Transactions[0])
		}),
		body("the last transaction repeated, with the same Merkle root", ErrDuplicateTx, func(t *testing.T, v *victim, b *Block) {
			b.Transactions = append(b.Transactions, pay(t, v.alice, v.bob.Address(), 7, v.coins[3]))
			seal(t, b)
			b.Transactions = append(b.Transactions, b.Transactions[2])
			if b.merkleRoot() != b.Header.HashMerkleRoot {
				t.Fatal("the roots differ")
			}
		}),
		body("a transaction of the chain again", ErrNoCoin, func(t *testing.T, v *victim, b *Block) {
			b.Transactions[1] = v.tip.Transactions[1]
		}),
	}
}

type dishonestTx struct {
	name string
	want error
	make func(t *testing.T, v *victim) *Transaction
}

// edited is a dishonest transaction: an honest one, edited and then signed by
// the owner of the coins.
func edited(name string, want error, edit func(v *victim, tx *Transaction)) dishonestTx {
	return dishonestTx{name, want, func(t *testing.T, v *victim) *Transaction {
		tx := v.payment(t)
		edit(v, tx)
		tx.Sign(v.alice)
		return tx
	}}
}

// forged is a dishonest transaction that is edited after it was signed; its
// txid fits.
func forged(name string, want error, edit func(v *victim, tx *Transaction)) dishonestTx {
	return dishonestTx{name, want, func(t *testing.T, v *victim) *Transaction {
		tx := v.payment(t)
		edit(v, tx)
		tx.TxID = tx.ID()
		return tx
	}}
}

// signature is a dishonest transaction with another signature of input 0,
// which edit gets as two numbers.
func signature(name string, edit func(r, s *big.Int)) dishonestTx {
	return forged("signature "+name, ErrSignature, func(v *victim, tx *Transaction) {
		raw, _ := hex.DecodeString(tx.Vins[0].Signature)
		r, s := new(big.Int).SetBytes(raw[:32]), new(big.Int).SetBytes(raw[32:])
		edit(r, s)
		tx.Vins[0].Signature = fmt.Sprintf("%064x%064x", r, s)
	})
}

// B1, B2, B3, B4, B42.
func dishonestTxs() []dishonestTx {
	value := func(name string, values ...int64) dishonestTx {
		return edited("value "+name, ErrValue, func(v *victim, tx *Transaction) {
			tx.Vouts = nil
			for _, value := range values {
				tx.Vouts = append(tx.Vouts, TXOutput{value, v.bob.Address()})
			}
		})
	}
	spends := func(name string, want error, o func(v *victim) OutPoint) dishonestTx {
		return edited("spends "+name, want, func(v *victim, tx *Transaction) {
			tx.Vins[0].TxID, tx.Vins[0].Vout = o(v).TxID, o(v).Vout
		})
	}
	vout := func(n int) func(v *victim) OutPoint {
		return func(v *victim) OutPoint { return OutPoint{v.coins[1].TxID, n} }
	}
	n := secp256k1.Params().N
	txs := []dishonestTx{
		edited("no inputs", ErrEmptyTx, func(v *victim, tx *Transaction) { tx.Vins = nil }),
		edited("no outputs", ErrEmptyTx, func(v *victim, tx *Transaction) { tx.Vouts = nil }),
		value("0", 0), value("0 beside another", 2000, 0), value("-500", -500), value("-500 beside another", 2500, -500),
		value("21·10^12 + 1", 21e12+1), value("2^63-1", math.MaxInt64), value("-2^63", math.MinInt64),
		value("2^63-1 twice, which wraps to -2", math.MaxInt64, math.MaxInt64),
		value("2^62 four times and 2000, which wraps to 2000", 1<<62, 1<<62, 1<<62, 1<<62, 2000),
		edited("outputs exceed inputs by 1", ErrOverspend, func(v *victim, tx *Transaction) { tx.Vouts[1].Value++ }),
		edited("outputs exceed inputs by far", ErrOverspend, func(v *victim, tx *Transaction) { tx.Vouts[0].Value = maxValue }),
		spends("index -1", ErrMalformed, vout(-1)), spends("index -2^31", ErrMalformed, vout(math.MinInt32)),
		spends("index beyond the outputs", ErrNoCoin, vout(1)), spends("index 2^31-1", ErrNoCoin, vout(math.MaxInt32)),
		spends("a coin that never was", ErrNoCoin, func(v *victim) OutPoint { return OutPoint{strings.Repeat("ab", 32), 0} }),
		spends("a block as if it were a transaction", ErrNoCoin, func(v *victim) OutPoint { return OutPoint{v.tip.Header.Hash, 0} }),
		spends("a coin of an earlier block again", ErrNoCoin, func(v *victim) OutPoint { return v.coins[0].OutPoint }),
		spends("a coin of the pool only", ErrNoCoin, func(v *victim) OutPoint { return OutPoint{v.pool.Transactions()[0].TxID, 1} }),
		spends("one coin twice", ErrDuplicateInput, func(v *victim) OutPoint { return v.coins[2].OutPoint }),
		spends("another's coin, with his own key", ErrNotOwner, func(v *victim) OutPoint { return v.bobs.OutPoint }),
		{"txid flipped", ErrTxID, func(t *testing.T, v *victim) *Transaction {
			tx := v.payment(t)
			tx.TxID = strings.Repeat("0", 63) + "1"
			return tx
		}},
		{"txid of another", ErrTxID, func(t *testing.T, v *victim) *Transaction {
			tx := v.payment(t)
			tx.TxID = v.tip.Transactions[1].TxID
			return tx
		}},
		{"thief signs with his own key", ErrNotOwner, func(t *testing.T, v *victim) *Transaction {
			tx := v.payment(t)
			tx.Vouts = []TXOutput{{2000, v.mallory.Address()}}
			tx.Sign(v.mallory)
			return tx
		}},
		{"thief shows the owner's key", ErrSignature, func(t *testing.T, v *victim) *Transaction {
			tx := v.payment(t)
			tx.Vouts = []TXOutput{{2000, v.mallory.Address()}}
			tx.Sign(v.mallory)
			for i := range tx.Vins {
				tx.Vins[i].PubKey = v.alice.PublicKey()
			}
			for i := range tx.Vins {
				digest := tx.digest(i, v.alice.Address())
				tx.Vins[i].Signature = v.mallory.sign(digest[:])
			}
			tx.TxID = tx.ID()
			return tx
		}},
		forged("signature over other outputs", ErrSignature, func(v *victim, tx *Transaction) {
			tx.Vouts[0].PubKeyHash = v.mallory.Address()
		}),
		forged("signature over other values", ErrSignature, func(v *victim, tx *Transaction) { tx.Vouts[0].Value-- }),
		forged("signature over more outputs", ErrSignature, func(v *victim, tx *Transaction) { tx.Vouts = tx.Vouts[:1] }),
		forged("signature over another input", ErrSignature, func(v *victim, tx *Transaction) {
			tx.Vins[0].TxID = v.coins[3].TxID
		}),
		forged("signature of the other input", ErrSignature, func(v *victim, tx *Transaction) {
			tx.Vins[0].Signature, tx.Vins[1].Signature = tx.Vins[1].Signature, tx.Vins[0].Signature
		}),
		forged("signature of the first input twice", ErrSignature, func(v *victim, tx *Transaction) {
			tx.Vins[1].Signature = tx.Vins[0].Signature
		}),
		forged("inputs swapped", ErrSignature, func(v *victim, tx *Transaction) { slices.Reverse(tx.Vins) }),
		signature("all zeros", func(r, s *big.Int) { r.SetInt64(0); s.SetInt64(0) }),
		signature("r = 0", func(r, s *big.Int) { r.SetInt64(0) }),
		signature("s = 0", func(r, s *big.Int) { s.SetInt64(0) }),
		signature("r = s = 1", func(r, s *big.Int) { r.SetInt64(1); s.SetInt64(1) }),
		signature("r = n", func(r, s *big.Int) { r.Set(n) }),
		signature("s = n", func(r, s *big.Int) { s.Set(n) }),
		signature("s = 2^256-1", func(r, s *big.Int) { s.Lsh(big.NewInt(1), 256).Sub(s, big.NewInt(1)) }),
		signature("r negated", func(r, s *big.Int) { r.Sub(n, r) }),
		signature("r and s swapped", func(r, s *big.Int) { *r, *s = *s, *r }),
	}
	if one := 1; strconv.IntSize == 64 { // elsewhere these do not decode
		txs = append(txs, spends("index 2^31", ErrMalformed, vout(one<<31)), spends("index 2^63-1", ErrMalformed, vout(math.MaxInt)),
			spends("index 2^32, which wraps to 0", ErrMalformed, vout(one<<32)))
	}
	for _, bit := range []int{0, 1, 100, 255} {
		flip := func(x *big.Int) { x.SetBit(x, bit, 1-x.Bit(bit)) }
		txs = append(txs, signature(fmt.Sprintf("r with bit %d flipped", bit), func(r, s *big.Int) { flip(r) }),
			signature(fmt.Sprintf("s with bit %d flipped", bit), func(r, s *big.Int) { flip(s) }))
	}
	for i, name := range []string{"off the curve", "all zeros", "with X above the field"} {
		txs = append(txs, dishonestTx{"key " + name, ErrPubKey, func(t *testing.T, v *victim) *Transaction {
			tx := pay(t, v.alice, v.bob.Address(), 50, v.noKeys[i])
			tx.Vins[0].PubKey = hex.EncodeToString(noKeys(v.bob)[i])
			tx.TxID = tx.ID()
			return tx
		}})
	}
	return slices.Concat(txs, dishonestHex(), dishonestAddresses())
}

// dishonestHex spoils each hex field of a transaction in each way.
func dishonestHex() (txs []dishonestTx) {
	fields := []struct {
		name string
		of   func(tx *Transaction) *string
	}{
		{"txid", func(tx *Transaction) *string { return &tx.TxID }},
		{"input's txid", func(tx *Transaction) *string { return &tx.Vins[1].TxID }},
		{"signature", func(tx *Transaction) *string { return &tx.Vins[1].Signature }},
		{"key", func(tx *Transaction) *string { return &tx.Vins[1].PubKey }},
	}
	spoils := []struct {
		name string
		of   func(s string) string
	}{
		{"in upper case", strings.ToUpper},
		{"short", func(s string) string { return s[2:] }},
		{"odd", func(s string) string { return s[1:] }},
		{"long", func(s string) string { return s + "00" }},
		{"empty", func(string) string { return "" }},
		{"with a leading space", func(s string) string { return " " + s[1:] }},
		{"with spaces inside", func(s string) string { return s[:10] + "  " + s[12:] }},
		{"with 0x", func(s string) string { return "0x" + s[2:] }},
		{"with a quote", func(s string) string { return s[:10] + "'" + s[11:] }},
		{"with a NUL", func(s string) string { return s[:len(s)-1] + "\x00" }},
		{"not ASCII", func(s string) string { return s[:len(s)-2] + "é" }},
	}
	for _, f := range fields {
		for _, spoil := range spoils {
			txs = append(txs, dishonestTx{f.name + " " + spoil.name, ErrMalformed, func(t *testing.T, v *victim) *Transaction {
				tx := v.payment(t)
				s := f.of(tx)
				*s = spoil.of(*s)
				if s != &tx.TxID {
					tx.TxID = tx.ID()
				}
				return tx
			}})
		}
	}
	return txs
}

func dishonestAddresses() (txs []dishonestTx) {
	addresses := []struct {
		name string
		want error
		of   func(v *victim) string
	}{
		{"mistyped", ErrChecksum, func(v *victim) string {
			a := []byte(v.bob.Address())
			a[10] ^= 'a' ^ 'b'
			if a[10] == 'l' || a[10] == 'I' || a[10] == 'O' || a[10] == '0' {
				a[10] = '2'
			}
			return string(a)
		}},
		{"of version 5", ErrAddress, func(v *victim) string { h := hash160(v.bob.pubKey); return base58.CheckEncode(h[:], 5) }},
		{"of 19 bytes", ErrAddress, func(v *victim) string { return base58.CheckEncode(make([]byte, 19), 0) }},
		{"of 21 bytes", ErrAddress, func(v *victim) string {
			return base58.CheckEncode(append(v.bob.pubKey[:20:20], 1), 0)
		}},
		{"empty", ErrAddress, func(v *victim) string { return "" }},
		{"hello", ErrAddress, func(v *victim) string { return "hello" }},
		{"with a leading space", ErrAddress, func(v *victim) string { return " " + v.bob.Address() }},
		{"with a trailing newline", ErrAddress, func(v *victim) string { return v.bob.Address() + "\n" }},
		{"with one more 1", ErrAddress, func(v *victim) string { return "1" + v.bob.Address() }},
		{"without its 1", ErrChecksum, func(v *victim) string { return v.bob.Address()[1:] }},
		{"with a quote", ErrAddress, func(v *victim) string { return v.bob.Address()[:33] + "'" }},
		{"in hex", ErrAddress, func(v *victim) string { h := hash160(v.bob.pubKey); return hex.EncodeToString(h[:]) }},
		{"of a million characters", ErrAddress, func(v *victim) string { return strings.Repeat("1", 1e6) }},
		{"that hides an output", ErrAddress, func(v *victim) string { // both transactions have one text, and so one txid
			return v.bob.Address() + "'}{'value': 1, 'pub_key_hash': '" + v.mallory.Address()
		}},
	}
	for _, a := range addresses {
		txs = append(txs, edited("address "+a.name, a.want, func(v *victim, tx *Transaction) {
			tx.Vouts[0].PubKeyHash = a.of(v)
		}))
	}
	return txs
}

// Each rule for blocks has a dishonest block that breaks it alone, on top of
// the tip and on a branch that would become the chain. None leaves a trace,
// and then an honest block is accepted.
func TestDishonestBlocks(t *testing.T) {
	v := newVictim(t)
	cases := dishonestBlocks()
	for _, tx := range dishonestTxs() {
		cases = append(cases, dishonestBlock{"transaction: " + tx.name, tx.want, func(t *testing.T, v *victim, parent *Block) *Block {
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
	add(t, v.bc, mine(t, v.rival, v.alice, 3, v.payment(t)))
	add(t, v.bc, mine(t, v.tip, v.alice, 3, v.payment(t)))
}

// What no block may hold, the pool does not take either, for the same reason.
func TestDishonestTransactions(t *testing.T) {
	v := newVictim(t)
	cases := append(dishonestTxs(), dishonestTx{"coinbase", ErrCoinbase, func(t *testing.T, v *victim) *Transaction {
		return NewCoinbase(v.mallory.Address(), victimTime)
	}})
	before := v.state(t)
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			added, err := v.pool.AddTransactions(context.Background(), []json.RawMessage{rawTx(t, test.make(t, v))})
			v.refused(t, err, test.want, before)
			if len(added) > 0 {
				t.Errorf("%d are handed on", len(added))
			}
		})
	}
	if _, err := v.pool.AddTransactions(context.Background(), []json.RawMessage{rawTx(t, v.payment(t))}); err != nil {
		t.Error(err)
	}
}

// Two texts that differ must not be one transaction: the hidden output of an
// address, and of a coinbase's text, would give the same txid.
func TestHiddenOutputSharesTxID(t *testing.T) {
	v := newVictim(t)
	open := v.payment(t)
	open.Vouts = []TXOutput{{1499, v.bob.Address()}, {1, v.mallory.Address()}}
	open.Sign(v.alice)
	hidden := v.payment(t)
	hidden.Vouts = []TXOutput{{1499, v.bob.Address() + "'}{'value': 1, 'pub_key_hash': '" + v.mallory.Address()}}
	hidden.Sign(v.alice)
	if hidden.TxID != open.TxID || hidden.Vins[0].Signature != open.Vins[0].Signature {
		t.Fatal("the two texts are not one")
	}
	if err := open.Check(); err != nil {
		t.Error(err)
	}
	if err := hidden.Check(); !errors.Is(err, ErrAddress) {
		t.Errorf("error is %v, want ErrAddress", err)
	}
	coinbase := &Transaction{
		Vins:  []TXInput{{Vout: -1, PubKey: "7"}},
		Vouts: []TXOutput{{400, v.alice.Address()}, {600, v.mallory.Address()}},
	}
	coinbase.TxID = coinbase.ID()
	hidden = &Transaction{
		TxID:  coinbase.TxID,
		Vins:  []TXInput{{Vout: -1, PubKey: "7'}{'value': 400, 'pub_key_hash': '" + v.alice.Address()}},
		Vouts: coinbase.Vouts[1:],
	}
	if hidden.ID() != coinbase.TxID {
		t.Fatal("the two coinbases are not one text")
	}
	if err := hidden.Check(); !errors.Is(err, ErrCoinbase) {
		t.Errorf("error is %v, want ErrCoinbase", err)
	}
}

// B12: a chain begins with an honest genesis block at height 0, or not at all.
func TestDishonestGenesis(t *testing.T) {
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
		{"nonce is a number", ErrMalformed, replace(`"nonce": null`, `"nonce": 0`)},
		{"nonce missing", ErrMalformed, replace(`, "nonce": null`, ``)},
		{"height 41, parent nonsense", ErrParent, func() json.RawMessage {
			b := mine(t, nil, v.alice, 5)
			b.Header.Height, b.Header.PrevBlockHash = 41, "nonsense"
			return rawBlock(t, work(t, b))
		}},
		{"height 1", ErrParent, func() json.RawMessage {
			b := mine(t, nil, v.alice, 5)
			b.Header.Height = 1
			return rawBlock(t, work(t, b))
		}},
		{"parent", ErrMalformed, genesis(func(b *Block) { b.Header.PrevBlockHash = v.tip.Header.Hash })},
		{"magic number", ErrMagic, genesis(func(b *Block) { b.MagicNo = 0 })},
		{"timestamp", ErrTimestamp, genesis(func(b *Block) { b.Header.Timestamp = "now" })},
		{"two coinbases", ErrCoinbase, genesis(func(b *Block) {
			b.Transactions = append(b.Transactions, NewCoinbase(v.mallory.Address(), victimTime))
			b.Header.HashMerkleRoot = b.merkleRoot()
		})},
		{"coinbase pays 1001", ErrCoinbase, genesis(func(b *Block) {
			b.Transactions[0].Vouts[0].Value++
			b.Transactions[0].TxID = b.Transactions[0].ID()
			b.Header.HashMerkleRoot = b.merkleRoot()
		})},
		{"spends a coin of nowhere", ErrNoCoin, genesis(func(b *Block) {
			b.Transactions = append(b.Transactions, v.payment(t))
			b.Header.HashMerkleRoot = b.merkleRoot()
		})},
		{"root of nothing", ErrMerkleRoot, genesis(func(b *Block) { b.Header.HashMerkleRoot = strings.Repeat("0", 64) })},
		{"hash", ErrHash, replace(`"hash": "`, `"hash": "f`)},
		{"no transactions", ErrNoTxs, genesis(func(b *Block) { b.Transactions = nil })},
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
	v.refuses(t, ErrChainExists, v.state(t), raws(mine(t, nil, v.alice, 5))...) // B14: another genesis
}

// members calls visit for each member of each object in a decoded JSON value.
func members(value any, path string, visit func(path string, object map[string]any, name string)) {
	switch value := value.(type) {
	case map[string]any:
		names := make([]string, 0, len(value))
		for name := range value {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			visit(path+"."+name, value, name)
			members(value[name], path+"."+name, visit)
		}
	case []any:
		for i, v := range value {
			members(v, fmt.Sprintf("%s[%d]", path, i), visit)
		}
	}
}

// Every field of a block is spoiled in every way that JSON allows: null,
// another type, another number, another case of its name, or not there.
func TestMalformedBlocks(t *testing.T) {
	v := newVictim(t)
	honest := string(mine(t, v.tip, v.alice, 3, v.payment(t)).AppendJSON(nil))
	decoder := json.NewDecoder(strings.NewReader(honest))
	decoder.UseNumber()
	var block any
	if err := decoder.Decode(&block); err != nil {
		t.Fatal(err)
	}
	before, n := v.state(t), 0
	refuse := func(t *testing.T, raw string) {
		t.Helper()
		n++
		v.refuses(t, ErrMalformed, before, json.RawMessage(raw))
	}
	members(block, "block", func(path string, object map[string]any, name string) {
		t.Run(path, func(t *testing.T) {
			old := object[name]
			for _, value := range spoiled(old) {
				object[name] = value
				refuse(t, string(marshal(t, block)))
			}
			delete(object, name)
			refuse(t, string(marshal(t, block)))
			for _, other := range []string{strings.ToUpper(name), strings.ToUpper(name[:1]) + name[1:], name + " ", strings.ReplaceAll(name, "txid", "TxID")} {
				if other != name {
					object[other] = old
					refuse(t, string(marshal(t, block)))
					delete(object, other)
				}
			}
			object[name] = old
		})
	})
	for _, raw := range []string{
		"", " ", "null", "0", "[]", "{}", `""`, "[" + honest + "]", honest + "x", honest + honest, honest + "}",
		honest[:len(honest)-1], honest[1:], "\ufeff" + honest, strings.ReplaceAll(honest, `"`, `'`),
		strings.Replace(honest, "{", `{"more": NaN, `, 1), strings.Replace(honest, "{", `{"more": `+strings.Repeat("[", 20_000), 1),
		strings.Replace(honest, "{", `{"more": `+strings.Repeat("[", 20_000)+strings.Repeat("]", 20_000)+", ", 1),
		strings.Replace(honest, `"height": `, `"height": `+strings.Repeat("9", 1e6), 1),
		strings.Replace(honest, `"height": 2`, `"height": 02`, 1), strings.Replace(honest, `"height": `, `"height": +`, 1),
	} {
		refuse(t, raw)
	}
	t.Logf("%d malformed blocks", n)
	add(t, v.bc, mine(t, v.tip, v.alice, 3, v.payment(t)))
}

// spoiled returns values of other types than the old one.
func spoiled(old any) []any {
	wrong := []any{nil, true, map[string]any{}, json.Number("1.0"), json.Number("1e3"), json.Number("-1.5e-3"), json.Number("99999999999999999999")}
	switch old := old.(type) {
	case json.Number:
		return append(wrong, old.String(), []any{}, []any{old}, json.Number(old.String()+".0"), json.Number(old.String()+"e0"))
	case string:
		return append(wrong, json.Number("7"), []any{}, []any{old}, map[string]any{"text": old})
	case []any:
		return append(wrong, "", []any{nil}, []any{nil, nil}, []any{7}, []any{[]any{}}, append([]any{nil}, old...))
	case map[string]any:
		return append(wrong, "", []any{}, []any{old})
	}
	return wrong
}

// What is unusual, but breaks no rule, is accepted.
func TestHonestBlocks(t *testing.T) {
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
			b.Transactions = append(b.Transactions, pay(t, v.alice, v.bob.Address(), 1, coin(t, b.Transactions[0], 0)))
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
		{"1 MiB to the byte", func(t *testing.T, v *victim) *Block { return sized(t, v, v.tip, maxBlock) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			v := newVictim(t)
			b := test.make(t, v)
			add(t, v.bc, b)
			if tip := tipOf(t, v.bc); tip.ref() != b.ref() {
				t.Errorf("tip is %v, want %v", tip.ref(), b.ref())
			}
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

// A Python node adds fields to transactions that it relays: they are ignored,
// and neither kept nor handed on. Of two fields with one name the last counts,
// as it does in Python.
func TestUnknownFields(t *testing.T) {
	v := newVictim(t)
	b := mine(t, v.tip, v.alice, 3, v.payment(t))
	canonical := string(b.AppendJSON(nil))
	more := strings.ReplaceAll(canonical, "{", `{"_id": "x", "_rev": null, "TXID": [{"a": 1e400}], "height": "0", "value": null, "txid": 7, `)
	if err := v.bc.AddBlocks(context.Background(), []json.RawMessage{json.RawMessage(more)}); err != nil {
		t.Fatal(err)
	}
	got, err := v.bc.Block(b.Header.Height)
	if err != nil || string(got) != canonical {
		t.Errorf("kept %s, want %s (error %v)", got, canonical, err)
	}
	tx := pay(t, v.alice, v.bob.Address(), 9, v.coins[7])
	raw := strings.Replace(string(tx.AppendJSON(nil)), "{", `{"index": 0, `, 1)
	added, err := v.pool.AddTransactions(context.Background(), []json.RawMessage{json.RawMessage(raw)})
	if err != nil || len(added) != 1 || string(added[0]) != string(tx.AppendJSON(nil)) {
		t.Errorf("handed on %s, want %s (error %v)", added, tx.AppendJSON(nil), err)
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

// B6: blocks of 1 to 33 transactions, whose roots a second, recursive
// definition gives too.
func TestMerkleRootsOfRealBlocks(t *testing.T) {
	v := newVictim(t)
	last, parent := v.coins[1], v.tip
	for n := 1; n <= 33; n++ {
		var txs []*Transaction
		for range n - 1 {
			tx := pay(t, v.alice, v.alice.Address(), 1000, last)
			last = coin(t, tx, 0)
			txs = append(txs, tx)
		}
		parent = mine(t, parent, v.alice, 3, txs...)
		add(t, v.bc, parent)
		var leaves []string
		for _, tx := range parent.Transactions {
			leaves = append(leaves, sha256Hex(tx.AppendJSON(nil)))
		}
		depth := 0
		for 1<<depth < n {
			depth++
		}
		if got, want := parent.Header.HashMerkleRoot, recursiveRoot(leaves, depth); got != want {
			t.Errorf("%d leaves: root %s, want %s", n, got, want)
		}
	}
	if got := tipOf(t, v.bc); got.ref() != parent.ref() {
		t.Errorf("tip is %v, want %v", got.ref(), parent.ref())
	}
}

// recursiveRoot is the root of a tree of the given depth: that of its left
// half, and of its right half or, where there is none, of the left again.
func recursiveRoot(leaves []string, depth int) string {
	if depth == 0 {
		return leaves[0]
	}
	half := 1 << (depth - 1)
	left := recursiveRoot(leaves[:min(half, len(leaves))], depth-1)
	right := left
	if len(leaves) > half {
		right = recursiveRoot(leaves[half:], depth-1)
	}
	return sha256Hex([]byte(left + right))
}
