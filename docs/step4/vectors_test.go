package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The Python program's own chain: 13 blocks, 31 transactions.
func TestVectors(t *testing.T) {
	text, err := os.ReadFile("../../testdata/tutorial_chain.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors struct {
		Blocks    []json.RawMessage
		Preimages []struct {
			TxID string
			Text string `json:"txid_preimage"`
			JSON string `json:"merkle_leaf_preimage"`
			Leaf string `json:"merkle_leaf"`
		} `json:"transaction_preimages"`
		UTXO     [][4]any
		Balances map[string]int
	}
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
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
		if coins, err = applyBlock(coins, b); err != nil {
			t.Fatalf("block %d: %v", height, err)
		}
		for _, tx := range b.Transactions {
			txs[tx.TxID] = tx
		}
		parent = b
	}

	for _, want := range vectors.Preimages {
		tx := txs[want.TxID]
		if tx == nil {
			t.Errorf("no transaction %s", want.TxID)
			continue
		}
		var text strings.Builder
		for _, in := range tx.Vins {
			text.WriteString(in.dict())
		}
		for _, out := range tx.Vouts {
			text.WriteString(out.dict())
		}
		if text.String() != want.Text {
			t.Errorf("text of %s:\n%s, want\n%s", want.TxID, text.String(), want.Text)
		}
		if got := tx.id(); got != want.TxID {
			t.Errorf("txid is %s, want %s", got, want.TxID)
		}
		if got := tx.json(); got != want.JSON {
			t.Errorf("JSON of %s:\n%s, want\n%s", want.TxID, got, want.JSON)
		}
		if got := sha256Hex(tx.json()); got != want.Leaf {
			t.Errorf("leaf of %s is %s, want %s", want.TxID, got, want.Leaf)
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
	if refused != 2 {
		t.Errorf("%d commands are refused, want 2", refused)
	}

	hashes := []string{
		"f3187e6c3a6a39e390e46d3a36f145978f484d691b6a46501cb1aef3ea62c304",
		"d43571cb8197e924252b1bf34387f547a5694bd66ce41436a082a218fb91372c",
		"834f47928bdb6587a44ed6768e3209265e4f4fd215e1cdd41df86d523de382c3",
		"2dc5b7883c45bdb2d0808636dd1247c86c2d30ddc0ce632b9d65a9a255262b86",
		"234c09ac57c45b20e83d1dc51e0c46cc06b9828dc0c5587f623932691f541507",
		"cb30c57d2e6f9a303e054b29924dad388d9123e991611119da6c210fec283b2a",
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
	for name, want := range map[string]int{"Alice": 0, "Bob": 100, "Carol": 1500, "Mallory": 900, "Mia": 3500} {
		if got := sumOf(coinsOf(coins, people[name])); got != want {
			t.Errorf("%s has %d, want %d", name, got, want)
		}
	}
	if got := sumOf(coins); got != 6000 {
		t.Errorf("all coins are worth %d, want 6000", got)
	}
}
