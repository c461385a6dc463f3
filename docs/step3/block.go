package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// sha256Hex returns the SHA-256 of a text as 64 hex digits.
func sha256Hex(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// magicNo stands in front of every block's JSON, and says that one begins here.
const magicNo int64 = 0xBCBCBCBC

// A Block is a list of transactions, and a header that stands for them.
type Block struct {
	Header       BlockHeader       `json:"block_header"`
	Transactions []json.RawMessage `json:"transactions"`
}

// A BlockHeader names its block, and the block before it.
type BlockHeader struct {
	Timestamp      string `json:"timestamp"`        // when the block was made, in seconds since 1970
	PrevBlockHash  string `json:"prev_block_hash"`  // the hash of the block before, its parent; "" in block 0
	Hash           string `json:"hash"`             // the block's own: see hash
	HashMerkleRoot string `json:"hash_merkle_root"` // one hash for all transactions: see Block.merkleRoot
	Height         int    `json:"height"`           // how many blocks are below it
	Nonce          int    `json:"nonce"`            // what the work found; block 0 has none (null)
}

// json returns the header as JSON, byte for byte as the Python program writes it:
// the fields in the order above, ", " between them and ": " after each name. The
// nonce of block 0 is null.
func (h BlockHeader) json() string {
	nonce := strconv.Itoa(h.Nonce)
	if h.Height == 0 {
		nonce = "null"
	}
	return fmt.Sprintf(`{"timestamp": "%s", "prev_block_hash": "%s", "hash": "%s", "hash_merkle_root": "%s", "height": %d, "nonce": %s}`,
		h.Timestamp, h.PrevBlockHash, h.Hash, h.HashMerkleRoot, h.Height, nonce)
}

// json returns the block as JSON: its magic_no, its block_header and a list of its
// transactions, in the form of the header's.
func (b *Block) json() string {
	var transactions []string
	for _, tx := range b.Transactions {
		transactions = append(transactions, string(tx))
	}
	return fmt.Sprintf(`{"magic_no": %d, "block_header": %s, "transactions": [%s]}`,
		magicNo, b.Header.json(), strings.Join(transactions, ", "))
}

// decodeBlock reads a block's JSON.
func decodeBlock(text []byte) (*Block, error) {
	var b Block
	if err := json.Unmarshal(text, &b); err != nil {
		return nil, fmt.Errorf("not a block: %w", err)
	}
	return &b, nil
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
		leaves = append(leaves, sha256Hex(string(tx)))
	}
	return merkleRoot(leaves)
}

// newBlock returns a block with these transactions on top of parent, or block 0
// if there is no parent (nil). Its header is filled in, the hash last. It lacks
// its work yet: see mine.
func newBlock(parent *Block, transactions []json.RawMessage) *Block {
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

// coinbase returns the JSON of a transaction that makes 1000 new coins for
// whoever has the address. Chapter 4 takes it apart.
func coinbase(address string, height int) json.RawMessage {
	time := timeOf(height)
	txid := sha256Hex(fmt.Sprintf(`{'txid': '', 'vout': -1, 'signature': '', 'pub_key': '%s'}{'value': 1000, 'pub_key_hash': '%s'}`, time, address))
	return fmt.Appendf(nil, `{"txid": "%s", "vins": [{"txid": "", "vout": -1, "signature": "", "pub_key": "%s"}], "vouts": [{"value": 1000, "pub_key_hash": "%s"}]}`, txid, time, address)
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
