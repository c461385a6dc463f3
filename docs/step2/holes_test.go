package main

import (
	"fmt"
	"math/big"
	"math/rand"
	"reflect"
	"strings"
	"testing"
	"time"
)

// The checks of chapter 2's holes. `learn check` runs them on your functions.

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

// headerOne is block 1 of our story, with the nonce that Mia finds.
var headerOne = BlockHeader{
	Timestamp:      "1231006565.0",
	PrevBlockHash:  "f3187e6c3a6a39e390e46d3a36f145978f484d691b6a46501cb1aef3ea62c304",
	Hash:           "d43571cb8197e924252b1bf34387f547a5694bd66ce41436a082a218fb91372c",
	HashMerkleRoot: "482191943b3cfccbdf22dd566c6298272a7e1dc19f08e53e1c36ad92bdf8f72c",
	Height:         1,
	Nonce:          7,
}

// headerZero is block 0, which has no nonce.
var headerZero = BlockHeader{
	Timestamp:      "1231006505.0",
	Hash:           "f3187e6c3a6a39e390e46d3a36f145978f484d691b6a46501cb1aef3ea62c304",
	HashMerkleRoot: "6faa86a9a5847bcfaf052b9c6406ed6532c4457b5b28565ff575559275a1257a",
}

func TestHole2_1NonceText(t *testing.T) {
	tests := []struct {
		height, nonce int
		want          string
	}{
		{1, 7, "7"},
		{2, 11, "11"},
		{0, 0, "None"},
		{0, 7, "None"},
		{1, 0, "0"},
		{2, 0, "0"},
		{3, 10, "10"},
		{100, 255, "255"},
		{7, 65, "65"},
		{8, 1_000_000, "1000000"},
		{500_000, 20_079_186, "20079186"},
	}
	for _, tt := range tests {
		h := BlockHeader{Height: tt.height, Nonce: tt.nonce}
		got := attempt(t, "nonceText", h.nonceText)
		if got != tt.want {
			t.Errorf("a header of height %d whose Nonce is %d: nonceText returns %q, want %q", tt.height, tt.nonce, got, tt.want)
		}
	}
}

func TestHole2_1Hash(t *testing.T) {
	for _, h := range []BlockHeader{headerZero, headerOne} {
		if got := attempt(t, "hash", h.hash); got != h.Hash {
			t.Errorf("with your nonceText the hash of block %d is %.8s, want %.8s", h.Height, got, h.Hash)
		}
	}
}

func TestHole2_2Work(t *testing.T) {
	works := []string{
		"76586e3801b3f83e842fb70dce909f647091b4bc089d1162839541528f6bc7a1",
		"dd1562fabd3dfe0f9eb3fb4591535ca08999583fdc25e625f4e507888432f821",
		"5965e75ddf75686f5f370aa4422edbda60c160022e2598a7a36129fbe1ed054c",
		"42f2ec3d658ea4c89aeb6de8bcd7ef62987deebb1fe4fb9f573fe2a260f8aabe",
		"b57f516555e794f75cdd225fa921538d6660e59f006a4a7a834e114a6698544a",
		"9d809b51e9f47171b99f33d20898c8f02b15f74576c7cd3d3e8c0deb7e1476bd",
		"8da8eba5ef5d1e7c1079aba3d9c084d451dc69cea1b37ae34aaef08d321a5106",
		"0670f31e0d42703925165d2455e78ff301808f80e31ed0320ae5fc8874b1e2db",
	}
	for nonce, want := range works {
		h := headerOne
		h.Nonce = nonce
		if got := attempt(t, "work", h.work); got != want {
			t.Errorf("the work of block 1 with nonce %d: got %q, want %q", nonce, got, want)
		}
	}
}

func TestHole2_2WorkOfBlock0(t *testing.T) {
	const want = "cf55908a3cc25157c490eaead08b065a03a2377b2b1feb5a018c4596d3d2e675"
	if got := attempt(t, "work", headerZero.work); got != want {
		t.Errorf("the work of block 0, whose nonce is hashed as None: got %q, want %q", got, want)
	}
}

