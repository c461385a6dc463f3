package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// A vectorChain is testdata/tutorial_chain.json of the repository: a chain that
// the tutorial's Python program has made, and the texts that it has hashed.
type vectorChain struct {
	Blocks []struct {
		Header struct {
			Timestamp      string `json:"timestamp"`
			PrevBlockHash  string `json:"prev_block_hash"`
			Hash           string `json:"hash"`
			HashMerkleRoot string `json:"hash_merkle_root"`
			Height         int    `json:"height"`
		} `json:"block_header"`
		Transactions []struct {
			TxID    string `json:"txid"`
			Outputs []struct {
				Address string `json:"pub_key_hash"`
			} `json:"vouts"`
			Inputs []struct {
				PubKey string `json:"pub_key"` // of a coinbase: a time
			} `json:"vins"`
		} `json:"transactions"`
	} `json:"blocks"`
	Headers []struct {
		HashText string `json:"hash_preimage"`
	} `json:"header_preimages"`
	Transactions []struct {
		TxID   string `json:"txid"`
		IDText string `json:"txid_preimage"`
		Text   string `json:"merkle_leaf_preimage"`
		Leaf   string `json:"merkle_leaf"`
	} `json:"transaction_preimages"`
}

// The step's hashes and roots, and the texts of its coinbases, are those of the
// Python program.
func TestVectors(t *testing.T) {
	file, err := os.ReadFile("../../testdata/tutorial_chain.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vectorChain
	if err := json.Unmarshal(file, &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Blocks) == 0 || len(v.Blocks) != len(v.Headers) {
		t.Fatalf("%d blocks, and texts of %d headers", len(v.Blocks), len(v.Headers))
	}

	texts := make(map[string]string) // of transactions, by txid
	idTexts := make(map[string]string)
	for _, tx := range v.Transactions {
		texts[tx.TxID], idTexts[tx.TxID] = tx.Text, tx.IDText
		if got := sha256Hex(tx.Text); got != tx.Leaf {
			t.Errorf("transaction %.8s: its hash is %s, want %s", tx.TxID, got, tx.Leaf)
		}
	}

	for i, vb := range v.Blocks {
		b := &Block{Header: BlockHeader{
			Timestamp:      vb.Header.Timestamp,
			PrevBlockHash:  vb.Header.PrevBlockHash,
			Hash:           vb.Header.Hash,
			HashMerkleRoot: vb.Header.HashMerkleRoot,
			Height:         vb.Header.Height,
		}}
		for _, tx := range vb.Transactions {
			b.Transactions = append(b.Transactions, texts[tx.TxID])
		}
		if got := b.merkleRoot(); got != vb.Header.HashMerkleRoot {
			t.Errorf("block %d: its root is %s, want %s", i, got, vb.Header.HashMerkleRoot)
		}
		if got := sha256Hex(v.Headers[i].HashText); got != vb.Header.Hash {
			t.Errorf("block %d: its hash is %s, want %s", i, got, vb.Header.Hash)
		}

		// Only block 0 has no nonce, as ours all have none.
		if i == 0 {
			if err := checkBlock(b, nil); err != nil {
				t.Error(err)
			}
		}

		// A coinbase of ours is that block's, with another time.
		coin := vb.Transactions[0]
		address, time := coin.Outputs[0].Address, coin.Inputs[0].PubKey
		ours := func(text string) string { return strings.ReplaceAll(text, time, timeOf(i)) }
		want := strings.ReplaceAll(ours(texts[coin.TxID]), coin.TxID, sha256Hex(ours(idTexts[coin.TxID])))
		if got := coinbase(address, i); got != want {
			t.Errorf("coinbase of block %d is\n%s, want\n%s", i, got, want)
		}
	}
}

// The blocks of our story: block 0 is the same from here to chapter 7.
func TestStory(t *testing.T) {
	chain := []*Block{newBlock(nil, []string{coinbase(alice, 0)})}
	for height := 1; height <= 2; height++ {
		chain = append(chain, newBlock(chain[height-1], []string{coinbase(mia, height)}))
	}
	for height, b := range chain {
		if b.Header != headers[height] {
			t.Errorf("block %d is\n%+v, want\n%+v", height, b.Header, headers[height])
		}
	}
	if err := checkChain(chain); err != nil {
		t.Error(err)
	}
}
