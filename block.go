package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gosimpleblockchain/network"
)

const (
	magicNo       = 0xBCBCBCBC // 3166485692: opens every block
	maxBlockTxs   = 10_000     // transactions in a block
	maxBlockBytes = 1 << 20    // bytes of a block's JSON
	maxFuture     = 2 * time.Hour
)

// What makes a block invalid by itself, wherever it stands in a chain. An
// error that wraps one of these names the field and its value.
var (
	ErrMalformed   = errors.New("malformed")
	ErrMagic       = errors.New("wrong magic number")
	ErrTimestamp   = errors.New("bad timestamp")
	ErrHash        = errors.New("hash does not match the header")
	ErrMerkleRoot  = errors.New("merkle root does not match the transactions")
	ErrWork        = errors.New("not enough work")
	ErrBlockSize   = errors.New("block too large")
	ErrNoTxs       = errors.New("block without transactions")
	ErrCoinbase    = errors.New("bad coinbase")
	ErrDuplicateTx = errors.New("transaction twice in one block")
)

// A Block is a header and the transactions that its Merkle root commits to.
type Block struct {
	MagicNo      int64          `json:"magic_no"`
	Header       BlockHeader    `json:"block_header"`
	Transactions []*Transaction `json:"transactions"` // the coinbase first
}

// A BlockHeader names a block and links it to its parent. Its text fields
// are hashed as they stand, so they keep the form they came in.
type BlockHeader struct {
	Timestamp      string `json:"timestamp"`        // seconds since 1970 in decimal, such as "1551347915.3271294"
	PrevBlockHash  string `json:"prev_block_hash"`  // 64 hex digits; "" in the genesis block
	Hash           string `json:"hash"`             // 64 hex digits
	HashMerkleRoot string `json:"hash_merkle_root"` // 64 hex digits
	Height         int    `json:"height"`           // 0 is the genesis block
	Nonce          int64  `json:"nonce"`            // what the work found; the genesis block has none (null)
}

// NewBlock returns a block on top of parent, or a genesis block if parent is
// nil, that still lacks its proof of work: see [ProofOfWork.Run].
func NewBlock(parent *BlockHeader, txs []*Transaction, now time.Time) *Block {
	b := &Block{MagicNo: magicNo, Transactions: txs}
	b.Header = BlockHeader{
		Timestamp:      timeText(now),
		HashMerkleRoot: b.merkleRoot(),
	}

	if parent != nil {
		b.Header.PrevBlockHash = parent.Hash
		b.Header.Height = parent.Height + 1
	}

	b.Header.Hash = b.Header.hash()
	return b
}

// hash returns the hash that h should bear. No separator stands between the
// fields: height 1 with nonce 23 hashes like height 12 with nonce 3. That is
// harmless only because a block's height is checked against its parent's.
func (h *BlockHeader) hash() string { return sha256Hex([]byte(h.hashText())) }

func (h *BlockHeader) hashText() string {
	return h.Timestamp + h.PrevBlockHash + h.HashMerkleRoot + strconv.Itoa(h.Height) + h.nonceText()
}

// nonceText is the nonce as it is hashed: Python's None in the genesis block.
func (h *BlockHeader) nonceText() string {
	if h.Height == 0 {
		return "None"
	}
	return strconv.FormatInt(h.Nonce, 10)
}

