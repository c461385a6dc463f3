package main

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
)

// The Python program's own chain: 4 wallets, 13 blocks, 31 transactions, 27
// signatures.
func TestVectors(t *testing.T) {
	text, err := os.ReadFile("../../testdata/tutorial_chain.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors struct {
		Wallets []struct {
			PrivateKey string `json:"private_key"`
			PublicKey  string `json:"public_key"`
			Hash       string `json:"public_key_hash"`
			Address    string
		}
		Blocks []json.RawMessage
		Texts  []struct {
			TxID string
			JSON string `json:"merkle_leaf_preimage"`
		} `json:"transaction_preimages"`
		Signatures []struct {
			TxID    string
			Vin     int
			Address string `json:"spends_address"`
			Text    string `json:"preimage"`
			Digest  string `json:"sha1_of_hex"`
		}
		UTXO     [][4]any
		Balances map[string]int
	}
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors.Wallets) != 4 || len(vectors.Blocks) != 13 || len(vectors.Signatures) != 27 {
		t.Fatalf("%d wallets, %d blocks, %d signatures", len(vectors.Wallets), len(vectors.Blocks), len(vectors.Signatures))
	}

	for _, want := range vectors.Wallets {
		key, err := hex.DecodeString(want.PrivateKey)
		if err != nil {
			t.Fatal(err)
		}
		w := Wallet{secp256k1.PrivKeyFromBytes(key)}
		if got := hex.EncodeToString(w.pubKey()); got != want.PublicKey {
			t.Errorf("public key is %s, want %s", got, want.PublicKey)
		}
		if got := hex.EncodeToString(hash160(w.pubKey())); got != want.Hash {
			t.Errorf("hash160 is %s, want %s", got, want.Hash)
		}
		if w.address() != want.Address {
			t.Errorf("address is %s, want %s", w.address(), want.Address)
		}
		if err := checkAddress(want.Address); err != nil {
			t.Error(err)
		}
	}

	var coins []Coin
	var parent *Block
	txs := map[string]*Transaction{}
	for height, text := range vectors.Blocks {
		b, err := decodeBlock(text)
		if err != nil {
			t.Fatal(err)
		}
		if err := checkBlock(b, parent); err != nil {
			t.Errorf("block %d: %v", height, err)
		}
		if coins, err = applyBlock(coins, b); err != nil { // with all signatures
			t.Fatalf("block %d: %v", height, err)
		}
		for _, tx := range b.Transactions {
			txs[tx.TxID] = tx
		}
		parent = b
	}

	for _, want := range vectors.Texts {
		if tx := txs[want.TxID]; tx == nil || tx.id() != want.TxID || tx.json() != want.JSON {
			t.Errorf("transaction %s has another name or another JSON", want.TxID)
		}
	}
	for _, want := range vectors.Signatures {
		tx := txs[want.TxID]
		if got := tx.signingText(want.Vin, want.Address); got != want.Text {
			t.Errorf("input %d of %s signs\n%s, want\n%s", want.Vin, want.TxID, got, want.Text)
		}
		if got := hex.EncodeToString(tx.digest(want.Vin, want.Address)); got != want.Digest {
			t.Errorf("digest of input %d of %s is %s, want %s", want.Vin, want.TxID, got, want.Digest)
		}
	}

	if len(coins) != len(vectors.UTXO) {
		t.Errorf("%d coins, want %d", len(coins), len(vectors.UTXO))
	}
	for _, want := range vectors.UTXO {
		coin := Coin{OutPoint{want[0].(string), int(want[1].(float64))}, TXOutput{int(want[2].(float64)), want[3].(string)}}
		if !slices.Contains(coins, coin) {
			t.Errorf("no coin %v", coin)
		}
	}
	for address, want := range vectors.Balances {
		if got := sumOf(coinsOf(coins, address)); got != want {
			t.Errorf("balance of %s is %d, want %d", address, got, want)
		}
	}
}

// The addresses of chapters 1 to 4 are those of these keys.
func TestPeople(t *testing.T) {
	for name, want := range map[string]string{
		"Alice":   "12qB3TD8gFT3yzHbN41zKagrtBpT8cw55P",
		"Bob":     "1EMLhBb7Guyxwfi5E1zkgai8Vi1ZevfZWd",
		"Carol":   "1MzCqaLfW4D5s5SubBGVKpREeaDUtsqmBq",
		"Mia":     "15hkwGPVQaj5E693hFu7JhuNjk4pseRsX9",
		"Mallory": "1JNwwTNvGLG2EcjFG4Mws7bQQJvFjmi433",
	} {
		if got := addressOf(name); got != want {
			t.Errorf("%s's address is %s, want %s", name, got, want)
		}
		if got := nameOf(want); got != name {
			t.Errorf("%s is %s's, want %s's", want, got, name)
		}
	}
}

// What the story ends with: the page's numbers.
func TestStory(t *testing.T) {
	c, err := openChain(filepath.Join(t.TempDir(), file))
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()

	refused := 0
	for _, line := range story {
		if _, err := do(c, strings.Fields(line)); err != nil {
			refused++
		}
	}
	if refused != 4 {
		t.Errorf("%d commands are refused, want 4", refused)
	}

	hashes := []string{
		"f3187e6c3a6a39e390e46d3a36f145978f484d691b6a46501cb1aef3ea62c304",
		"d43571cb8197e924252b1bf34387f547a5694bd66ce41436a082a218fb91372c",
		"834f47928bdb6587a44ed6768e3209265e4f4fd215e1cdd41df86d523de382c3",
		"ef2ccf66d5a839086b2fa1d706db6c5c2dd73180e29d98a50ee5c630a0138819",
	}
	for height, want := range hashes {
		b, err := c.blockAt(height)
		if err != nil {
			t.Fatal(err)
		}
		if b.Header.Hash != want {
			t.Errorf("block %d is %s, want %s", height, b.Header.Hash, want)
		}
	}

	coins, err := c.coins()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{"Alice": 900, "Bob": 100, "Carol": 0, "Mallory": 0, "Mia": 3000} {
		if got := sumOf(coinsOf(coins, addressOf(name))); got != want {
			t.Errorf("%s has %d, want %d", name, got, want)
		}
	}
}