// What the work is made of, field by field.
func TestHole2_2WorkFields(t *testing.T) {
	work := func(h BlockHeader) string { return attempt(t, "work", h.work) }
	base := work(headerOne)

	changes := []struct {
		field  string
		change func(*BlockHeader)
		counts bool
	}{
		{"PrevBlockHash", func(h *BlockHeader) { h.PrevBlockHash = strings.Repeat("a", 64) }, true},
		{"HashMerkleRoot", func(h *BlockHeader) { h.HashMerkleRoot = strings.Repeat("b", 64) }, true},
		{"Timestamp", func(h *BlockHeader) { h.Timestamp = "1231006566.0" }, true},
		{"Height", func(h *BlockHeader) { h.Height = 2 }, true},
		{"Nonce", func(h *BlockHeader) { h.Nonce = 8 }, true},
		{"Hash", func(h *BlockHeader) { h.Hash = strings.Repeat("c", 64) }, false},
	}
	for _, c := range changes {
		h := headerOne
		c.change(&h)
		switch got := work(h); {
		case c.counts && got == base:
			t.Errorf("another %s gives the same work: is it hashed at all?", c.field)
		case !c.counts && got != base:
			t.Errorf("another %s gives another work: it isn't a part of it", c.field)
		}
	}

	// Nothing stands between the fields, so what moves from the end of one to the
	// beginning of the next changes nothing.
	pairs := []struct {
		fields string
		a, b   BlockHeader
	}{
		{"the parent's hash and the Merkle root",
			BlockHeader{PrevBlockHash: "abc", HashMerkleRoot: "d", Timestamp: "5.0", Height: 1, Nonce: 2},
			BlockHeader{PrevBlockHash: "ab", HashMerkleRoot: "cd", Timestamp: "5.0", Height: 1, Nonce: 2}},
		{"the Merkle root and the time",
			BlockHeader{PrevBlockHash: "a", HashMerkleRoot: "b1", Timestamp: "5.0", Height: 1, Nonce: 2},
			BlockHeader{PrevBlockHash: "a", HashMerkleRoot: "b", Timestamp: "15.0", Height: 1, Nonce: 2}},
		{"the time and the height",
			BlockHeader{PrevBlockHash: "a", HashMerkleRoot: "b", Timestamp: "5.0", Height: 12, Nonce: 2},
			BlockHeader{PrevBlockHash: "a", HashMerkleRoot: "b", Timestamp: "5.01", Height: 2, Nonce: 2}},
		{"the height and the nonce",
			BlockHeader{PrevBlockHash: "a", HashMerkleRoot: "b", Timestamp: "5.0", Height: 1, Nonce: 23},
			BlockHeader{PrevBlockHash: "a", HashMerkleRoot: "b", Timestamp: "5.0", Height: 12, Nonce: 3}},
	}
	for _, p := range pairs {
		if work(p.a) != work(p.b) {
			t.Errorf("%s don't follow one another directly: is their order right, and is there nothing in between?", p.fields)
		}
	}
}

// hashText writes a number as a hash is written.
func hashText(n *big.Int) string { return fmt.Sprintf("%064x", n) }

