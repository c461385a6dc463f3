package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// The chain that the Python program has made gets into a file of the step and out
// again, and is the same as before.
func TestVectors(t *testing.T) {
	text, err := os.ReadFile("../../testdata/tutorial_chain.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Blocks []struct {
			Header json.RawMessage `json:"block_header"`
			Txs    []struct {
				TxID string `json:"txid"`
			} `json:"transactions"`
		} `json:"blocks"`
		Transactions []struct {
			TxID string `json:"txid"`
			Text string `json:"merkle_leaf_preimage"`
		} `json:"transaction_preimages"`
	}
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	texts := make(map[string]string) // of transactions, as Python writes them
	for _, tx := range v.Transactions {
		texts[tx.TxID] = tx.Text
	}

	c, err := openChain(filepath.Join(t.TempDir(), "chain.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	for height, vb := range v.Blocks {
		var b Block
		if err := json.Unmarshal(vb.Header, &b.Header); err != nil {
			t.Fatal(err)
		}
		for _, tx := range vb.Txs {
			b.Transactions = append(b.Transactions, json.RawMessage(texts[tx.TxID]))
		}
		if err := c.add(&b); err != nil {
			t.Fatal(err)
		}

		got, err := c.blockAt(height)
		if err != nil {
			t.Fatal(err)
		}
		if got.json() != b.json() {
			t.Errorf("block %d comes back as another one:\n got %s\nwant %s", height, got.json(), b.json())
		}
	}
	if len(v.Blocks) == 0 {
		t.Error("the vectors have no blocks")
	}
}
