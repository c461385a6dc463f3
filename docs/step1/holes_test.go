package main

import (
	"crypto/sha256"
	"fmt"
	"math/rand"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// The checks of chapter 1's holes. `learn check` runs them on your functions.

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

func TestHole1_1Sha256Hex(t *testing.T) {
	tests := []struct{ text, want string }{
		{"Alice has 1000 coins", "af314b9c9be703c4d502ef0c67950498702e6097f65b3f8f8fd557c9f76680bb"},
		{"Alice has 2000 coins", "38f9fa656c364cea3bd7e426dc8d372a507b9380f0e9a41d3b2b7e3eaeefa855"},
		// FIPS 180-2, appendix B.
		{"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
		{strings.Repeat("a", 1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
		{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{" two words \n", "f195b9ef1023bae0c3cadce3334d4eebbef282fe51df1cb9b1a9f1adb24a0efc"},
		{"比特币", "51dd3e54432330d5477f9ef2c4f736ac90af247c91e01a3eb459668f423ed268"},
		{"\x00\xff\xfe", "d590f90f7944340fb253f0c59cb89fd41d4ec255ff246f524f8f7c94f0a233e5"}, // no UTF-8
		{"text 43", "0085085c04d1687737479a8ad82c4cfacb5c69f3976aa1854449d0f9089c03c7"},      // with zeros in front
	}
	for _, tt := range tests {
		got := attempt(t, fmt.Sprintf("sha256Hex(%.30q)", tt.text), func() string { return sha256Hex(tt.text) })
		if got != tt.want {
			t.Fatalf("sha256Hex(%.60q) is\n%q, want\n%q", tt.text, got, tt.want)
		}
	}
}

func TestHole1_1RandomTexts(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	for n := range 300 {
		bytes := make([]byte, n)
		random.Read(bytes)
		text := string(bytes)
		want := fmt.Sprintf("%x", sha256.Sum256(bytes))
		got := attempt(t, "sha256Hex", func() string { return sha256Hex(text) })
		if got != want {
			t.Fatalf("sha256Hex of the %d bytes %.20q… is\n%q, want\n%q", n, text, got, want)
		}
	}
}

// headers are those of our story, and some others, with the hashes that they
// should have.
var headers = []BlockHeader{
	{
		Timestamp:      "1231006505.0",
		Hash:           "f3187e6c3a6a39e390e46d3a36f145978f484d691b6a46501cb1aef3ea62c304",
		HashMerkleRoot: "6faa86a9a5847bcfaf052b9c6406ed6532c4457b5b28565ff575559275a1257a",
	},
	{
		Timestamp:      "1231006565.0",
		PrevBlockHash:  "f3187e6c3a6a39e390e46d3a36f145978f484d691b6a46501cb1aef3ea62c304",
		Hash:           "3b0e4002088fbc3dc1df7cdeca7790d36eb7a798716a82096fce847f7f3117a4",
		HashMerkleRoot: "482191943b3cfccbdf22dd566c6298272a7e1dc19f08e53e1c36ad92bdf8f72c",
		Height:         1,
	},
	{
		Timestamp:      "1231006625.0",
		PrevBlockHash:  "3b0e4002088fbc3dc1df7cdeca7790d36eb7a798716a82096fce847f7f3117a4",
		Hash:           "d6ec3503a80c3128399e2dc16c2065fb1a5537a6dc77eba7a9f5e233f2755f1f",
		HashMerkleRoot: "ddd6c3216464e7007513e70b07982f72633743a656e7ec130e7d7279b7157e9e",
		Height:         2,
	},
	{
		Timestamp:      "1231007165.0",
		PrevBlockHash:  "d6ec3503a80c3128399e2dc16c2065fb1a5537a6dc77eba7a9f5e233f2755f1f",
		Hash:           "caaf815ef209b30e314e8117236b49537227a97fadcaf0eed889185d283231cf",
		HashMerkleRoot: "3b0e4002088fbc3dc1df7cdeca7790d36eb7a798716a82096fce847f7f3117a4",
		Height:         11,
	},
	{
		Timestamp:      "1700000022.823188",
		PrevBlockHash:  "d6ec3503a80c3128399e2dc16c2065fb1a5537a6dc77eba7a9f5e233f2755f1f",
		Hash:           "47999bf8635320bc684e6949e33c075038b63e92aa1ab168d5172b6fb70ff4f5",
		HashMerkleRoot: "3b0e4002088fbc3dc1df7cdeca7790d36eb7a798716a82096fce847f7f3117a4",
		Height:         123456,
	},
}

func TestHole1_2Hash(t *testing.T) {
	for _, h := range headers {
		got := attempt(t, "hash", h.hash)
		if got != h.Hash {
			t.Fatalf("hash of the header\n%+v\nis %q, want %q", h, got, h.Hash)
		}
	}
}

// What the hash is made of, field by field.
func TestHole1_2HashFields(t *testing.T) {
	hash := func(h BlockHeader) string { return attempt(t, "hash", h.hash) }
	base := hash(headers[1])

	changes := []struct {
		field  string
		change func(*BlockHeader)
		counts bool
	}{
		{"Timestamp", func(h *BlockHeader) { h.Timestamp = "1231006565.5" }, true},
		{"PrevBlockHash", func(h *BlockHeader) { h.PrevBlockHash = strings.Repeat("a", 64) }, true},
		{"HashMerkleRoot", func(h *BlockHeader) { h.HashMerkleRoot = strings.Repeat("b", 64) }, true},
		{"Height", func(h *BlockHeader) { h.Height = 2 }, true},
		{"Hash", func(h *BlockHeader) { h.Hash = strings.Repeat("c", 64) }, false},
		{"Hash, which is still empty in a new header,", func(h *BlockHeader) { h.Hash = "" }, false},
	}
	for _, c := range changes {
		h := headers[1]
		c.change(&h)
		switch got := hash(h); {
		case c.counts && got == base:
			t.Errorf("another %s gives the same hash: is it hashed at all?", c.field)
		case !c.counts && got != base:
			t.Errorf("another %s gives another hash: it can't be a part of what it's made from", c.field)
		}
	}

	// Nothing stands between the fields, so what moves from the end of one to the
	// beginning of the next changes nothing.
	pairs := []struct {
		fields string
		a, b   BlockHeader
	}{
		{"the time and the parent's hash",
			BlockHeader{Timestamp: "5.0", PrevBlockHash: "7a", HashMerkleRoot: "b", Height: 1},
			BlockHeader{Timestamp: "5.07", PrevBlockHash: "a", HashMerkleRoot: "b", Height: 1}},
		{"the parent's hash and the Merkle root",
			BlockHeader{Timestamp: "5.0", PrevBlockHash: "abc", HashMerkleRoot: "d", Height: 1},
			BlockHeader{Timestamp: "5.0", PrevBlockHash: "ab", HashMerkleRoot: "cd", Height: 1}},
		{"the Merkle root and the height",
			BlockHeader{Timestamp: "5.0", PrevBlockHash: "a", HashMerkleRoot: "b1", Height: 2},
			BlockHeader{Timestamp: "5.0", PrevBlockHash: "a", HashMerkleRoot: "b", Height: 12}},
	}
	for _, p := range pairs {
		if hash(p.a) != hash(p.b) {
			t.Errorf("%s don't follow one another directly: is their order right, and is there nothing in between?", p.fields)
		}
	}
}

// leaves returns n hashes that differ.
func leaves(n int) (hashes []string) {
	for i := range n {
		hashes = append(hashes, fmt.Sprintf("%x", sha256.Sum256(fmt.Append(nil, "leaf ", i))))
	}
	return hashes
}

// roots are the Merkle roots of leaves(1), leaves(2) and so on.
var roots = []string{
	"20e325f06280f9d0d193fed01a0eda5bef79063f2e602d93e3605cbe825d96ad", // 1
	"ccbb48159730bd4be158de07e74e3a5aa8ac043aedb8ab0be1cad4338febb3a6", // 2
	"ca9297e35d652bcbb660e1db16a46ddf31c663baf6e729f037c4eaf9a799f97b", // 3
	"679216e779e8bf38faa9770bfa5232914f9774ab6aaefe0e5c58127b1b9e960b", // 4
	"1992d486f3ba01b727407026b3f2621effc5983a724e0033dc0b8ebd43cb19b2", // 5
	"cc250de60d5d77d44bea77a5161f286947a9fb178d561a3f77dfa2e8cb407dde", // 6
	"8c06d1ed83cb91063b9401ca9627b0dcef9782ba03d4f2e2ed01b077304240e0", // 7
	"47ee9b3724a861013347d831fc3fbd53e104a9cbad380c001fe2eb1a288c94cd", // 8
	"c257be2101404ea96ee1e38eb63345daffb6cc550f355729ec3239c7ecb70cb2", // 9
	"e6e93f18f1fed710e7f51dc3bbd289ae02981828af11399d8f4b6c9141c80032", // 10
	"f5dc24886124b37a54d87e14f9403fbcfbfde93b2a6203d3222ae0d7048ad02e", // 11
	"47fd3b90cd2fa60b53d87459ededa1f78ab69a33d04d2f6b33247c00ccfc88e4", // 12
	"cd7761d744d55de7ab3affd22ad6fe2fa72bc68f56ee8b0985be8650609dea9a", // 13
	"11726c465e77a2ddb6acf192140078c29abe1aa7f11f55512ff1af0b1ceaf52c", // 14
	"c6429b9a72927e9cf3803e0294ec9b723a1eb9812314fed00f9c97153ae03276", // 15
	"38106647bbdb02aa4f217aa1d0176f466f13f0bbd2a7d16f01bdfacc3cb465f9", // 16
	"bb0e763ecb53f22fe55cae2fa493889d781b042fc2404c4d5ae8886fdcd6c553", // 17
	"555d1c6363bca2585a865681fb523f756048fabc9f3bb2eec85cf17a497aae34", // 18
	"7e4ddabab9ce4ba382f5c0c39d804a3d3cd8a8cb37aac6f0828a5a1707e5a611", // 19
	"60d5a75cbcaa0b5e655f5d49c644e65d136b963f759834d9bd2088fa3b46aea5", // 20
	"5e72877ccd92a44f4a86b96cc39f2ea4341c7728ef216143f4042e0af77efffe", // 21
	"7db553c42cad958efa376c3bdd6e8197e4255248749f2814ed61da403b889023", // 22
	"f7d5e365ffdd3a662babceaaaf24a26bedada3f7716e647eeab29a40bae5aee3", // 23
	"5f8e21ddfbcdbf1b64550ca28f3a3d2eee40e89796e190ae0eef25df8a326fdb", // 24
	"d68f2ba5280da6ef21915983396c3105eb9ce3603b388d47b52bde99f29b9a49", // 25
	"399a686f91fcc2369f126ad454d8dff507ea9fc794fa1ec9cb133a0b3393e462", // 26
	"0afbfb45f57cc975667c3ce09814177a0d701cde8c8cac7e2de67941cc309885", // 27
	"3f4375e7324e3891908320b1ebe0060281a0d8f614ecaf53f0372d228d7e94b8", // 28
	"7b9605c8ced6af592b2fb702e24bd2277a847e36dc5879dc86783cb5ab2c111e", // 29
	"fec2b2a0cecbabba953d34a58b4d47e17c84a143c052677a4f1fb70397a9be46", // 30
	"1d122c9641e82946d4daa6627dadb62e91e2e36ebe5c22ca462e60d8a8ef544c", // 31
	"859fcf1cd874ab617fda00fe15d7bf366dfc8c6408195762ae57ebe2f2b1cb1f", // 32
	"ea1e95f5f8524e7758916ac836030030c0bf4666c5c3212c0e0cd2688b90d68d", // 33
}

func TestHole1_3MerkleRoot(t *testing.T) {
	for i, want := range roots {
		n := i + 1
		given := leaves(n)
		got := attempt(t, fmt.Sprintf("merkleRoot of %d hashes", n), func() string { return merkleRoot(given) })
		if got != want {
			t.Fatalf("merkleRoot of the hashes of %d texts, \"leaf 0\" to \"leaf %d\", is\n%q, want\n%q", n, n-1, got, want)
		}
	}
}

func TestHole1_3MerkleRootOfNothing(t *testing.T) {
	if got := attempt(t, "merkleRoot of no hashes", func() string { return merkleRoot(nil) }); got != "" {
		t.Errorf("merkleRoot of no hashes is %q, want %q", got, "")
	}
}

// The order of the hashes counts, and so does each of them.
func TestHole1_3MerkleRootDepends(t *testing.T) {
	root := func(hashes []string) string {
		return attempt(t, "merkleRoot", func() string { return merkleRoot(hashes) })
	}
	for n := 2; n <= 17; n++ {
		base := root(leaves(n))
		for i := range n {
			changed := leaves(n)
			changed[i] = sha256Hex("forged")
			if root(changed) == base {
				t.Fatalf("of %d hashes number %d (from 0) was replaced, and the root is still the same", n, i)
			}

			swapped := leaves(n)
			j := (i + 1) % n
			swapped[i], swapped[j] = swapped[j], swapped[i]
			if root(swapped) == base {
				t.Fatalf("of %d hashes number %d and number %d (from 0) have changed places, and the root is still the same", n, i, j)
			}
		}
	}
}

// The list is the caller's, and so is what lies behind its end in memory.
func TestHole1_3MerkleRootLooksOnly(t *testing.T) {
	for n := 1; n <= 17; n++ {
		all := leaves(n + 4)
		attempt(t, "merkleRoot", func() string { return merkleRoot(all[:n]) })
		if !slices.Equal(all[:n], leaves(n)) {
			t.Fatalf("merkleRoot of %d hashes has changed the caller's list", n)
		}
		if !slices.Equal(all, leaves(n+4)) {
			t.Fatalf("merkleRoot of all[:%d], a part of a longer list, has written over all[%d]: append does so where there's room", n, n)
		}
	}
}

// people are those for whom blocks may be made.
var people = []string{alice, mia, mallory}

// transactionsOf returns some transactions for a block at a height: 1 to 5.
func transactionsOf(height int) []string {
	transactions := []string{coinbase(people[height%len(people)], height)}
	for i := range height % 5 {
		transactions = append(transactions, fmt.Sprintf("payment %d of block %d", i, height))
	}
	return transactions
}

// chainOf returns a chain of blocks that keeps all rules. It's made without newBlock.
func chainOf(length int) []*Block {
	var chain []*Block
	for height := range length {
		b := &Block{Transactions: transactionsOf(height)}
		b.Header.Height = height
		if height > 0 {
			b.Header.PrevBlockHash = chain[height-1].Header.Hash
		}
		b.Header.Timestamp = timeOf(height)
		b.Header.HashMerkleRoot = b.merkleRoot()
		b.Header.Hash = b.Header.hash()
		chain = append(chain, b)
	}
	return chain
}

// copyBlock returns a block that shares nothing with b.
func copyBlock(b *Block) *Block {
	if b == nil {
		return nil
	}
	return &Block{Header: b.Header, Transactions: slices.Clone(b.Transactions)}
}

// makeBlock calls newBlock, which must leave alone what it's given.
func makeBlock(t *testing.T, parent *Block, transactions []string) *Block {
	t.Helper()
	call := "newBlock without a parent"
	if parent != nil {
		call = fmt.Sprintf("newBlock on top of block %d", parent.Header.Height)
	}
	parent2, transactions2 := copyBlock(parent), slices.Clone(transactions)

	b := attempt(t, call, func() *Block { return newBlock(parent, transactions) })
	if b == nil {
		t.Fatalf("%s returns nil", call)
	}
	if !reflect.DeepEqual(parent, parent2) {
		t.Fatalf("%s has changed the parent", call)
	}
	if !slices.Equal(transactions, transactions2) {
		t.Fatalf("%s has changed the list of transactions that it was given", call)
	}
	if b == parent {
		t.Fatalf("%s returns the parent itself: want another block", call)
	}
	return b
}

// checkFields compares a new block with what it should be, a field at a time: a
// wrong hash often comes from another wrong field.
func checkFields(t *testing.T, b *Block, want BlockHeader, transactions []string) {
	t.Helper()
	got := b.Header
	if !slices.Equal(b.Transactions, transactions) {
		t.Fatalf("the new block %d has %d transactions: %.60q…; want the %d that newBlock was given", want.Height, len(b.Transactions), b.Transactions, len(transactions))
	}
	if got.Height != want.Height {
		t.Fatalf("the new block should have height %d, and has %d", want.Height, got.Height)
	}
	if got.PrevBlockHash != want.PrevBlockHash {
		t.Fatalf("the new block %d has PrevBlockHash %q, want %q", want.Height, got.PrevBlockHash, want.PrevBlockHash)
	}
	if got.Timestamp != want.Timestamp {
		t.Fatalf("the new block %d has Timestamp %q, want timeOf(%d), %q", want.Height, got.Timestamp, want.Height, want.Timestamp)
	}
	if got.HashMerkleRoot != want.HashMerkleRoot {
		t.Fatalf("the new block %d, with %d transactions, has HashMerkleRoot %q, want %q", want.Height, len(transactions), got.HashMerkleRoot, want.HashMerkleRoot)
	}
	if got.Hash != want.Hash {
		t.Fatalf("the new block %d has Hash %q, want %q: the other fields are right, so were they all filled in before you asked for the hash?", want.Height, got.Hash, want.Hash)
	}
}

// The blocks of our story.
func TestHole1_4NewBlock(t *testing.T) {
	var parent *Block
	for height, want := range headers[:3] {
		miner := mia
		if height == 0 {
			miner = alice
		}
		transactions := []string{coinbase(miner, height)}
		b := makeBlock(t, parent, transactions)
		checkFields(t, b, want, transactions)
		parent = b
	}
}

// Blocks of several transactions, on any parent.
func TestHole1_4NewBlockOnAny(t *testing.T) {
	chain := chainOf(30)
	for height, want := range chain {
		var parent *Block
		if height > 0 {
			parent = chain[height-1]
		}
		b := makeBlock(t, parent, transactionsOf(height))
		checkFields(t, b, want.Header, want.Transactions)
	}

	// Without a parent it's block 0, whatever is in it.
	genesis := &Block{Transactions: transactionsOf(9)}
	genesis.Header.Timestamp = timeOf(0)
	genesis.Header.HashMerkleRoot = genesis.merkleRoot()
	genesis.Header.Hash = genesis.Header.hash()
	checkFields(t, makeBlock(t, nil, transactionsOf(9)), genesis.Header, genesis.Transactions)

	// The time comes from the height, whatever the parent's is.
	parent, want := copyBlock(chain[3]), copyBlock(chain[4])
	parent.Header.Timestamp = "1700000022.823188"
	parent.Header.Hash = parent.Header.hash()
	want.Header.PrevBlockHash = parent.Header.Hash
	want.Header.Hash = want.Header.hash()
	checkFields(t, makeBlock(t, parent, want.Transactions), want.Header, want.Transactions)
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

func TestHole1_5CheckBlockAccepts(t *testing.T) {
	for _, name := range people {
		genesis := &Block{Transactions: []string{coinbase(name, 0)}}
		genesis.Header.Timestamp = timeOf(0)
		genesis.Header.HashMerkleRoot = genesis.merkleRoot()
		genesis.Header.Hash = genesis.Header.hash()
		if err := check(t, genesis, nil); err != nil {
			t.Errorf("a good block 0 is refused: %v", err)
		}
	}

	var parent *Block
	for _, b := range chainOf(40) {
		if err := check(t, b, parent); err != nil {
			t.Errorf("a good block %d is refused: %v", b.Header.Height, err)
		}
		parent = b
	}

	// No rule speaks of the time, or of what a transaction says.
	late := copyBlock(parent)
	late.Header.PrevBlockHash = parent.Header.Hash
	late.Header.Height++
	late.Header.Timestamp = "1700000022.823188"
	late.Transactions = []string{"a payment", "another"}
	late.Header.HashMerkleRoot = late.merkleRoot()
	late.Header.Hash = late.Header.hash()
	if err := check(t, late, parent); err != nil {
		t.Errorf("a good block with another time, and other transactions, is refused: %v", err)
	}

	// Nor does one ask for transactions.
	empty := copyBlock(late)
	empty.Transactions = nil
	empty.Header.HashMerkleRoot = ""
	empty.Header.Hash = empty.Header.hash()
	if err := check(t, empty, parent); err != nil {
		t.Errorf("a good block without transactions, whose root is empty, is refused: %v", err)
	}
}

// otherEnd returns a hash that differs in the last digit.
func otherEnd(hash string) string {
	if strings.HasSuffix(hash, "0") {
		return hash[:len(hash)-1] + "1"
	}
	return hash[:len(hash)-1] + "0"
}

// These blocks break a single rule each: where that's to be so, they get the hash
// that goes with what they say.
func TestHole1_5CheckBlockRefuses(t *testing.T) {
	chain := chainOf(12)
	rehash := func(b *Block) { b.Header.Hash = b.Header.hash() }

	tests := []struct {
		name   string
		lowest int // the height of the lowest block that it's tried on
		spoil  func(b *Block)
	}{
		{"its first transaction was changed, and nothing else", 0, func(b *Block) {
			b.Transactions[0] = strings.ReplaceAll(b.Transactions[0], "1000", "5000")
		}},
		{"its last transaction was changed, and nothing else", 0, func(b *Block) { b.Transactions[len(b.Transactions)-1] += "!" }},
		{"a transaction was added, and nothing else", 0, func(b *Block) { b.Transactions = append(b.Transactions, "one more") }},
		{"its transactions were taken out, and nothing else", 0, func(b *Block) { b.Transactions = nil }},
		{"its root isn't that of its transactions, though its hash is right", 0, func(b *Block) {
			b.Header.HashMerkleRoot = sha256Hex("another")
			rehash(b)
		}},
		{"it has no root, though its hash is right", 0, func(b *Block) {
			b.Header.HashMerkleRoot = ""
			rehash(b)
		}},
		{"the last digit of its root is wrong, though its hash is right", 0, func(b *Block) {
			b.Header.HashMerkleRoot = otherEnd(b.Header.HashMerkleRoot)
			rehash(b)
		}},
		{"its Hash is another text", 0, func(b *Block) { b.Header.Hash = sha256Hex("another") }},
		{"its Hash is empty", 0, func(b *Block) { b.Header.Hash = "" }},
		{"the last digit of its Hash is wrong", 0, func(b *Block) { b.Header.Hash = otherEnd(b.Header.Hash) }},
		{"its time was changed, and nothing else", 0, func(b *Block) { b.Header.Timestamp = "1231006504.0" }},
		{"its height is one too high, though its hash is right", 0, func(b *Block) {
			b.Header.Height++
			rehash(b)
		}},
		{"its height is one too low, though its hash is right", 0, func(b *Block) {
			b.Header.Height--
			rehash(b)
		}},
		{"its height is far too high, though its hash is right", 0, func(b *Block) {
			b.Header.Height += 1000
			rehash(b)
		}},
		{"it names another parent, though its hash is right", 0, func(b *Block) {
			b.Header.PrevBlockHash = sha256Hex("another")
			rehash(b)
		}},
		{"the last digit of its parent's hash is wrong, though its own hash is right", 1, func(b *Block) {
			b.Header.PrevBlockHash = otherEnd(b.Header.PrevBlockHash)
			rehash(b)
		}},
		{"it names no parent, though its hash is right", 1, func(b *Block) {
			b.Header.PrevBlockHash = ""
			rehash(b)
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

// A good block in the wrong place.
func TestHole1_5CheckBlockPlace(t *testing.T) {
	chain := chainOf(6)
	twin := copyBlock(chain[2])
	twin.Transactions[0] = coinbase(mallory, 99)
	twin.Header.HashMerkleRoot = twin.merkleRoot()
	twin.Header.Hash = twin.Header.hash()

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

	late := copyBlock(chain[3])
	late.Header.PrevBlockHash = ""
	late.Header.Hash = late.Header.hash()
	if check(t, late, nil) == nil {
		t.Error("block 3 as the first of a chain, without a parent, though its hash is right: checkBlock should refuse it")
	}

	// Its parent's Hash is a lie. What the parent is called isn't what it should be
	// called, but that's for the check of the parent.
	parent := copyBlock(chain[2])
	parent.Header.Hash = sha256Hex("somebody else")
	if check(t, chain[3], parent) == nil {
		t.Error("block 3 on top of a block 2 that calls itself something else: checkBlock should refuse it")
	}
}