// The works of block 1 with nonce 0, 6 and 7.
func TestHole2_3MeetsTargetOfBlock1(t *testing.T) {
	tests := []struct {
		hash string
		bits int
		want bool
	}{
		{"76586e3801b3f83e842fb70dce909f647091b4bc089d1162839541528f6bc7a1", 4, false},
		{"76586e3801b3f83e842fb70dce909f647091b4bc089d1162839541528f6bc7a1", 1, true},
		{"8da8eba5ef5d1e7c1079aba3d9c084d451dc69cea1b37ae34aaef08d321a5106", 1, false},
		{"8da8eba5ef5d1e7c1079aba3d9c084d451dc69cea1b37ae34aaef08d321a5106", 0, true},
		{"0670f31e0d42703925165d2455e78ff301808f80e31ed0320ae5fc8874b1e2db", 4, true},
		{"0670f31e0d42703925165d2455e78ff301808f80e31ed0320ae5fc8874b1e2db", 5, true}, // 0 is 0000, 6 is 0110
		{"0670f31e0d42703925165d2455e78ff301808f80e31ed0320ae5fc8874b1e2db", 6, false},
		{"0670f31e0d42703925165d2455e78ff301808f80e31ed0320ae5fc8874b1e2db", 8, false},
	}
	for _, tt := range tests {
		if got := attempt(t, "meetsTarget", func() bool { return meetsTarget(tt.hash, tt.bits) }); got != tt.want {
			t.Errorf("meetsTarget(%s, %d) is %t, want %t", tt.hash, tt.bits, got, tt.want)
		}
	}
}

// At each number of bits: the largest hash that's good enough, and the smallest
// that isn't.
func TestHole2_3MeetsTargetEdges(t *testing.T) {
	one := big.NewInt(1)
	for bits := 0; bits <= 256; bits++ {
		target := new(big.Int).Lsh(one, uint(256-bits))
		below := hashText(new(big.Int).Sub(target, one))
		if !attempt(t, "meetsTarget", func() bool { return meetsTarget(below, bits) }) {
			t.Fatalf("meetsTarget(%s, %d) is false; want true: that's just below the target", below, bits)
		}
		if bits == 0 {
			continue // the target has one digit more than a hash
		}
		if at := hashText(target); attempt(t, "meetsTarget", func() bool { return meetsTarget(at, bits) }) {
			t.Fatalf("meetsTarget(%s, %d) is true; want false: it begins with %d zero bits only", at, bits, bits-1)
		}
	}
}

// Hashes as they come, with every number of zero bits in front.
func TestHole2_3MeetsTarget(t *testing.T) {
	random := rand.New(rand.NewSource(2))
	for zeros := 0; zeros <= 256; zeros++ {
		n := new(big.Int)
		if zeros < 256 {
			first := new(big.Int).Lsh(big.NewInt(1), uint(255-zeros)) // the first bit that's 1
			n.Add(first, new(big.Int).Rand(random, first))
		}
		hash := hashText(n)
		for bits := 0; bits <= 256; bits++ {
			want := zeros >= bits
			if got := attempt(t, "meetsTarget", func() bool { return meetsTarget(hash, bits) }); got != want {
				t.Fatalf("meetsTarget(%s, %d) is %t; want %t: it begins with %d zero bits", hash, bits, got, want, zeros)
			}
		}
	}
}

// blockOne returns block 1 of our story, before it's mined.
func blockOne() *Block {
	b := newBlock(nil, []string{coinbase(mia, 1)})
	b.Header = headerOne
	b.Header.Hash, b.Header.Nonce = "", 0
	return b
}

func TestHole2_4Mine(t *testing.T) {
	tests := []struct {
		bits, nonce int
		hash        string
	}{
		{4, 7, "d43571cb8197e924252b1bf34387f547a5694bd66ce41436a082a218fb91372c"},
		{0, 0, "776e0612f13097e5ad154851fe9309a3fd125f44e65fba2a6cbb41549b9627e7"},
		{5, 7, "d43571cb8197e924252b1bf34387f547a5694bd66ce41436a082a218fb91372c"},
		{8, 375, "e820e8e5079a11a226b3e517d6ae79ddb9934f63098511614f31852bbe3845f5"},
		{10, 509, "e581c8d8af764aedeaeeb79d9356764fb90be2afe8b4f98816b3557333523260"},
		{12, 777, "deb855a45a75bcc04bb814406cf65c3d5efbc10b0b71d40de9041d2d7dfb1b57"},
		{16, 66062, "bb481f3e525ab546dcc35098977dda644acae915cf9255b3b3a51c71af6962ec"},
	}
	for _, tt := range tests {
		b := blockOne()
		tries := attempt(t, fmt.Sprintf("mine(block 1, %d)", tt.bits), func() int { return mine(b, tt.bits) })
		if b.Header.Nonce != tt.nonce {
			t.Errorf("block 1 with %d bits: your nonce is %d, want %d", tt.bits, b.Header.Nonce, tt.nonce)
			continue
		}
		if b.Header.Hash != tt.hash {
			t.Errorf("block 1 with %d bits: the header's Hash is %.8q, want %.8q", tt.bits, b.Header.Hash, tt.hash)
		}
		if tries != tt.nonce+1 {
			t.Errorf("block 1 with %d bits: %d tries, want %d, for nonce 0 is a try as well", tt.bits, tries, tt.nonce+1)
		}
	}
}

