package main

// step2 are the holes of chapter 2, proof of work.
var step2 = []hole{
	{ID: "2.1", Func: "BlockHeader.nonceText", Title: "The nonce as a text",
		Task: "Write down the nonce as it goes into a hash: in decimal, or the word None in block 0, " +
			"which has no nonce. With it the hash of block 0 stays as it was in chapter 1.",
		Nudge: "Which field tells you that a header is block 0's? A nonce of 0 is a nonce like any other.",
		Idea:  "Ask for the height. If it's 0 return \"None\"; otherwise turn the number into its decimal digits, which package strconv does."},
	{ID: "2.2", Func: "BlockHeader.work", Title: "Hash the work",
		Task: "Return the hash that a miner has to make small: that of the parent's hash, the Merkle root, the time, " +
			"the height and the nonce's text, in this order and with nothing in between.",
		Nudge: "hash, a little above, does nearly the same. What is different?",
		Idea:  "Join five texts, then sha256Hex. The height goes in as decimal digits; for the nonce you have nonceText."},
	{ID: "2.3", Func: "meetsTarget", Title: "Small enough?",
		Task: "Report whether a hash of 64 hex digits, read as a number, is below 2^(256-bits): in other words, " +
			"whether it begins with at least so many zero bits. Any number of bits from 0 to 256 may be asked for.",
		Nudge: "No integer of Go has 256 bits. Package math/big has numbers as large as you like; or think digit by digit, " +
			"since one hex digit is four bits.",
		Idea: "With math/big: read the hash in base 16 (SetString), make the target by shifting a 1 to the left (Lsh), and compare (Cmp). " +
			"Below the target: the target itself isn't good enough."},
	{ID: "2.4", Func: "mine", Title: "Search for the nonce",
		Task: "Try the nonces 0, 1, 2, and so on, until the work of the block meets the target with so many bits. " +
			"Leave that nonce in the header, give the header the hash that it now has, and return how many nonces you tried.",
		Nudge: "The header is in the block, so change it there: a copy of it would be lost. And where does the search begin if somebody has mined this block before?",
		Idea: "A loop that sets the header's nonce to 0, and adds 1 as long as work doesn't meet the target. After it, not before, " +
			"the hash is taken. If nonce 0 does, that was one try."},
	{ID: "2.5", Func: "checkBlock", Title: "No work, no block",
		Task: "Return an error if a block breaks one of five rules, and nil if it keeps them all. Four you know from chapter 1: the header's " +
			"Merkle root is that of the transactions; the header's Hash is the hash that it should have; the height is one more than the parent's " +
			"(0 without a parent); PrevBlockHash is the parent's Hash (\"\" without a parent). The new one: the work meets the target with workBits, in every block but block 0. Change nothing: only look.",
		Nudge: "Your checkBlock of chapter 1 has four of the rules. Where does the fifth get its hash from: Hash, or work?",
		Idea: "Take chapter 1's function. At its end, if the height is above 0, ask whether the hash of the work meets the target with workBits, " +
			"and return an error if it doesn't. By then you know that the height is true: nobody gets by with \"I'm block 0\"."},

	{ID: "2.6", Func: "forge", Title: "Forge the past", Challenge: true,
		Task: "Do what Mallory did, for any block and any two addresses, on a copy of the chain: replace the one address by the other wherever it stands in that block, " +
			"then mend the block and all above it, with their work. Return the new chain, and how many nonces it took.",
		Nudge: "What has to be mended in the block itself, and what in each block above it? And what would mine do with block 0, whose nonce isn't in its work?",
		Idea: "Keep the blocks below. For the others make new blocks with the old header and a new list of transactions (append to an empty one). " +
			"In the forged block replace all, then set the root. From there up: PrevBlockHash is the hash of the new block below, and then mine with workBits. Block 0 only gets its hash."},
	{ID: "2.7", Func: "retarget", Title: "Retarget", Challenge: true,
		Task: "Write Bitcoin's rule by which blocks come every ten minutes, however many miners there are: after 2016 blocks, the next target is the old one " +
			"times the time that they took, divided by two weeks; at most four times the old one, at least a quarter. Round down, and be exact.",
		Nudge: "Keep the time within its limits first: half a week to eight weeks. Then it's a matter of multiplying and dividing, in which order?",
		Idea: "Multiply, then divide: dividing first loses what is left over. Do it in math/big, on a new number, since old is the caller's. " +
			"A Duration is a whole number of nanoseconds, and two weeks fit into one."},
	{ID: "2.8", Func: "catchUp", Title: "How many confirmations?", Challenge: true,
		Task: "With a share q of all computing power, how likely is Mallory to catch up once z blocks are on top of a payment? " +
			"Section 11 of Bitcoin's paper (bitcoin.org/bitcoin.pdf) works it out: write its function, so that it holds for z up to 500, too.",
		Nudge: "The paper has the function in C. It multiplies and divides many numbers: does your version still have numbers, not NaN, at z = 340?",
		Idea: "Let p be 1-q. If q is p or more the answer is 1. While the honest miners find z blocks, she finds λ = z·q/p on average, and k with the chance e^-λ·λ^k/k! (Poisson). " +
			"For each k from 0 to z take away from 1 that chance, times 1-(q/p)^(z-k). Get each Poisson term from the one before it, times λ/k: then no factorial gets too large."},
}
