package main

import (
	"bytes"
	"compress/flate"
	"context"
	"crypto/sha256"
	"encoding"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gosimpleblockchain/network"
)

const (
	magicNo   = 0xBCBCBCBC // 3166485692: opens every block
	workBits  = 4          // leading zero bits of a proof of work; Bitcoin retargets every 2016 blocks, we do not
	maxTxs    = 10_000     // transactions in a block
	maxBlock  = 1 << 20    // bytes of a block's JSON
	maxFuture = 2 * time.Hour
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

// A blockRef names a block by height and hash (hex).
type blockRef struct {
	height int
	hash   string
}

func (b *Block) ref() blockRef { return blockRef{b.Header.Height, b.Header.Hash} }

func (h *BlockHeader) parent() blockRef { return blockRef{h.Height - 1, h.PrevBlockHash} }

// key is the ref in bucketBlocks and bucketSide.
func (r blockRef) key() []byte { return append(heightKey(r.height), hashKey(r.hash)...) }

func hashKey(hash string) []byte {
	k, _ := hex.DecodeString(hash)
	return k
}

// decodeRef is the inverse of key.
func decodeRef(k []byte) blockRef {
	return blockRef{int(binary.BigEndian.Uint64(k)), hex.EncodeToString(k[8:])}
}

func heightKey(height int) []byte { return binary.BigEndian.AppendUint64(nil, uint64(height)) }

// NewBlock returns a block on top of parent, or a genesis block if parent is
// nil, that still lacks its proof of work: see [ProofOfWork.Run].
func NewBlock(parent *BlockHeader, txs []*Transaction, now time.Time) *Block {
	b := &Block{MagicNo: magicNo, Transactions: txs}
	b.Header = BlockHeader{Timestamp: timeText(now), HashMerkleRoot: b.merkleRoot()}
	if parent != nil {
		b.Header.PrevBlockHash = parent.Hash
		b.Header.Height = parent.Height + 1
	}
	b.Header.Hash = b.Header.hash()
	return b
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

// nonceText is the nonce as it is hashed: Python's None in the genesis block.
func (h *BlockHeader) nonceText() string {
	if h.Height == 0 {
		return "None"
	}
	return strconv.FormatInt(h.Nonce, 10)
}

// hash returns the hash that h should bear. No separator stands between the
// fields: height 1 with nonce 23 hashes like height 12 with nonce 3. That is
// harmless only because a block's height is checked against its parent's.
func (h *BlockHeader) hash() string {
	return sha256Hex([]byte(h.Timestamp + h.PrevBlockHash + h.HashMerkleRoot + strconv.Itoa(h.Height) + h.nonceText()))
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

// A candidate is a block on its way into the file.
type candidate struct {
	*Block
	deflated []byte // its JSON as it is stored; nil until the block is checked
}

// deflate compresses b's JSON. Most of it is hex digits, four bits of sense in
// eight: deflated, two blocks take the room of one.
func (bc *Blockchain) deflate(b *candidate) error {
	w := bc.deflaters.Get().(*flate.Writer)
	defer bc.deflaters.Put(w)
	var deflated bytes.Buffer
	w.Reset(&deflated)
	_, err := w.Write(b.AppendJSON(nil))
	err = errors.Join(err, w.Close())
	b.deflated = deflated.Bytes()
	return err
}

// store keeps a block beside the chain, if it is not stored yet.
func (c chain) store(b *candidate) error {
	ref := b.ref()
	if c.tx.Bucket(bucketBlocks).Get(ref.key()) != nil {
		return nil
	}
	return errors.Join(c.tx.Bucket(bucketHashes).Put(hashKey(ref.hash), heightKey(ref.height)),
		c.tx.Bucket(bucketBlocks).Put(ref.key(), b.deflated), c.putAside(b.Block, len(b.deflated)))
}

// json returns the JSON of a stored block.
func (c chain) json(ref blockRef) (json.RawMessage, error) {
	v := c.tx.Bucket(bucketBlocks).Get(ref.key())
	if v == nil {
		return nil, ErrNoBlock
	}
	raw, err := io.ReadAll(flate.NewReader(bytes.NewReader(v)))
	if err != nil {
		return nil, fmt.Errorf("block %s: %w: %w", ref.hash, ErrDamaged, err)
	}
	return raw, nil
}

func (c chain) block(ref blockRef) (*Block, error) {
	raw, err := c.json(ref)
	if err != nil {
		return nil, err
	}
	return DecodeBlock(raw)
}

// putAside notes that a stored block of that size is beside the chain. The
// bucket's sequence number holds the sum of the sizes.
func (c chain) putAside(b *Block, size int) error {
	side := c.tx.Bucket(bucketSide)
	v := binary.BigEndian.AppendUint32(nil, uint32(size))
	return errors.Join(side.Put(b.ref().key(), append(v, hashKey(b.Header.PrevBlockHash)...)),
		side.SetSequence(side.Sequence()+uint64(size)))
}

// DecodeBlock reads one block from JSON. It checks names and types, and that
// nothing follows; what the values say is for [Block.Check].
func DecodeBlock(raw []byte) (*Block, error) {
	var b Block
	if json.Unmarshal(raw, &b) == nil && !slices.Contains(b.Transactions, nil) && bytes.Equal(b.AppendJSON(make([]byte, 0, len(raw))), raw) {
		return &b, nil // in the very form that we write: nothing was lost
	}
	b = Block{}
	if err := b.decode(raw); err != nil {
		return nil, fmt.Errorf("block: %w", err)
	}
	return &b, nil
}

func (b *Block) decode(raw []byte) error {
	return decodeObject(raw, field{"magic_no", &b.MagicNo}, field{"block_header", b.Header.decode},
		field{"transactions", decodeList(func(raw []byte) error {
			b.Transactions = append(b.Transactions, new(Transaction))
			return b.Transactions[len(b.Transactions)-1].decode(raw)
		})})
}

func (h *BlockHeader) decode(raw []byte) error {
	nonce := &h.Nonce
	err := decodeObject(raw, field{"timestamp", &h.Timestamp}, field{"prev_block_hash", &h.PrevBlockHash},
		field{"hash", &h.Hash}, field{"hash_merkle_root", &h.HashMerkleRoot}, field{"height", &h.Height},
		field{"nonce", &nonce})
	if err == nil && (nonce == nil) != (h.Height == 0) {
		err = fmt.Errorf("nonce of block %d: null belongs to block 0 and only there: %w", h.Height, ErrMalformed)
	}
	return err
}

// coins returns how many coins b may add and spend.
func (b *Block) coins() (n int) {
	for _, tx := range b.Transactions {
		n += len(tx.Vins) + len(tx.Vouts)
	}
	return n
}

// merkleRoot returns the root over the hash of each transaction's JSON.
func (b *Block) merkleRoot() string {
	var leaves []string
	var buf []byte
	for _, tx := range b.Transactions {
		buf = tx.AppendJSON(buf[:0])
		leaves = append(leaves, sha256Hex(buf))
	}
	return MerkleRoot(leaves)
}

// MerkleRoot folds leaves (hex hashes) pair by pair into one hash. An odd
// level repeats its last node, as Bitcoin's does; the root of a list is then
// also that of the list with its end repeated, which is why [Block.Check]
// refuses a transaction that stands twice. No leaves have the root "".
func MerkleRoot(leaves []string) string {
	if len(leaves) == 0 {
		return ""
	}
	level := append([]string(nil), leaves...)
	for len(level) > 1 {
		if len(level)%2 == 1 {
			level = append(level, level[len(level)-1])
		}
		for i := 0; i < len(level); i += 2 {
			level[i/2] = sha256Hex([]byte(level[i] + level[i+1]))
		}
		level = level[:len(level)/2]
	}
	return level[0]
}

// A ProofOfWork is the search for a nonce that makes a header's work hash
// small. Bitcoin hashes the same bytes for the work and for the block's name;
// here the two texts differ in order, so a block's hash shows no zeros.
type ProofOfWork struct{ Header *BlockHeader }

// text is what the work hashes, up to the nonce.
func (p ProofOfWork) text() []byte {
	h := p.Header
	return []byte(h.PrevBlockHash + h.HashMerkleRoot + h.Timestamp + strconv.Itoa(h.Height))
}

// Valid reports whether the header's nonce proves the work.
func (p ProofOfWork) Valid() bool {
	return meetsTarget(sha256.Sum256(append(p.text(), p.Header.nonceText()...)))
}

// Run finds the lowest nonce that proves the work, and sets the header's nonce
// and hash by it. Every processor tries its share of the nonces. Run gives up
// when ctx is done.
func (p ProofOfWork) Run(ctx context.Context) error {
	found := make([]int64, runtime.GOMAXPROCS(0))
	var bound atomic.Int64 // above it there is no need to search
	bound.Store(math.MaxInt64)
	var wg sync.WaitGroup
	for i := range found {
		wg.Go(func() { found[i] = p.search(ctx, int64(i), int64(len(found)), &bound) })
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("mine block %d: %w", p.Header.Height, err)
	}
	p.Header.Nonce = slices.Min(found)
	p.Header.Hash = p.Header.hash()
	return nil
}

// search tries first, first+step and so on, and returns the first nonce that
// proves the work, or else [math.MaxInt64].
func (p ProofOfWork) search(ctx context.Context, first, step int64, bound *atomic.Int64) int64 {
	h := newWorkHash(p.text())
	for nonce := first; nonce < bound.Load(); nonce += step {
		if nonce/step%1024 == 0 && ctx.Err() != nil {
			break
		}
		if h.meetsTarget(nonce) {
			bound.Store(nonce)
			return nonce
		}
	}
	return math.MaxInt64
}

// A workHash hashes a text followed by one nonce after another. The text's
// front is most of it, and hashed once: its state is taken up for each nonce.
type workHash struct {
	digest resumable
	state  []byte // of digest after the text
	nonce  []byte // in decimal
	sum    []byte
}

type resumable interface {
	hash.Hash
	encoding.BinaryAppender
	encoding.BinaryUnmarshaler
}

func newWorkHash(text []byte) *workHash {
	w := &workHash{digest: sha256.New().(resumable)} // it is, says package sha256
	w.digest.Write(text)
	w.state, _ = w.digest.AppendBinary(nil) // fails for no digest of ours
	return w
}

// meetsTarget reports whether the hash with nonce proves the work.
func (w *workHash) meetsTarget(nonce int64) bool {
	if err := w.digest.UnmarshalBinary(w.state); err != nil {
		return false // not with a state of its own making
	}
	w.nonce = strconv.AppendInt(w.nonce[:0], nonce, 10)
	w.digest.Write(w.nonce)
	w.sum = w.digest.Sum(w.sum[:0])
	return meetsTarget([sha256.Size]byte(w.sum))
}

// meetsTarget reports whether sum, read as a number, is below 2^(256-workBits).
func meetsTarget(sum [sha256.Size]byte) bool {
	return sum[0]>>(8-workBits) == 0
}

// Check applies every rule that needs no other block: the header and its
// work, the Merkle root, the coinbase, and each transaction by itself with
// its signatures. Cheap rules come first.
func (b *Block) Check(ctx context.Context, now time.Time) error {
	if err := b.checkHeader(now); err != nil {
		return fmt.Errorf("block %d: %w", b.Header.Height, err)
	}
	if err := b.checkTransactions(ctx); err != nil {
		return fmt.Errorf("block %d: %w", b.Header.Height, err)
	}
	return nil
}

// An invalidBlockError says that a block breaks a rule at its place.
type invalidBlockError struct {
	branch []blockRef // the block, and those on top of it
	err    error
}

func (e *invalidBlockError) Error() string {
	return fmt.Sprintf("block %d: %v", e.branch[0].height, e.err)
}
func (e *invalidBlockError) Unwrap() error { return e.err }

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
		return fmt.Errorf("%w: %w: %s is more than %s ahead of the clock", ErrTimestamp, network.ErrNotYet, s, maxFuture)
	}
	return nil
}
