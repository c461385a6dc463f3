// Step 1 is a chain of blocks: each is bound to the one before it by a hash, so
// that nobody can change the past unnoticed.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// The people of our story, by their addresses. Chapter 5 makes such addresses;
// until then they're just texts that stand for people.
const (
	alice   = "12qB3TD8gFT3yzHbN41zKagrtBpT8cw55P"
	mia     = "15hkwGPVQaj5E693hFu7JhuNjk4pseRsX9"
	mallory = "1JNwwTNvGLG2EcjFG4Mws7bQQJvFjmi433"
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

// coinbase returns the text of a transaction that makes 1000 new coins for
// whoever has the address. Chapter 4 takes it apart.
func coinbase(address string, height int) string {
	time := timeOf(height)
	txid := sha256Hex(fmt.Sprintf(`{'txid': '', 'vout': -1, 'signature': '', 'pub_key': '%s'}{'value': 1000, 'pub_key_hash': '%s'}`, time, address))
	return fmt.Sprintf(`{"txid": "%s", "vins": [{"txid": "", "vout": -1, "signature": "", "pub_key": "%s"}], "vouts": [{"value": 1000, "pub_key_hash": "%s"}]}`, txid, time, address)
}

// checkBlock returns an error if a block isn't what its header says, or doesn't
// follow its parent (nil for block 0).
func checkBlock(b, parent *Block) error {
	if root := b.merkleRoot(); b.Header.HashMerkleRoot != root {
		return fmt.Errorf("block %d: its header has the root %.8s, its transactions have %.8s", b.Header.Height, b.Header.HashMerkleRoot, root)
	}
	if hash := b.Header.hash(); b.Header.Hash != hash {
		return fmt.Errorf("block %d: it's called %.8s, but its hash is %.8s", b.Header.Height, b.Header.Hash, hash)
	}

	height, parentHash := 0, ""
	if parent != nil {
		height, parentHash = parent.Header.Height+1, parent.Header.Hash
	}
	if b.Header.Height != height {
		return fmt.Errorf("block %d: it stands where block %d should be", b.Header.Height, height)
	}
	if b.Header.PrevBlockHash != parentHash {
		return fmt.Errorf("block %d: its parent should be %.8q, but the block before it is %.8q", height, b.Header.PrevBlockHash, parentHash)
	}
	return nil
}

// checkChain returns the first error of a chain's blocks, from block 0 up.
func checkChain(chain []*Block) error {
	var parent *Block
	for _, b := range chain {
		if err := checkBlock(b, parent); err != nil {
			return err
		}
		parent = b
	}
	return nil
}

func main() {
	fmt.Println("Two texts that differ in one character, and their hashes:")
	for _, text := range []string{"Alice has 1000 coins", "Alice has 2000 coins"} {
		fmt.Printf("  %s  %s\n", text, sha256Hex(text))
	}

	fmt.Println("\nAlice starts a chain. Mia puts two blocks on top.")
	chain := []*Block{newBlock(nil, []string{coinbase(alice, 0)})}
	for height := 1; height <= 2; height++ {
		chain = append(chain, newBlock(chain[height-1], []string{coinbase(mia, height)}))
	}
	show(chain)

	fmt.Println("\nMallory writes her own address into block 1, in place of Mia's.")
	one := chain[1]
	one.Transactions[0] = strings.ReplaceAll(one.Transactions[0], mia, mallory)
	show(chain)

	fmt.Println("\nShe mends the root and the hash of block 1.")
	one.Header.HashMerkleRoot = one.merkleRoot()
	one.Header.Hash = one.Header.hash()
	show(chain)

	fmt.Println("\nShe mends block 2 as well.")
	two := chain[2]
	two.Header.PrevBlockHash = one.Header.Hash
	two.Header.Hash = two.Header.hash()
	show(chain)

	a, b, c := sha256Hex("a"), sha256Hex("b"), sha256Hex("c")
	fmt.Println("\nThe Merkle roots of two lists that differ:")
	fmt.Printf("  a, b, c     %.8s\n", merkleRoot([]string{a, b, c}))
	fmt.Printf("  a, b, c, c  %.8s\n", merkleRoot([]string{a, b, c, c}))
}

// show prints the blocks of a chain, and whether it holds.
func show(chain []*Block) {
	for _, b := range chain {
		fmt.Printf("  block %d  hash %.8s  parent %-10.8q  root %.8s\n", b.Header.Height, b.Header.Hash, b.Header.PrevBlockHash, b.Header.HashMerkleRoot)
	}

	verdict := "  The chain holds."
	if err := checkChain(chain); err != nil {
		verdict = "  " + err.Error()
	}
	fmt.Println(verdict)
}
