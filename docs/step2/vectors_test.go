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
			Nonce          *int   `json:"nonce"` // null in block 0
		} `json:"block_header"`
		Transactions []struct {
			TxID string `json:"txid"`
		} `json:"transactions"`
	} `json:"blocks"`
	Headers []struct {
		WorkText string `json:"pow_preimage"`
		Work     string `json:"pow_hash"`
		HashText string `json:"hash_preimage"`
	} `json:"header_preimages"`
	Transactions []struct {
		TxID string `json:"txid"`
		Text string `json:"merkle_leaf_preimage"`
	} `json:"transaction_preimages"`
}

// The step's hashes, works, roots and rules are those of the Python program.
func TestVectors(t *testing.T) {
	text, err := os.ReadFile("../../testdata/tutorial_chain.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vectorChain
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Blocks) == 0 || len(v.Blocks) != len(v.Headers) {
		t.Fatalf("%d blocks, and texts of %d headers", len(v.Blocks), len(v.Headers))
	}
	texts := make(map[string]string) // of transactions, by txid
	for _, tx := range v.Transactions {
		texts[tx.TxID] = tx.Text
	}

	var parent *Block
	for i, vb := range v.Blocks {
		b := &Block{Header: BlockHeader{
			Timestamp:      vb.Header.Timestamp,
			PrevBlockHash:  vb.Header.PrevBlockHash,
			Hash:           vb.Header.Hash,
			HashMerkleRoot: vb.Header.HashMerkleRoot,
			Height:         vb.Header.Height,
		}}
		if vb.Header.Nonce != nil {
			b.Header.Nonce = *vb.Header.Nonce
		}
		for _, tx := range vb.Transactions {
			b.Transactions = append(b.Transactions, texts[tx.TxID])
		}

		if got := b.Header.work(); got != v.Headers[i].Work || got != sha256Hex(v.Headers[i].WorkText) {
			t.Errorf("block %d: its work is %s, want %s", i, got, v.Headers[i].Work)
		}
		if got := b.Header.hash(); got != sha256Hex(v.Headers[i].HashText) {
			t.Errorf("block %d: its hash is %s, want that of %s", i, got, v.Headers[i].HashText)
		}
		if err := checkBlock(b, parent); err != nil {
			t.Error(err)
		}

		if i > 0 {
			again := copyBlock(b)
			again.Header.Nonce = 0
			if mine(again, workBits); again.Header != b.Header {
				t.Errorf("block %d: mined anew it has nonce %d, want %d", i, again.Header.Nonce, b.Header.Nonce)
			}
		}
		parent = b
	}
}

// storyBlocks are blocks 0 to 2 of our story, which are the same from here to
// chapter 7.
var storyBlocks = []struct {
	hash  string
	nonce int
}{
	{"f3187e6c3a6a39e390e46d3a36f145978f484d691b6a46501cb1aef3ea62c304", 0},
	{"d43571cb8197e924252b1bf34387f547a5694bd66ce41436a082a218fb91372c", 7},
	{"834f47928bdb6587a44ed6768e3209265e4f4fd215e1cdd41df86d523de382c3", 11},
}

func TestStory(t *testing.T) {
	chain := []*Block{newBlock(nil, []string{coinbase(alice, 0)})}
	for height := 1; height <= 100; height++ {
		b := newBlock(chain[height-1], []string{coinbase(mia, height)})
		mine(b, workBits)
		chain = append(chain, b)
	}
	for height, want := range storyBlocks {
		if h := chain[height].Header; h.Hash != want.hash || h.Nonce != want.nonce {
			t.Errorf("block %d is %s with nonce %d, want %s with nonce %d", height, h.Hash, h.Nonce, want.hash, want.nonce)
		}
	}
	if err := checkChain(chain); err != nil {
		t.Error(err)
	}

	// What the story doesn't show: Mallory's whole chain holds.
	one := chain[1]
	one.Transactions[0] = strings.ReplaceAll(one.Transactions[0], mia, mallory)
	one.Header.HashMerkleRoot = one.merkleRoot()
	for height := 1; height <= 100; height++ {
		if checkChain(chain) == nil {
			t.Errorf("with block %d still to be mined, the chain holds", height)
		}
		chain[height].Header.PrevBlockHash = chain[height-1].Header.Hash
		mine(chain[height], workBits)
	}
	if err := checkChain(chain); err != nil {
		t.Error(err)
	}
}
