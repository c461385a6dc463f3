package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/boltdb/bolt"
)

// The checks of chapter 3's holes. `learn check` runs them on your functions.

// attempt makes a call that may go wrong: one that panics, or doesn't come to an
// end, fails the test with a word of what it was.
func attempt[T any](t *testing.T, call string, f func() T) (got T) {
	t.Helper()
	panicked := make(chan any, 1)
	go func() {
		defer func() { panicked <- recover() }()
		got = f()
	}()

	select {
	case p := <-panicked:
		if p != nil {
			t.Fatalf("%s panics: %v", call, p)
		}
	case <-time.After(10 * time.Second):
		t.Fatalf("%s is still running after 10 s: does its loop end?", call)
	}
	return got
}

// headers of our story, and their JSON.
var (
	headerZero = BlockHeader{
		Timestamp:      "1231006505.0",
		Hash:           "f3187e6c3a6a39e390e46d3a36f145978f484d691b6a46501cb1aef3ea62c304",
		HashMerkleRoot: "6faa86a9a5847bcfaf052b9c6406ed6532c4457b5b28565ff575559275a1257a",
	}
	headerOne = BlockHeader{
		Timestamp:      "1231006565.0",
		PrevBlockHash:  "f3187e6c3a6a39e390e46d3a36f145978f484d691b6a46501cb1aef3ea62c304",
		Hash:           "d43571cb8197e924252b1bf34387f547a5694bd66ce41436a082a218fb91372c",
		HashMerkleRoot: "482191943b3cfccbdf22dd566c6298272a7e1dc19f08e53e1c36ad92bdf8f72c",
		Height:         1,
		Nonce:          7,
	}
)

const (
	jsonZero = `{"timestamp": "1231006505.0", "prev_block_hash": "", "hash": "f3187e6c3a6a39e390e46d3a36f145978f484d691b6a46501cb1aef3ea62c304", "hash_merkle_root": "6faa86a9a5847bcfaf052b9c6406ed6532c4457b5b28565ff575559275a1257a", "height": 0, "nonce": null}`
	jsonOne  = `{"timestamp": "1231006565.0", "prev_block_hash": "f3187e6c3a6a39e390e46d3a36f145978f484d691b6a46501cb1aef3ea62c304", "hash": "d43571cb8197e924252b1bf34387f547a5694bd66ce41436a082a218fb91372c", "hash_merkle_root": "482191943b3cfccbdf22dd566c6298272a7e1dc19f08e53e1c36ad92bdf8f72c", "height": 1, "nonce": 7}`
)