// timeText writes t as Python's str(time.time()) does: the shortest decimal
// that reads back as the same float64, with at least one decimal place.
func timeText(t time.Time) string {
	s := strconv.FormatFloat(float64(t.UnixNano())/1e9, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// sha256Hex returns the lower-case hex SHA-256 of b.
func sha256Hex(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Check applies every rule that needs no other block: the header and its
// work, the Merkle root, the coinbase, and each transaction by itself with
// its signatures. Cheap rules come first.
func (b *Block) Check(ctx context.Context, now time.Time) error {
	if err := b.checkUnsigned(ctx, now); err != nil {
		return err
	}

	if err := verifySignatures(ctx, b.Transactions); err != nil {
		return fmt.Errorf("block %d: %w", b.Header.Height, err)
	}
	return nil
}

// checkUnsigned is [Block.Check] without the signatures, which are nearly all
// of its cost.
func (b *Block) checkUnsigned(ctx context.Context, now time.Time) error {
	if err := b.checkHeader(now); err != nil {
		return fmt.Errorf("block %d: %w", b.Header.Height, err)
	}
	if err := b.checkTransactions(ctx); err != nil {
		return fmt.Errorf("block %d: %w", b.Header.Height, err)
	}
	return nil
}

// checkHeader applies the rules that the header alone can break.
func (b *Block) checkHeader(now time.Time) error {
	h := &b.Header
	switch {
	case b.MagicNo != magicNo:
		return fmt.Errorf("%w: %d", ErrMagic, b.MagicNo)
	case h.Height < 0 || h.Nonce < 0:
		return fmt.Errorf("height %d, nonce %d: %w", h.Height, h.Nonce, ErrMalformed)
	case h.Height == 0 && h.PrevBlockHash != "", h.Height > 0 && !isHex(h.PrevBlockHash, 64):
		return fmt.Errorf("prev_block_hash %.80q: %w", h.PrevBlockHash, ErrMalformed)
	case !isHex(h.HashMerkleRoot, 64):
		return fmt.Errorf("hash_merkle_root %.80q: %w", h.HashMerkleRoot, ErrMalformed)
	}
	if err := checkTimestamp(h.Timestamp, now); err != nil {
		return err
	}

	// Each text has the form that it should: only now may it be hashed.
	if want := h.hash(); h.Hash != want {
		return fmt.Errorf("%w: has %.80q, want %s", ErrHash, h.Hash, want)
	}
	if h.Height > 0 && !(ProofOfWork{h}).Valid() {
		return fmt.Errorf("%w: nonce %d", ErrWork, h.Nonce)
	}
	return nil
}

// checkTimestamp takes what Python's str(time.time()) may print: 1 to 12
// digits, then maybe a point and 1 to 20 more.
func checkTimestamp(s string, now time.Time) error {
	whole, fraction, point := strings.Cut(s, ".")
	if !isDigits(whole, 12) || point && !isDigits(fraction, 20) {
		return fmt.Errorf("%w: %.40q is not a decimal number", ErrTimestamp, s)
	}

	seconds, _ := strconv.ParseFloat(s, 64) // digits always parse
	if limit := now.Add(maxFuture).Unix(); seconds > float64(limit) {
		hours := (seconds - float64(now.Unix())) / 3600
		return fmt.Errorf("%w: %w: %.1f h ahead of our clock: set one of the clocks", ErrTimestamp, network.ErrNotYet, hours)
	}
	return nil
}

// checkTransactions applies the rules of the body but the signatures.
func (b *Block) checkTransactions(ctx context.Context) error {
	if len(b.Transactions) == 0 {
		return ErrNoTxs
	}
	if len(b.Transactions) > maxBlockTxs {
		return fmt.Errorf("%w: %d transactions, at most %d", ErrBlockSize, len(b.Transactions), maxBlockTxs)
	}
	if size := len(b.AppendJSON(nil)); size > maxBlockBytes {
		return fmt.Errorf("%w: %d bytes of JSON, at most %d", ErrBlockSize, size, maxBlockBytes)
	}

	_, err := inParallel(ctx, len(b.Transactions), func(i int) error {
		if err := b.Transactions[i].checkForm(); err != nil {
			return fmt.Errorf("transaction %d: %w", i, err)
		}
		if b.Transactions[i].IsCoinbase() != (i == 0) {
			return fmt.Errorf("transaction %d: %w: exactly the first is one", i, ErrCoinbase)
		}
		return nil
	})
	if err != nil {
		return err
	}

	seen := make(map[string]bool, len(b.Transactions))
	for i, tx := range b.Transactions {
		if seen[tx.TxID] {
			return fmt.Errorf("transaction %d: %w: %s", i, ErrDuplicateTx, tx.TxID)
		}
		seen[tx.TxID] = true
	}

	if want := b.merkleRoot(); b.Header.HashMerkleRoot != want {
		return fmt.Errorf("%w: has %s, want %s", ErrMerkleRoot, b.Header.HashMerkleRoot, want)
	}
	return nil
}

// isHex reports whether s is n lower-case hex digits.
func isHex(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "0123456789abcdef") == ""
}

// isDigits reports whether s is 1 to most decimal digits.
func isDigits(s string, most int) bool {
	return s != "" && len(s) <= most && strings.Trim(s, "0123456789") == ""
}

// AppendJSON appends h to b, byte for byte as Python's json.dumps writes it.
func (h *BlockHeader) AppendJSON(b []byte) []byte {
	nonce := "null"
	if h.Height > 0 {
		nonce = h.nonceText()
	}
	return fmt.Appendf(b, `{"timestamp": "%s", "prev_block_hash": "%s", "hash": "%s", "hash_merkle_root": "%s", "height": %d, "nonce": %s}`,
		h.Timestamp, h.PrevBlockHash, h.Hash, h.HashMerkleRoot, h.Height, nonce)
}

// AppendJSON appends b to dst, byte for byte as Python's json.dumps writes it.
// The text fields must have passed [Block.Check]: they are not escaped.
func (b *Block) AppendJSON(dst []byte) []byte {
	dst = slices.Grow(dst, min(1024*len(b.Transactions), maxBlockBytes)) // enough for most
	dst = fmt.Appendf(dst, `{"magic_no": %d, "block_header": `, b.MagicNo)
	dst = b.Header.AppendJSON(dst)
	dst = append(dst, `, "transactions": [`...)
	for i, tx := range b.Transactions {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = tx.AppendJSON(dst)
	}
	return append(dst, "]}"...)
}

// DecodeBlock reads one block from JSON. It checks names and types, and that
// nothing follows; what the values say is for [Block.Check].
func DecodeBlock(raw []byte) (*Block, error) {
	if b := decodeOwnForm(raw); b != nil {
		return b, nil
	}

	var b Block
	if err := b.decode(raw); err != nil {
		return nil, fmt.Errorf("block: %w", err)
	}
	return &b, nil
}

// decodeOwnForm reads a block from the very JSON that [Block.AppendJSON] writes,
// which is many times as fast as the strict way. It returns nil for any other.
func decodeOwnForm(raw []byte) *Block {
	var b Block
	r := ownForm{rest: raw}
	b.readOwnFront(&r)
	for r.more(len(b.Transactions)) {
		b.Transactions = append(b.Transactions, readOwnTransaction(&r))
	}
	r.expect("}")

	// What reads back as the same bytes lost nothing.
	if r.differs || len(r.rest) > 0 || !bytes.Equal(b.AppendJSON(make([]byte, 0, len(raw))), raw) {
		return nil
	}
	return &b
}

// readOwnFront reads what comes before the transactions.
func (b *Block) readOwnFront(r *ownForm) {
	h := &b.Header
	b.MagicNo = r.number(`{"magic_no": `)
	h.Timestamp = r.text(`, "block_header": {"timestamp": `)
	h.PrevBlockHash = r.text(`, "prev_block_hash": `)
	h.Hash = r.text(`, "hash": `)
	h.HashMerkleRoot = r.text(`, "hash_merkle_root": `)
	h.Height = int(r.number(`, "height": `))
	if h.Height > 0 {
		h.Nonce = r.number(`, "nonce": `)
	} else {
		r.expect(`, "nonce": null`)
	}
	r.expect(`}, "transactions": [`)
}

func (b *Block) decode(raw []byte) error {
	decodeTransactions := decodeList(func(raw []byte) error {
		var tx Transaction
		err := tx.decode(raw)
		b.Transactions = append(b.Transactions, &tx)
		return err
	})

	return decodeObject(raw,
		field{"magic_no", &b.MagicNo},
		field{"block_header", b.Header.decode},
		field{"transactions", decodeTransactions})
}

func (h *BlockHeader) decode(raw []byte) error {
	nonce := &h.Nonce // null makes it nil
	err := decodeObject(raw,
		field{"timestamp", &h.Timestamp},
		field{"prev_block_hash", &h.PrevBlockHash},
		field{"hash", &h.Hash},
		field{"hash_merkle_root", &h.HashMerkleRoot},
		field{"height", &h.Height},
		field{"nonce", &nonce})
	if err != nil {
		return err
	}

	if (nonce == nil) != (h.Height == 0) {
		return fmt.Errorf("nonce of block %d: null belongs to block 0 and only there: %w", h.Height, ErrMalformed)
	}
	return nil
}
