package main

// step2 are the holes of chapter 2, proof of work.
var step2 = []hole{
	{ID: "2.1", Func: "BlockHeader.nonceText", Title: "The nonce as a text", TitleZH: "把随机数写成文本",
		Task: "Write down the nonce as it goes into a hash: in decimal, or the word None in block 0, " +
			"which has no nonce. With it the hash of block 0 stays as it was in chapter 1.",
		TaskZH:  "写出随机数（nonce）放进哈希时的样子：用十进制；区块 0 没有随机数，就写 None 这个词。这样，区块 0 的哈希还和第 1 章里一样。",
		Nudge:   "Which field tells you that a header is block 0's? A nonce of 0 is a nonce like any other.",
		NudgeZH: "从哪个字段看得出，这个区块头是区块 0 的？0 这个随机数，和别的随机数没有什么不同。",
		Idea:    "Ask for the height. If it's 0 return \"None\"; otherwise turn the number into its decimal digits, which package strconv does.",
		IdeaZH:  "看高度。如果是 0，返回 \"None\"；否则把这个数变成十进制数字，strconv 包会做。"},
	{ID: "2.2", Func: "BlockHeader.work", Title: "Hash the work", TitleZH: "工作哈希",
		Task: "Return the hash that a miner has to make small: that of the parent's hash, the Merkle root, the time, " +
			"the height and the nonce's text, in this order and with nothing in between.",
		TaskZH:  "返回矿工要让它变小的那个哈希。把父区块的哈希、默克尔根、时间、高度和随机数的文本按顺序接起来，中间什么也不加，再算哈希。",
		Nudge:   "hash, a little above, does nearly the same. What is different?",
		NudgeZH: "上面不远处的 hash，做的几乎是同样的事。差别在哪里？",
		Idea:    "Join five texts, then sha256Hex. The height goes in as decimal digits; for the nonce you have nonceText.",
		IdeaZH:  "把五段文本连起来，再用 sha256Hex。高度写成十进制数字；随机数的文本，你有 nonceText。"},
	{ID: "2.3", Func: "meetsTarget", Title: "Small enough?", TitleZH: "够小了吗？",
		Task: "Report whether a hash of 64 hex digits, read as a number, is below 2^(256-bits): in other words, " +
			"whether it begins with at least so many zero bits. Any number of bits from 0 to 256 may be asked for.",
		TaskZH: "哈希是 64 个十六进制数字。把它当作一个数，判断它是不是小于 2^(256-bits)，也就是说，开头是不是至少有 bits 个零比特。" +
			"bits 可以是 0 到 256 之间的任何数。",
		Nudge: "No integer of Go has 256 bits. Package math/big has numbers as large as you like; or think digit by digit, " +
			"since one hex digit is four bits.",
		NudgeZH: "Go 的整数类型都没有 256 位。math/big 包里的数，要多大有多大；也可以一个数字一个数字地想，因为一个十六进制数字正好是四个比特。",
		Idea: "With math/big: read the hash in base 16 (SetString), make the target by shifting a 1 to the left (Lsh), and compare (Cmp). " +
			"Below the target: the target itself isn't good enough.",
		IdeaZH: "用 math/big：按 16 进制读入哈希（SetString），把 1 向左移位得到目标值（Lsh），再比较（Cmp）。要小于目标值：正好等于目标值还不行。"},
	{ID: "2.4", Func: "mine", Title: "Search for the nonce", TitleZH: "寻找随机数",
		Task: "Try the nonces 0, 1, 2, and so on, until the work of the block meets the target with so many bits. " +
			"Leave that nonce in the header, give the header the hash that it now has, and return how many nonces you tried.",
		TaskZH: "依次尝试随机数 0、1、2……，直到区块的工作哈希小于 bits 个比特的目标值。把这个随机数留在区块头里，给区块头填上它现在的哈希，" +
			"返回你试了多少个随机数。",
		Nudge:   "The header is in the block, so change it there: a copy of it would be lost. And where does the search begin if somebody has mined this block before?",
		NudgeZH: "区块头就在区块里，要改就改那里：改副本等于没改。还有，如果这个区块以前有人挖过，该从哪里开始找？",
		Idea: "A loop that sets the header's nonce to 0, and adds 1 as long as work doesn't meet the target. After it, not before, " +
			"the hash is taken. If nonce 0 does, that was one try.",
		IdeaZH: "写一个循环，先把区块头的随机数设为 0，只要 work 还不小于目标值，就加 1。哈希要在循环之后算，不是之前。如果 0 就行，也算试了一个。"},
	{ID: "2.5", Func: "checkBlock", Title: "No work, no block", TitleZH: "没有工作量，就没有区块",
		Task: "Return an error if a block breaks one of five rules, and nil if it keeps them all. Four you know from chapter 1: the header's " +
			"Merkle root is that of the transactions; the header's Hash is the hash that it should have; the height is one more than the parent's " +
			"(0 without a parent); PrevBlockHash is the parent's Hash (\"\" without a parent). The new one: the work meets the target with workBits, in every block but block 0. Change nothing: only look.",
		TaskZH: "如果区块违反了五条规则之一，就返回错误；全都遵守，就返回 nil。四条你在第 1 章已经见过：区块头里的默克尔根，是那些交易的默克尔根；" +
			"区块头里的 Hash，是它应有的哈希；高度比父区块大一（没有父区块时是 0）；PrevBlockHash 是父区块的 Hash（没有父区块时是 \"\"）。新的一条：" +
			"除了区块 0，每个区块的工作哈希都要小于 workBits 的目标值。什么也别改：只看。",
		Nudge:   "Your checkBlock of chapter 1 has four of the rules. Where does the fifth get its hash from: Hash, or work?",
		NudgeZH: "四条规则，你第 1 章的 checkBlock 里都有。第五条用的哈希从哪里来：是 Hash，还是 work？",
		Idea: "Take chapter 1's function. At its end, if the height is above 0, ask whether the hash of the work meets the target with workBits, " +
			"and return an error if it doesn't. By then you know that the height is true: nobody gets by with \"I'm block 0\".",
		IdeaZH: "把第 1 章的函数拿来。在末尾，如果高度大于 0，就看工作哈希小不小于 workBits 的目标值，不小于就返回错误。到这里你已经知道高度是真的：" +
			"谁也不能用一句“我是区块 0”混过去。"},

	{ID: "2.6", Func: "forge", Title: "Forge the past", TitleZH: "伪造过去", Challenge: true,
		Task: "Do what Mallory did, for any block and any two addresses, on a copy of the chain: replace the one address by the other wherever it stands in that block, " +
			"then mend the block and all above it, with their work. Return the new chain, and how many nonces it took.",
		TaskZH: "把 Mallory 做的事做一遍：任意一个区块，任意两个地址，在链的副本上做。在那个区块里，把一个地址全部换成另一个，" +
			"然后修好这个区块和它上面的所有区块，连同它们的工作。返回新的链，以及一共用了多少个随机数。",
		Nudge:   "What has to be mended in the block itself, and what in each block above it? And what would mine do with block 0, whose nonce isn't in its work?",
		NudgeZH: "那个区块自己有什么要修，它上面的每个区块又有什么要修？还有，区块 0 的随机数不在它的工作里，mine 碰到它会怎样？",
		Idea: "Keep the blocks below. For the others make new blocks with the old header and a new list of transactions (append to an empty one). " +
			"In the forged block replace all, then set the root. From there up: PrevBlockHash is the hash of the new block below, and then mine with workBits. Block 0 only gets its hash.",
		IdeaZH: "下面的区块留着。其余的，用旧的区块头和一份新的交易列表建成新区块（追加到空列表上）。在伪造的区块里全部替换，再填默克尔根。从那里往上：" +
			"PrevBlockHash 是下面那个新区块的哈希，然后按 workBits 去 mine。区块 0 只要算好哈希。"},
	{ID: "2.7", Func: "retarget", Title: "Retarget", TitleZH: "调整难度", Challenge: true,
		Task: "Write Bitcoin's rule by which blocks come every ten minutes, however many miners there are: after 2016 blocks, the next target is the old one " +
			"times the time that they took, divided by two weeks; at most four times the old one, at least a quarter. Round down, and be exact.",
		TaskZH: "写出比特币的规则：不管有多少矿工，都让区块每十分钟来一个。每过 2016 个区块，新的目标值是旧的乘以这些区块花的时间，再除以两星期；" +
			"最多是旧的四倍，最少是四分之一。向下取整，而且要精确。",
		Nudge:   "Keep the time within its limits first: half a week to eight weeks. Then it's a matter of multiplying and dividing, in which order?",
		NudgeZH: "先把时间限制在范围里：半个星期到八个星期。剩下的就是一乘一除，先做哪个？",
		Idea: "Multiply, then divide: dividing first loses what is left over. Do it in math/big, on a new number, since old is the caller's. " +
			"A Duration is a whole number of nanoseconds, and two weeks fit into one.",
		IdeaZH: "先乘后除：先除会把余数丢掉。用 math/big 来算，存进一个新的数，因为 old 是调用者的。Duration 是整数个纳秒，两个星期装得下。"},
	{ID: "2.8", Func: "catchUp", Title: "How many confirmations?", TitleZH: "要等多少次确认？", Challenge: true,
		Task: "With a share q of all computing power, how likely is Mallory to catch up once z blocks are on top of a payment? " +
			"Section 11 of Bitcoin's paper (bitcoin.org/bitcoin.pdf) works it out: write its function, so that it holds for z up to 500, too.",
		TaskZH: "Mallory 有全部算力的 q 这么大一份。一笔付款上面有了 z 个区块以后，她追上来的可能性有多大？" +
			"比特币论文（bitcoin.org/bitcoin.pdf）第 11 节算出来了：把那个函数写出来，而且 z 到 500 也要对。",
		Nudge:   "The paper has the function in C. It multiplies and divides many numbers: does your version still have numbers, not NaN, at z = 340?",
		NudgeZH: "论文里的函数是用 C 写的，要乘除许多数。你的写法到了 z = 340，得到的还是数，不是 NaN 吗？",
		Idea: "Let p be 1-q. If q is p or more the answer is 1. While the honest miners find z blocks, she finds λ = z·q/p on average, and k with the chance e^-λ·λ^k/k! (Poisson). " +
			"For each k from 0 to z take away from 1 that chance, times 1-(q/p)^(z-k). Get each Poisson term from the one before it, times λ/k: then no factorial gets too large.",
		IdeaZH: "设 p 是 1-q。如果 q 不小于 p，答案就是 1。诚实的矿工找到 z 个区块期间，她平均找到 λ = z·q/p 个，正好 k 个的概率是 e^-λ·λ^k/k!（泊松分布）。" +
			"对 0 到 z 的每个 k，从 1 里减去这个概率乘以 1-(q/p)^(z-k)。每个泊松项都由前一项乘以 λ/k 得到：这样阶乘就不会太大。"},
}