func TestHole3_1HeaderJSON(t *testing.T) {
	other := BlockHeader{Timestamp: "5.25", PrevBlockHash: "p", Hash: "h", HashMerkleRoot: "r", Height: 12, Nonce: 0}
	tests := []struct {
		name   string
		header BlockHeader
		want   string
	}{
		{"block 0", headerZero, jsonZero},
		{"block 1", headerOne, jsonOne},
		{"block 12, whose nonce is 0", other, `{"timestamp": "5.25", "prev_block_hash": "p", "hash": "h", "hash_merkle_root": "r", "height": 12, "nonce": 0}`},
		{"a block 5 that names no parent", BlockHeader{Timestamp: "5.0", Height: 5, Nonce: 6}, `{"timestamp": "5.0", "prev_block_hash": "", "hash": "", "hash_merkle_root": "", "height": 5, "nonce": 6}`},
		{"a block 0 that names a parent, and has a nonce", BlockHeader{PrevBlockHash: "p", Nonce: 6}, `{"timestamp": "", "prev_block_hash": "p", "hash": "", "hash_merkle_root": "", "height": 0, "nonce": null}`},
	}
	for _, tt := range tests {
		if got := attempt(t, "json", tt.header.json); got != tt.want {
			t.Errorf("the header of %s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

func TestHole3_2BlockJSON(t *testing.T) {
	tests := []struct {
		name         string
		header       BlockHeader
		transactions []string
		want         string
	}{
		{"no transactions", headerZero, nil, `{"magic_no": 3166485692, "block_header": ` + jsonZero + `, "transactions": []}`},
		{"one", headerOne, []string{`{"a": 1}`}, `{"magic_no": 3166485692, "block_header": ` + jsonOne + `, "transactions": [{"a": 1}]}`},
		{"three", headerOne, []string{`{"a": 1,  "b":[]}`, `{ }`, `"c"`}, `{"magic_no": 3166485692, "block_header": ` + jsonOne + `, "transactions": [{"a": 1,  "b":[]}, { }, "c"]}`},
	}
	for _, tt := range tests {
		b := &Block{Header: tt.header}
		for _, tx := range tt.transactions {
			b.Transactions = append(b.Transactions, json.RawMessage(tx))
		}
		if got := attempt(t, "json", b.json); got != tt.want {
			t.Errorf("a block with %s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

// What a block's JSON is read back as is the same block.
func TestHole3_2BlockJSONIsReadBack(t *testing.T) {
	want := storyBlocks()[2]
	got, err := decodeBlock([]byte(attempt(t, "json", want.json)))
	if err != nil {
		t.Fatalf("decodeBlock can't read your JSON: %v", err)
	}
	if got.Header != want.Header || len(got.Transactions) != 1 || string(got.Transactions[0]) != string(want.Transactions[0]) {
		t.Errorf("block 2 comes back as another one:\n got %+v\nwant %+v", got, want)
	}
}

func TestHole3_3HeightKey(t *testing.T) {
	largest := make([]byte, 8)
	for i := range largest {
		largest[i] = byte(uint64(math.MaxInt) >> (56 - 8*i))
	}
	tests := []struct {
		height int
		want   []byte
	}{
		{0, []byte{0, 0, 0, 0, 0, 0, 0, 0}},
		{1, []byte{0, 0, 0, 0, 0, 0, 0, 1}},
		{255, []byte{0, 0, 0, 0, 0, 0, 0, 255}},
		{256, []byte{0, 0, 0, 0, 0, 0, 1, 0}},
		{1_000_000_000, []byte{0, 0, 0, 0, 59, 154, 202, 0}},
		{math.MaxInt, largest},
	}
	for _, tt := range tests {
		if got := attempt(t, "heightKey", func() []byte { return heightKey(tt.height) }); !bytes.Equal(got, tt.want) {
			t.Errorf("heightKey(%d) is %v, want %v", tt.height, got, tt.want)
		}
	}
}

// Keys are in the order of their heights.
func TestHole3_3HeightKeyOrder(t *testing.T) {
	random := rand.New(rand.NewSource(3))
	for range 1000 {
		a, b := random.Intn(math.MaxInt32), random.Intn(math.MaxInt32)
		a >>= random.Intn(31)
		ka := attempt(t, "heightKey", func() []byte { return heightKey(a) })
		kb := attempt(t, "heightKey", func() []byte { return heightKey(b) })
		if (bytes.Compare(ka, kb) < 0) != (a < b) {
			t.Fatalf("the keys of the heights %d and %d are %v and %v: they're in the wrong order", a, b, ka, kb)
		}
	}
}

// storyBlocks are blocks 0 to 2 of our story, written out, so that no hole is
// needed for them.
func storyBlocks() []*Block {
	two := BlockHeader{
		Timestamp:      "1231006625.0",
		PrevBlockHash:  headerOne.Hash,
		Hash:           "834f4792b0e8d4ae0967ea30d74ecb5d2faa8df7dbc5e2b72aa46f6c5d8ff0f5",
		HashMerkleRoot: "",
		Height:         2,
		Nonce:          11,
	}
	var blocks []*Block
	for i, h := range []BlockHeader{headerZero, headerOne, two} {
		blocks = append(blocks, &Block{Header: h, Transactions: []json.RawMessage{coinbase(people[[]string{"Alice", "Mia", "Mia"}[i]], i)}})
	}
	last := blocks[2]
	last.Header.HashMerkleRoot = last.merkleRoot()
	last.Header.Hash = last.Header.hash()
	return blocks
}

// nextBlock returns a mined block on top of another.
func nextBlock(parent *Block) *Block {
	b := newBlock(parent, []json.RawMessage{coinbase(people["Mia"], parent.Header.Height+1)})
	mine(b, workBits)
	return b
}

func emptyChain(t *testing.T) *Chain {
	t.Helper()
	c, err := openChain(filepath.Join(t.TempDir(), "chain.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.close() })
	return c
}

// dump returns all that is in the file.
func dump(t *testing.T, c *Chain) string {
	t.Helper()
	var text strings.Builder
	err := c.db.View(func(dbtx *bolt.Tx) error {
		return dbtx.ForEach(func(name []byte, bucket *bolt.Bucket) error {
			return bucket.ForEach(func(key, value []byte) error {
				_, err := fmt.Fprintf(&text, "%s %q: %q\n", name, key, value)
				return err
			})
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func TestHole3_4PutBlock(t *testing.T) {
	c := emptyChain(t)
	blocks := storyBlocks()
	for _, b := range blocks {
		err := attempt(t, "putBlock", func() error {
			return c.db.Update(func(dbtx *bolt.Tx) error { return putBlock(dbtx, b) })
		})
		if err != nil {
			t.Fatalf("putBlock of block %d: %v", b.Header.Height, err)
		}
	}

	err := c.db.View(func(dbtx *bolt.Tx) error {
		for _, b := range blocks {
			if got := dbtx.Bucket(blocksBucket).Get([]byte(b.Header.Hash)); string(got) != b.json() {
				t.Errorf("under the hash of block %d in the bucket of blocks stands %q, want its JSON", b.Header.Height, got)
			}
			if got := dbtx.Bucket(heightsBucket).Get(heightKey(b.Header.Height)); string(got) != b.Header.Hash {
				t.Errorf("under the height %d in the bucket of heights stands %q, want the block's hash", b.Header.Height, got)
			}
		}
		if got := dbtx.Bucket(blocksBucket).Get(tipKey); string(got) != blocks[2].Header.Hash {
			t.Errorf("under tipKey in the bucket of blocks stands %q, want the hash of the last one put", got)
		}
		if n := dbtx.Bucket(blocksBucket).Stats().KeyN; n != 4 {
			t.Errorf("the bucket of blocks has %d entries after three blocks, want 4: theirs, and that of the tip", n)
		}
		if n := dbtx.Bucket(heightsBucket).Stats().KeyN; n != 3 {
			t.Errorf("the bucket of heights has %d entries after three blocks, want 3", n)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Another block at a height takes the place of the one that was there.
func TestHole3_4PutBlockAgain(t *testing.T) {
	c := emptyChain(t)
	blocks := storyBlocks()
	other := newBlock(blocks[0], []json.RawMessage{coinbase(people["Mallory"], 1)})
	for _, b := range []*Block{blocks[0], blocks[1], blocks[2], other} {
		err := attempt(t, "putBlock", func() error {
			return c.db.Update(func(dbtx *bolt.Tx) error { return putBlock(dbtx, b) })
		})
		if err != nil {
			t.Fatalf("putBlock of block %d: %v", b.Header.Height, err)
		}
	}

	err := c.db.View(func(dbtx *bolt.Tx) error {
		if got := dbtx.Bucket(heightsBucket).Get(heightKey(1)); string(got) != other.Header.Hash {
			t.Errorf("two blocks of height 1 were put, and under that height stands %.8q; want the hash of the second, %.8q", got, other.Header.Hash)
		}
		if got := dbtx.Bucket(blocksBucket).Get(tipKey); string(got) != other.Header.Hash {
			t.Errorf("a second block 1 was put last, and under tipKey stands %.8q; want its hash, %.8q", got, other.Header.Hash)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Where bolt refuses, so does putBlock.
func TestHole3_4PutBlockFails(t *testing.T) {
	c := emptyChain(t)
	b := storyBlocks()[0]
	err := attempt(t, "putBlock", func() error {
		return c.db.View(func(dbtx *bolt.Tx) error { return putBlock(dbtx, b) })
	})
	if err == nil {
		t.Error("bolt refuses to write in a transaction that may only read, and putBlock returns no error")
	}

	b.Header.Hash = ""
	err = attempt(t, "putBlock", func() error {
		return c.db.Update(func(dbtx *bolt.Tx) error { return putBlock(dbtx, b) })
	})
	if err == nil {
		t.Error("bolt refuses an empty key, and putBlock returns no error")
	}
}

// writes returns how many database transactions have changed the file, and how many
// have only read it.
func writes(t *testing.T, c *Chain) (changes, reads int) {
	t.Helper()
	reads = c.db.Stats().TxN
	err := c.db.View(func(dbtx *bolt.Tx) error {
		changes = dbtx.ID()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return changes, reads
}

func TestHole3_5Add(t *testing.T) {
	c := emptyChain(t)
	var tip *Block
	for height := range 4 {
		b := storyBlocks()[0]
		if height > 0 {
			b = nextBlock(tip)
		}
		changes, reads := writes(t, c)
		if err := attempt(t, "add", func() error { return c.add(b) }); err != nil {
			t.Fatalf("add refuses a good block %d: %v", height, err)
		}
		changesAfter, readsAfter := writes(t, c)
		if changesAfter != changes+1 || readsAfter != reads+1 { // one of ours
			t.Fatalf("add took %d database transactions that write and %d that read; want one that writes, and no other", changesAfter-changes, readsAfter-reads-1)
		}

		got, err := c.tip()
		if err != nil || got == nil || got.Header != b.Header {
			t.Fatalf("after add of block %d the tip is %+v (error %v), want that block", height, got, err)
		}
		tip = b
	}
}

// A block that breaks a rule is refused, and nothing is written.
func TestHole3_5AddRefuses(t *testing.T) {
	zero := storyBlocks()[0]
	tests := []struct {
		name  string
		forge func(b *Block)
	}{
		{"another transaction", func(b *Block) { b.Transactions[0] = coinbase(people["Mallory"], 1) }},
		{"another hash", func(b *Block) { b.Header.Hash = zero.Header.Hash }},
		{"no work", func(b *Block) {
			for meetsTarget(b.Header.work(), workBits) {
				b.Header.Nonce++
			}
			b.Header.Hash = b.Header.hash()
		}},
		{"another parent", func(b *Block) { b.Header.PrevBlockHash = strings.Repeat("a", 64); mine(b, workBits) }},
		{"another height", func(b *Block) { b.Header.Height = 2; mine(b, workBits) }},
		{"a second block 0", func(b *Block) { *b = *newBlock(nil, []json.RawMessage{coinbase(people["Mallory"], 0)}) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := emptyChain(t)
			if err := attempt(t, "add", func() error { return c.add(zero) }); err != nil {
				t.Fatalf("add refuses block 0: %v", err)
			}
			before := dump(t, c)

			b := nextBlock(zero)
			tt.forge(b)
			if err := attempt(t, "add", func() error { return c.add(b) }); err == nil {
				t.Errorf("add takes a block 1 with %s", tt.name)
			}
			if after := dump(t, c); after != before {
				t.Errorf("add has refused a block 1 with %s, and yet the file has changed:\n%s", tt.name, after)
			}
		})
	}
}

// A block stands on the tip, and not on one below it.
func TestHole3_5AddBesideTip(t *testing.T) {
	c := emptyChain(t)
	zero := storyBlocks()[0]
	one := nextBlock(zero)
	for _, b := range []*Block{zero, one} {
		if err := attempt(t, "add", func() error { return c.add(b) }); err != nil {
			t.Fatalf("add refuses a good block %d: %v", b.Header.Height, err)
		}
	}
	before := dump(t, c)

	rival := newBlock(zero, []json.RawMessage{coinbase(people["Mallory"], 1)})
	mine(rival, workBits)
	for _, b := range []*Block{rival, one} {
		if err := attempt(t, "add", func() error { return c.add(b) }); err == nil {
			t.Error("the tip is block 1, and add takes a block 1 on top of block 0")
		}
	}
	if after := dump(t, c); after != before {
		t.Errorf("add has refused a second block 1, and yet the file has changed:\n%s", after)
	}
}

// Block 1 can't be the first one. And what can't be read is no empty chain.
func TestHole3_5AddToNothing(t *testing.T) {
	c := emptyChain(t)
	if err := attempt(t, "add", func() error { return c.add(nextBlock(storyBlocks()[0])) }); err == nil {
		t.Error("add takes block 1 as the first block of a chain")
	}
	if text := dump(t, c); text != "" {
		t.Errorf("the file should still be empty:\n%s", text)
	}

	broken := func(dbtx *bolt.Tx) error { return dbtx.Bucket(blocksBucket).Put(tipKey, []byte("no such hash")) }
	if err := c.db.Update(broken); err != nil {
		t.Fatal(err)
	}
	if err := attempt(t, "add", func() error { return c.add(storyBlocks()[0]) }); err == nil {
		t.Error("the tip of the file can't be read, and add puts a block 0 there as if the chain were empty")
	}
}

func TestHole3_6PrintChain(t *testing.T) {
	c := emptyChain(t)
	look := func() string {
		t.Helper()
		type result struct {
			text string
			err  error
		}
		got := attempt(t, "printChain", func() result {
			text, err := printChain(c)
			return result{text, err}
		})
		if got.err != nil {
			t.Fatalf("printChain: %v", got.err)
		}
		return got.text
	}

	if got := look(); got != "" {
		t.Errorf("of an empty chain: got %q, want nothing", got)
	}
	tip := storyBlocks()[0]
	want := ""
	for height := range 5 {
		if height > 0 {
			tip = nextBlock(tip)
		}
		if err := c.add(tip); err != nil {
			t.Fatal(err)
		}
		want = fmt.Sprintf("block %d  %.8s  parent %.8q\n", height, tip.Header.Hash, tip.Header.PrevBlockHash) + want
		if got := look(); got != want {
			t.Fatalf("of %d blocks:\n got %q\nwant %q", height+1, got, want)
		}
	}

	// Parents lead the way, whatever the heights say.
	mixUp := func(dbtx *bolt.Tx) error {
		return dbtx.Bucket(heightsBucket).Put(heightKey(1), []byte(tip.Header.Hash))
	}
	if err := c.db.Update(mixUp); err != nil {
		t.Fatal(err)
	}
	if got := look(); got != want {
		t.Errorf("with a wrong entry in the bucket of heights: got %q, want %q: go from parent to parent", got, want)
	}

	// A hole in the chain is an error.
	lose := func(dbtx *bolt.Tx) error {
		return dbtx.Bucket(blocksBucket).Delete([]byte(tip.Header.PrevBlockHash))
	}
	if err := c.db.Update(lose); err != nil {
		t.Fatal(err)
	}
	if err := attempt(t, "printChain", func() error { _, err := printChain(c); return err }); err == nil {
		t.Error("the tip's parent is missing from the file, and printChain returns no error")
	}
}
