package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"testing"
	"time"
)

// vectors is testdata/tutorial_chain.json: a chain that the Python program
// made, with the text behind every hash of it.
type vectors struct {
	Wallets []struct {
		PrivateKey    string `json:"private_key"`
		PublicKey     string `json:"public_key"`
		PublicKeyHash string `json:"public_key_hash"`
		Address       string `json:"address"`
	}
	Blocks          []json.RawMessage
	HeaderPreimages []struct {
		Height       int
		PowPreimage  string `json:"pow_preimage"`
		PowHash      string `json:"pow_hash"`
		HashPreimage string `json:"hash_preimage"`
	} `json:"header_preimages"`
	TransactionPreimages []struct {
		TxID               string
		TxIDPreimage       string `json:"txid_preimage"`
		MerkleLeafPreimage string `json:"merkle_leaf_preimage"`
		MerkleLeaf         string `json:"merkle_leaf"`
	} `json:"transaction_preimages"`
	Balances   map[string]int64
	UTXO       []json.RawMessage
	Signatures []struct {
		TxID          string
		Vin           int
		SpendsAddress string `json:"spends_address"`
		Preimage      string
		SHA256Hex     string `json:"sha256_hex"`
		SHA1OfHex     string `json:"sha1_of_hex"`
		PublicKey     string `json:"public_key"`
		Signature     string
	}
}

func readVectors(t testing.TB) *vectors {
	t.Helper()
	raw, err := os.ReadFile("testdata/tutorial_chain.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Blocks) == 0 || len(v.Signatures) == 0 || len(v.UTXO) == 0 {
		t.Fatal("testdata/tutorial_chain.json: a part is missing")
	}
	return &v
}

// vectorTime is later than every block of the vectors.
var vectorTime = time.Unix(1_800_000_000, 0)

func vectorBlocks(t testing.TB) []*Block {
	t.Helper()
	var blocks []*Block
	for _, raw := range readVectors(t).Blocks {
		b, err := DecodeBlock(raw)
		if err != nil {
			t.Fatal(err)
		}
		blocks = append(blocks, b)
	}
	return blocks
}

// articleHeader is what the article prints for `print 1`.
var articleHeader = BlockHeader{
	Timestamp:      "1551347915.3271294",
	PrevBlockHash:  "9f12dad81ab988f247884d7d06de46c6951688dcbedb87df2159669594a44f0d",
	Hash:           "a9d02b72690398805fb83efd4680cb710ed4f3c67ea7926fe8faab256c1cad1c",
	HashMerkleRoot: "fe768edf1040c504674e8a468c89f00574a181b88ad2297ef29d307695adb38e",
	Height:         1,
	Nonce:          3,
}

func TestArticleHeader(t *testing.T) {
	h := articleHeader
	if got := h.hash(); got != h.Hash {
		t.Errorf("hash = %s, want %s", got, h.Hash)
	}
	if !(ProofOfWork{&h}).Valid() {
		t.Error("the article's block lacks its work")
	}
	// The work hashes the fields in one order, the hash in another, in Python as
	// here, so the hash itself shows no leading zeros.
	if h.Hash[0] == '0' {
		t.Error("hash shows the work")
	}
}

func TestVectorHeaders(t *testing.T) {
	blocks := vectorBlocks(t)
	for i, want := range readVectors(t).HeaderPreimages {
		h := &blocks[i].Header
		if got := string(ProofOfWork{h}.text()) + h.nonceText(); got != want.PowPreimage {
			t.Errorf("block %d: work text %q, want %q", i, got, want.PowPreimage)
		}
		if got := sha256Hex([]byte(want.PowPreimage)); got != want.PowHash {
			t.Errorf("block %d: work hash %s, want %s", i, got, want.PowHash)
		}
		if got := sha256Hex([]byte(want.HashPreimage)); got != h.hash() {
			t.Errorf("block %d: hash %s, want %s", i, h.hash(), got)
		}
		if err := blocks[i].Check(t.Context(), vectorTime); err != nil {
			t.Errorf("block %d: %v", i, err)
		}
	}
}

func TestVectorBlocksEncode(t *testing.T) {
	for i, raw := range readVectors(t).Blocks {
		b, err := DecodeBlock(raw)
		if err != nil {
			t.Fatal(err)
		}
		got, want := new(any), new(any)
		if err := json.Unmarshal(b.AppendJSON(nil), got); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(raw, want); err != nil {
			t.Fatal(err)
		}
		g, _ := json.Marshal(got)
		w, _ := json.Marshal(want)
		if string(g) != string(w) {
			t.Errorf("block %d:\n got %s\nwant %s", i, g, w)
		}
	}
}

