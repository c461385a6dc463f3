// Step 2 makes a block expensive: it counts only with a proof that somebody has
// worked for it.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"math/big"
	"os"
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
	Nonce          int    // what the work found; block 0 has none
}

// hash returns the hash that the header should have: that of the time, the
// parent's hash, the Merkle root, the height in decimal and the nonce, with
// nothing in between.
func (h BlockHeader) hash() string {
	return sha256Hex(h.Timestamp + h.PrevBlockHash + h.HashMerkleRoot + strconv.Itoa(h.Height) + h.nonceText())
}

// nonceText returns the nonce as it is hashed: in decimal, or "None" in block 0.
func (h BlockHeader) nonceText() string {
	if h.Height == 0 {
		return "None"
	}
	return strconv.Itoa(h.Nonce)
}

// workBits is how many zero bits the hash of the work must begin with.
const workBits = 4

// work returns the hash that a miner has to make small. It is made of what hash
// is made of, in another order: the parent's hash, the Merkle root, the time, the
// height and the nonce.
func (h BlockHeader) work() string {
	return sha256Hex(h.PrevBlockHash + h.HashMerkleRoot + h.Timestamp + strconv.Itoa(h.Height) + h.nonceText())
}

// meetsTarget reports whether a hash, read as a number, is below the target,
// 2^(256-bits). That is so if it begins with at least that many zero bits. bits is
// from 0 to 256.
func meetsTarget(hash string, bits int) bool {
	number, ok := new(big.Int).SetString(hash, 16)
	target := new(big.Int).Lsh(big.NewInt(1), uint(256-bits))
	return ok && number.Cmp(target) < 0
}

// mine searches for the lowest nonce, from 0 up, with which the block's work meets
// the target, and sets the header's nonce and hash. It returns how many nonces it
// has tried.
func mine(b *Block, bits int) (tries int) {
	h := &b.Header
	for h.Nonce = 0; !meetsTarget(h.work(), bits); h.Nonce++ {
	}

	h.Hash = h.hash()
	return h.Nonce + 1
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
// if there is no parent (nil). Its header is filled in, the hash last. It lacks
// its work yet: see mine.
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

// checkBlock returns an error if a block isn't what its header says, doesn't
// follow its parent (nil for block 0), or lacks its work. Block 0 needs none.
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

	if b.Header.Height > 0 && !meetsTarget(b.Header.work(), workBits) {
		return fmt.Errorf("block %d: the hash of its work, %.8s, is too large", b.Header.Height, b.Header.work())
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
	bits := flag.Int("bits", 0, "mine one block with so many zero `bits`, 1 to 24")
	flag.Parse()
	if *bits < 0 || *bits > 24 || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}

	genesis := newBlock(nil, []string{coinbase(alice, 0)})
	if *bits > 0 {
		b := newBlock(genesis, []string{coinbase(mia, 1)})
		tries := mine(b, *bits)
		fmt.Printf("%d zero bits: nonce %d, after %d tries. The hash of the work is\n%s\n", *bits, b.Header.Nonce, tries, b.Header.work())
		return
	}
	play(genesis)
}

// play tells the story of this chapter.
func play(genesis *Block) {
	fmt.Println("Mia looks for a nonce for block 1.")
	chain := []*Block{genesis, newBlock(genesis, []string{coinbase(mia, 1)})}
	tries := mine(chain[1], workBits)
	h := chain[1].Header
	for h.Nonce = 0; h.Nonce < tries; h.Nonce++ {
		fmt.Printf("  nonce %2d  work %.8s\n", h.Nonce, h.work())
	}

	fmt.Println("\nShe mines block 2 as well.")
	chain = append(chain, newBlock(chain[1], []string{coinbase(mia, 2)}))
	tries += mine(chain[2], workBits)
	show(chain)

	fmt.Println("\nShe mines on, a hundred blocks in all.")
	for height := 3; height <= 100; height++ {
		b := newBlock(chain[height-1], []string{coinbase(mia, height)})
		tries += mine(b, workBits)
		chain = append(chain, b)
	}
	fmt.Printf("  That took %d tries.\n", tries)

	fmt.Println("\nMallory writes her own address into block 1, and mends the root and the hash.")
	one := chain[1]
	one.Transactions[0] = strings.ReplaceAll(one.Transactions[0], mia, mallory)
	one.Header.HashMerkleRoot = one.merkleRoot()
	one.Header.Hash = one.Header.hash()
	show(chain[:3])

	fmt.Println("\nShe works, from block 1 to block 100.")
	tries = 0
	for height := 1; height <= 100; height++ {
		chain[height].Header.PrevBlockHash = chain[height-1].Header.Hash
		tries += mine(chain[height], workBits)
	}
	fmt.Printf("  That took %d tries.\n", tries)
	show(chain[:3])
}

// show prints the blocks of a chain, and whether it holds.
func show(chain []*Block) {
	for _, b := range chain {
		fmt.Printf("  block %d  hash %.8s  parent %-10.8q  root %.8s  nonce %s\n",
			b.Header.Height, b.Header.Hash, b.Header.PrevBlockHash, b.Header.HashMerkleRoot, b.Header.nonceText())
	}

	verdict := "  The chain holds."
	if err := checkChain(chain); err != nil {
		verdict = "  " + err.Error()
	}
	fmt.Println(verdict)
}
