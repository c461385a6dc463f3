// Blocks is step 1 as far as chapter 1 has come when it's run for the second time.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
)

// sha256Hex returns the SHA-256 of a text as 64 hex digits.
func sha256Hex(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// A Block is a list of transactions, and a header that stands for them.
type Block struct {
	Header       BlockHeader
	Transactions []string
}

// A BlockHeader names its block, and the block before it.
type BlockHeader struct {
	Timestamp      string // when the block was made, in seconds since 1970
	PrevBlockHash  string // the hash of the block before, its parent; "" in block 0
	Hash           string // the block's own: see hash
	HashMerkleRoot string // one hash for all transactions: see Block.merkleRoot
	Height         int    // how many blocks are below it
}

// hash returns the hash that the header should have: that of the time, the
// parent's hash, the Merkle root, the height in decimal and "None", with nothing
// in between. (None is Python for "nothing": chapter 2 has more to say there.)
func (h BlockHeader) hash() string {
	return sha256Hex(h.Timestamp + h.PrevBlockHash + h.HashMerkleRoot + strconv.Itoa(h.Height) + "None")
}

// merkleRoot makes one hash of many: it joins them two by two and hashes each
// pair, then does the same with what came out, until one is left. Where one has
// nobody to pair with, it's paired with itself. No hashes have the root "". The
// caller's list stays as it is.
func merkleRoot(hashes []string) string {
	if len(hashes) == 0 {
		return ""
	}

	for len(hashes) > 1 {
		var parents []string
		for i := 0; i < len(hashes); i += 2 {
			left, right := hashes[i], hashes[i]
			if i+1 < len(hashes) {
				right = hashes[i+1]
			}
			parents = append(parents, sha256Hex(left+right))
		}
		hashes = parents
	}
	return hashes[0]
}

// merkleRoot returns the Merkle root of the block's transactions: that of their
// hashes, the leaves of the tree.
func (b *Block) merkleRoot() string {
	var leaves []string
	for _, tx := range b.Transactions {
		leaves = append(leaves, sha256Hex(tx))
	}
	return merkleRoot(leaves)
}

// newBlock returns a block with these transactions on top of parent, or block 0
// if there is no parent (nil). Its header is filled in, the hash last.
func newBlock(parent *Block, transactions []string) *Block {
	b := &Block{Transactions: transactions}
	if parent != nil {
		b.Header.PrevBlockHash = parent.Header.Hash
		b.Header.Height = parent.Header.Height + 1
	}

	b.Header.Timestamp = timeOf(b.Header.Height)
	b.Header.HashMerkleRoot = b.merkleRoot()
	b.Header.Hash = b.Header.hash()
	return b
}

// timeOf returns the time of the block at a height. Our clock ticks once a block,
// a minute each time, so that your hashes are the same as mine. It starts at the
// second of Bitcoin's own block 0.
func timeOf(height int) string {
	return fmt.Sprintf("%d.0", 1_231_006_505+60*height)
}

// The people of our story, by their addresses. Chapter 5 makes such addresses;
// until then they're just texts that stand for people.
const (
	alice   = "12qB3TD8gFT3yzHbN41zKagrtBpT8cw55P"
	mia     = "15hkwGPVQaj5E693hFu7JhuNjk4pseRsX9"
	mallory = "1JNwwTNvGLG2EcjFG4Mws7bQQJvFjmi433"
)

// coinbase returns the text of a transaction that makes 1000 new coins for
// whoever has the address. Chapter 4 takes it apart.
func coinbase(address string, height int) string {
	time := timeOf(height)
	txid := sha256Hex(fmt.Sprintf(`{'txid': '', 'vout': -1, 'signature': '', 'pub_key': '%s'}{'value': 1000, 'pub_key_hash': '%s'}`, time, address))
	return fmt.Sprintf(`{"txid": "%s", "vins": [{"txid": "", "vout": -1, "signature": "", "pub_key": "%s"}], "vouts": [{"value": 1000, "pub_key_hash": "%s"}]}`, txid, time, address)
}

func main() {
	chain := []*Block{newBlock(nil, []string{coinbase(alice, 0)})}
	for height := 1; height <= 2; height++ {
		chain = append(chain, newBlock(chain[height-1], []string{coinbase(mia, height)}))
	}
	for _, b := range chain {
		fmt.Printf("block %d is %s\n", b.Header.Height, b.Header.Hash)
	}
}