// Any block: the lowest nonce, wherever the search has begun, and nothing else is
// touched.
func TestHole2_4MineAny(t *testing.T) {
	random := rand.New(rand.NewSource(24))
	for i := range 200 {
		b := newBlock(nil, []string{fmt.Sprintf("transaction %d", i)})
		b.Header.PrevBlockHash = hashText(new(big.Int).Rand(random, new(big.Int).Lsh(big.NewInt(1), 256)))
		b.Header.Height = 1 + random.Intn(1000)
		b.Header.Nonce = random.Intn(100) // left from another search
		b.Header.Hash = "left from another search"
		before, bits := copyBlock(b), random.Intn(9)

		tries := attempt(t, "mine", func() int { return mine(b, bits) })
		h := b.Header
		if got := h.work(); !meetsTarget(got, bits) {
			t.Fatalf("mine stops at nonce %d, but the work is %.8s, which doesn't begin with %d zero bits", h.Nonce, got, bits)
		}
		if tries != h.Nonce+1 {
			t.Fatalf("mine finds nonce %d, and says that it took %d tries", h.Nonce, tries)
		}
		if h.Hash != h.hash() {
			t.Fatalf("after mine the header's Hash is %.8q, but its hash is %.8q", h.Hash, h.hash())
		}
		for lower := h; lower.Nonce > 0; {
			lower.Nonce--
			if meetsTarget(lower.work(), bits) {
				t.Fatalf("mine finds nonce %d, but %d would have done", h.Nonce, lower.Nonce)
			}
		}

		h.Nonce, h.Hash = before.Header.Nonce, before.Header.Hash
		if h != before.Header || !reflect.DeepEqual(b.Transactions, before.Transactions) {
			t.Fatal("mine has changed something else than the header's nonce and hash")
		}
	}
}

// miners are a few people for whom blocks may be made.
var miners = []string{alice, mia, mallory}

// minedChain returns a chain of blocks, with a few transactions each.
func minedChain(length int) []*Block {
	chain := []*Block{newBlock(nil, []string{coinbase(alice, 0)})}
	for height := 1; height < length; height++ {
		transactions := []string{coinbase(miners[height%len(miners)], height)}
		for i := range height % 4 {
			transactions = append(transactions, fmt.Sprintf("payment %d of block %d", i, height))
		}
		b := newBlock(chain[height-1], transactions)
		mine(b, workBits)
		chain = append(chain, b)
	}
	return chain
}

// copyBlock returns a block that shares nothing with b.
func copyBlock(b *Block) *Block {
	if b == nil {
		return nil
	}
	return &Block{Header: b.Header, Transactions: append([]string(nil), b.Transactions...)}
}

// check calls checkBlock, which must leave both blocks as they are.
func check(t *testing.T, b, parent *Block) error {
	t.Helper()
	b2, parent2 := copyBlock(b), copyBlock(parent)
	err := attempt(t, fmt.Sprintf("checkBlock of a block at height %d", b.Header.Height), func() error { return checkBlock(b, parent) })
	if !reflect.DeepEqual(b, b2) || !reflect.DeepEqual(parent, parent2) {
		t.Fatal("checkBlock changes the block or its parent: it should only look")
	}
	return err
}