func TestVectorTransactions(t *testing.T) {
	var txs []*Transaction
	for _, b := range vectorBlocks(t) {
		txs = append(txs, b.Transactions...)
	}
	want := readVectors(t).TransactionPreimages
	if len(txs) != len(want) {
		t.Fatalf("%d transactions, want %d", len(txs), len(want))
	}
	for i, tx := range txs {
		if got := tx.ID(); got != want[i].TxID || got != sha256Hex([]byte(want[i].TxIDPreimage)) {
			t.Errorf("transaction %d: txid %s, want %s", i, got, want[i].TxID)
		}
		if got := string(tx.AppendJSON(nil)); got != want[i].MerkleLeafPreimage {
			t.Errorf("transaction %d: JSON %s, want %s", i, got, want[i].MerkleLeafPreimage)
		}
		if got := sha256Hex(tx.AppendJSON(nil)); got != want[i].MerkleLeaf {
			t.Errorf("transaction %d: leaf %s, want %s", i, got, want[i].MerkleLeaf)
		}
	}
}

// The Python program takes RIPEMD-160 from OpenSSL, which has none on some
// systems. Its addresses come out here wherever Go runs.
func TestVectorWallets(t *testing.T) {
	for _, want := range readVectors(t).Wallets {
		w, err := ParseWallet(want.PrivateKey)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.PublicKey(); got != want.PublicKey {
			t.Errorf("public key %s, want %s", got, want.PublicKey)
		}
		if got := w.Address(); got != want.Address {
			t.Errorf("address %s, want %s", got, want.Address)
		}
		h, err := ParseAddress(want.Address)
		if err != nil {
			t.Fatal(err)
		}
		if got := hex.EncodeToString(h[:]); got != want.PublicKeyHash {
			t.Errorf("public key hash %s, want %s", got, want.PublicKeyHash)
		}
	}
}

func TestVectorSignatures(t *testing.T) {
	txs := make(map[string]*Transaction)
	for _, b := range vectorBlocks(t) {
		for _, tx := range b.Transactions {
			txs[tx.TxID] = tx
		}
	}
	for _, want := range readVectors(t).Signatures {
		tx := txs[want.TxID]
		if got := string(tx.signingText(want.Vin, want.SpendsAddress)); got != want.Preimage {
			t.Errorf("%s input %d signs %q, want %q", want.TxID, want.Vin, got, want.Preimage)
		}

		digest := tx.digest(want.Vin, want.SpendsAddress)
		if got := hex.EncodeToString(digest[:]); got != want.SHA1OfHex {
			t.Errorf("%s input %d: digest %s, want %s", want.TxID, want.Vin, got, want.SHA1OfHex)
		}
		if err := newSigningTexts(tx).verify(want.Vin); err != nil {
			t.Error(err)
		}

		key, _ := hex.DecodeString(want.PublicKey)
		if err := verifySignature(key, digest[:], want.Signature); err != nil {
			t.Errorf("%s input %d: %v", want.TxID, want.Vin, err)
		}
	}
}

// The Python program's chain, in one batch and block by block, gives its
// balances and its UTXO set.
func TestVectorChain(t *testing.T) {
	v := readVectors(t)

	all, oneByOne := newChain(t), newChain(t)
	if err := all.AddBlocks(context.Background(), v.Blocks); err != nil {
		t.Fatal(err)
	}
	for _, raw := range v.Blocks {
		if err := oneByOne.AddBlocks(context.Background(), []json.RawMessage{raw}); err != nil {
			t.Fatal(err)
		}
	}

	for address, want := range v.Balances {
		if got := balanceOf(t, all, address); got != want {
			t.Errorf("%s has %d, want %d", address, got, want)
		}
	}

	want := make(map[Coin]bool)
	for _, raw := range v.UTXO {
		var c Coin
		var address string
		if err := json.Unmarshal(raw, &[]any{&c.TxID, &c.Vout, &c.Value, &address}); err != nil {
			t.Fatal(err)
		}
		var err error
		if c.Owner, err = ParseAddress(address); err != nil {
			t.Fatal(err)
		}
		want[c] = true
	}

	for _, bc := range []*Blockchain{all, oneByOne} {
		if got := coins(t, bc); !maps.Equal(got, want) {
			t.Errorf("UTXO set has %d coins, want %d: %v", len(got), len(want), got)
		}
	}
}
