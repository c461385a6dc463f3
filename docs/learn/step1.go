package main

// step1 are the holes of chapter 1, a chain of blocks.
var step1 = []hole{
	{ID: "1.1", Func: "sha256Hex", Title: "The name of a text",
		Task: "Return the SHA-256 of a text as 64 hex digits, with small letters. All that comes later is named by this function: " +
			"transactions, blocks, and the chain itself.",
		Nudge: "Package crypto/sha256 has a function that takes bytes and returns 32 of them; the text goes in as it is, byte by byte. " +
			"How do you write 32 bytes as 64 digits?",
		Idea: "Turn the text into a []byte, hash it (sha256.Sum256), and encode the sum: hex.EncodeToString, or Sprintf with %x. " +
			"The sum is an array, and EncodeToString wants a slice of it."},
	{ID: "1.2", Func: "BlockHeader.hash", Title: "The name of a block",
		Task: "Return the hash that a header should have: that of the time, the parent's hash, the Merkle root, the height in decimal and the word None, " +
			"in this order and with nothing in between.",
		Nudge: "Which of the five fields isn't in that list, and why can't it be?",
		Idea: "Join five texts with +, and give the long one to sha256Hex. The height is a number; strconv.Itoa makes a text of it. " +
			"Hash isn't a part of it: it's what comes out."},
	{ID: "1.3", Func: "merkleRoot", Title: "One hash for many",
		Task: "Make one hash of a list of hashes: join them two by two, hash each pair, and do the same with what came out, until one is left. " +
			"A hash that has nobody to pair with is paired with itself, on every level. An empty list gives \"\". The list is the caller's: don't write into it.",
		Nudge: "Two loops: the outer one goes level by level, the inner one from pair to pair. " +
			"Draw the tree for five leaves first. Which of its levels are odd?",
		Idea: "As long as there's more than one hash: make a new, empty list; for each even i append sha256Hex(hash i + hash i+1), or hash i twice if i is the last; " +
			"then go on with the new list. A list of one is its own root, and isn't hashed."},
	{ID: "1.4", Func: "newBlock", Title: "A new block",
		Task: "Return a block that holds these transactions and stands on top of parent: one higher, with the parent's Hash in PrevBlockHash. " +
			"Without a parent (nil) it's block 0, whose PrevBlockHash is empty. Its time is timeOf its height; its root and its hash come from the functions that you have.",
		Nudge: "In which order must the fields be filled in, if the hash is made from all the others, and the time from the height?",
		Idea: "Make a &Block with the transactions. If there's a parent, set PrevBlockHash and Height from its header. " +
			"Then the time, then the root (the block's method merkleRoot), and last the hash."},
	{ID: "1.5", Func: "checkBlock", Title: "Catch the forger",
		Task: "Return an error if a block breaks one of four rules, and nil if it keeps them all: the header's Merkle root is that of the transactions; " +
			"the header's Hash is the hash that it should have; the height is one more than the parent's (0 without a parent); " +
			"PrevBlockHash is the parent's Hash (\"\" without a parent). Change nothing: only look.",
		Nudge: "Two rules need nothing but the block. For the other two, what would a good block say about its parent? Compare that with what this one says.",
		Idea: "Compare HashMerkleRoot with b.merkleRoot(), and Hash with b.Header.hash(). Then begin with height 0 and parent \"\"; if there's a parent, " +
			"take them from its header; and compare both with the block's. Each error says what was found, and what should be there."},

	{ID: "1.6", Func: "merkleProof", Title: "Prove it with a few hashes", Challenge: true,
		Task: "Bob's phone has only headers. It asks a computer that has the whole blocks whether a transaction is in one of them. " +
			"Return what that computer sends: the hashes that the phone needs, together with leaf i, to come to the root by itself.",
		Nudge: "On each level one hash is missing for the phone's own pair to be hashed. Which one, if we're number i of that level? And which number do we have on the next?",
		Idea: "Number i's partner is i+1 if i is even and i-1 if it's odd, which Go can write as i^1. If there's no partner it's our own hash. " +
			"Write the partner down, build the next level as merkleRoot does, and go on there as number i/2, until one hash is left. A single leaf needs no proof: it's the root."},
	{ID: "1.7", Func: "merkleProves", Title: "Check the proof", Challenge: true,
		Task: "The phone's side: report whether a proof leads from a leaf at place i to the root. Whoever sends it may lie. " +
			"A proof for place 2 is none for place 1, and none at all for a place that a tree of this height doesn't have, such as -1.",
		Nudge: "On each level we're either on the left of our pair, or on the right. What tells us? And what's left of i at the top?",
		Idea: "Begin with the leaf. For each hash of the proof: if i is even we're on the left, so join ours + theirs; if it's odd, theirs + ours; hash, and halve i. " +
			"At the end we must hold the root, and i must be 0, since the root is alone on its level. A negative i never was a place."},
	{ID: "1.8", Func: "twin", Title: "Two lists, one root", Challenge: true,
		Task: "What happened to Bitcoin in 2012: to a list of leaves find a longer one, which begins with the same leaves, then repeats some at its end, and has the same Merkle root. " +
			"Return nil if no level of the tree is odd, for then there's none. The caller's list stays as it is.",
		Nudge: "With three leaves it's the third that's repeated. With six the lowest level is even; which one is odd, and for how many leaves does its last hash stand?",
		Idea: "Halve the number of leaves until it's odd; each time, the last hash of the level stands for twice as many leaves. Repeat that many from the end. " +
			"If you come to 1, all levels were even. Append to a copy, not to the caller's list."},
}