func TestHole2_5CheckBlockAccepts(t *testing.T) {
	for _, name := range miners {
		genesis := newBlock(nil, []string{coinbase(name, 0)})
		if err := check(t, genesis, nil); err != nil {
			t.Errorf("a good block 0 is refused: %v", err)
		}
	}

	var parent *Block
	for _, b := range minedChain(40) {
		if err := check(t, b, parent); err != nil {
			t.Errorf("a good block %d is refused: %v", b.Header.Height, err)
		}
		parent = b
	}

	// More work than is asked for is fine.
	if err := check(t, newOn(parent, workBits+5), parent); err != nil {
		t.Errorf("a block with %d zero bits is refused: %v", workBits+5, err)
	}

	// No rule asks for transactions.
	empty := newBlock(parent, nil)
	empty.Header.HashMerkleRoot = ""
	mine(empty, workBits)
	if err := check(t, empty, parent); err != nil {
		t.Errorf("a good block without transactions, whose root is empty, is refused: %v", err)
	}
}

// newOn returns a block on top of parent with at least so many zero bits.
func newOn(parent *Block, bits int) *Block {
	b := newBlock(parent, []string{coinbase(mia, parent.Header.Height+1), "a payment", "another"})
	mine(b, bits)
	return b
}

// zeroBits returns with how many zero bits a hash begins.
func zeroBits(hash string) (bits int) {
	for bits < 256 && meetsTarget(hash, bits+1) {
		bits++
	}
	return bits
}

// These blocks break a rule, each as cunningly as it can.
func TestHole2_5CheckBlockRefuses(t *testing.T) {
	chain := minedChain(12)
	remine := func(b *Block) { mine(b, workBits) }

	// lessWork looks for a nonce whose work begins with fewer zero bits than are
	// asked for, and with so many if it's 0 or more.
	lessWork := func(b *Block, bits int) {
		h := &b.Header
		for h.Nonce = 0; zeroBits(h.work()) >= workBits || bits >= 0 && zeroBits(h.work()) != bits; h.Nonce++ {
		}
		h.Hash = h.hash()
	}

	tests := []struct {
		name   string
		lowest int // the height of the lowest block that it's tried on
		spoil  func(b *Block)
	}{
		{"its transactions were changed, and nothing else", 0, func(b *Block) {
			b.Transactions[0] = strings.ReplaceAll(b.Transactions[0], "1000", "5000")
		}},
		{"its last transaction was changed, and nothing else", 0, func(b *Block) {
			b.Transactions[len(b.Transactions)-1] += "!"
		}},
		{"a transaction was added, and nothing else", 0, func(b *Block) { b.Transactions = append(b.Transactions, "one more") }},
		{"its transactions were taken out, and nothing else", 0, func(b *Block) { b.Transactions = nil }},
		{"its root isn't that of its transactions, though its hash and its work are right", 1, func(b *Block) {
			b.Header.HashMerkleRoot = sha256Hex("another")
			remine(b)
		}},
		{"the last digit of its root is wrong, though its hash and its work are right", 1, func(b *Block) {
			b.Header.HashMerkleRoot = otherEnd(b.Header.HashMerkleRoot)
			remine(b)
		}},
		{"its Hash is another text", 0, func(b *Block) { b.Header.Hash = sha256Hex("another") }},
		{"its Hash is the hash of its work", 1, func(b *Block) { b.Header.Hash = b.Header.work() }},
		{"the last digit of its Hash is wrong", 0, func(b *Block) { b.Header.Hash = otherEnd(b.Header.Hash) }},
		{"its time was changed, and nothing else", 0, func(b *Block) { b.Header.Timestamp = "1231006504.0" }},
		{"its height is one too high, though its hash and its work are right", 1, func(b *Block) {
			b.Header.Height++
			remine(b)
		}},
		{"its height is far too high, though its hash and its work are right", 1, func(b *Block) {
			b.Header.Height += 1000
			remine(b)
		}},
		{"it says that it's block 0, which needs no work", 1, func(b *Block) {
			b.Header.Height = 0
			b.Header.Hash = b.Header.hash()
		}},
		{"its height is below 0, and it has no work", 1, func(b *Block) {
			b.Header.Height = -1
			b.Header.Hash = b.Header.hash()
		}},
		{"it names another parent, though its hash and its work are right", 1, func(b *Block) {
			b.Header.PrevBlockHash = sha256Hex("another")
			remine(b)
		}},
		{"the last digit of its parent's hash is wrong, though its own hash and its work are right", 1, func(b *Block) {
			b.Header.PrevBlockHash = otherEnd(b.Header.PrevBlockHash)
			remine(b)
		}},
		{"it names no parent, though its hash and its work are right", 1, func(b *Block) {
			b.Header.PrevBlockHash = ""
			remine(b)
		}},
		{"it lacks its work, though its hash is right", 1, func(b *Block) { lessWork(b, -1) }},
		{"its work has one zero bit too few, though its hash is right", 1, func(b *Block) { lessWork(b, workBits-1) }},
		{"it lacks its work, though its hash begins with zeros", 1, func(b *Block) {
			h := &b.Header
			for h.Nonce = 0; zeroBits(h.work()) >= workBits || zeroBits(h.hash()) < workBits; h.Nonce++ {
			}
			h.Hash = h.hash()
		}},
	}
	for _, tt := range tests {
		for height := tt.lowest; height < len(chain); height++ {
			var parent *Block
			if height > 0 {
				parent = chain[height-1]
			}
			b := copyBlock(chain[height])
			tt.spoil(b)
			if check(t, b, parent) == nil {
				t.Errorf("block %d: %s; checkBlock should refuse it", height, tt.name)
				break
			}
		}
	}
}

// otherEnd returns a hash that differs in the last digit.
func otherEnd(hash string) string {
	if strings.HasSuffix(hash, "0") {
		return hash[:len(hash)-1] + "1"
	}
	return hash[:len(hash)-1] + "0"
}

// A good block in the wrong place.
func TestHole2_5CheckBlockPlace(t *testing.T) {
	chain := minedChain(6)
	twin := copyBlock(chain[2])
	twin.Transactions[0] = coinbase(mallory, 99)
	twin.Header.HashMerkleRoot = twin.merkleRoot()
	mine(twin, workBits)

	tests := []struct {
		name      string
		b, parent *Block
	}{
		{"block 3 on top of block 1", chain[3], chain[1]},
		{"block 3 on top of another block 2", chain[3], twin},
		{"block 3 on top of block 4", chain[3], chain[4]},
		{"block 3 on top of itself", chain[3], chain[3]},
		{"block 0 on top of block 5", chain[0], chain[5]},
		{"block 0 on top of itself", chain[0], chain[0]},
		{"block 1 without a parent", chain[1], nil},
		{"block 3 without a parent", chain[3], nil},
	}
	for _, tt := range tests {
		if check(t, tt.b, tt.parent) == nil {
			t.Errorf("%s: checkBlock should refuse it", tt.name)
		}
	}

	orphan := copyBlock(chain[0])
	orphan.Header.PrevBlockHash = sha256Hex("somebody")
	orphan.Header.Hash = orphan.Header.hash()
	if check(t, orphan, nil) == nil {
		t.Error("a block 0 that names a parent: checkBlock should refuse it")
	}

	late := copyBlock(chain[3])
	late.Header.PrevBlockHash = ""
	mine(late, workBits)
	if check(t, late, nil) == nil {
		t.Error("block 3 as the first of a chain, without a parent, though its hash and its work are right: checkBlock should refuse it")
	}

	rootless := copyBlock(chain[0])
	rootless.Header.HashMerkleRoot = sha256Hex("another")
	rootless.Header.Hash = rootless.Header.hash()
	if check(t, rootless, nil) == nil {
		t.Error("a block 0 whose root isn't that of its transactions, though its hash is right: checkBlock should refuse it")
	}
}
