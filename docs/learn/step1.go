package main

// step1 are the holes of chapter 1, a chain of blocks.
var step1 = []hole{
	{ID: "1.1", Func: "sha256Hex", Title: "The name of a text", TitleZH: "文本的名字",
		Task: "Return the SHA-256 of a text as 64 hex digits, with small letters. All that comes later is named by this function: " +
			"transactions, blocks, and the chain itself.",
		TaskZH: "返回一段文本的 SHA-256，写成 64 个十六进制数字，字母用小写。后面的一切都靠这个函数起名字：交易、区块，还有链本身。",
		Nudge: "Package crypto/sha256 has a function that takes bytes and returns 32 of them; the text goes in as it is, byte by byte. " +
			"How do you write 32 bytes as 64 digits?",
		NudgeZH: "crypto/sha256 包里有个函数，接受字节，返回 32 个字节；文本的字节要原样交进去。那么，32 个字节怎样写成 64 个数字？",
		Idea: "Turn the text into a []byte, hash it (sha256.Sum256), and encode the sum: hex.EncodeToString, or Sprintf with %x. " +
			"The sum is an array, and EncodeToString wants a slice of it.",
		IdeaZH: "把文本变成 []byte，算出哈希（sha256.Sum256），再把结果编码：用 hex.EncodeToString，或者 Sprintf 加 %x。算出来的是数组，" +
			"而 EncodeToString 要的是它的切片。"},
	{ID: "1.2", Func: "BlockHeader.hash", Title: "The name of a block", TitleZH: "区块的名字",
		Task: "Return the hash that a header should have: that of the time, the parent's hash, the Merkle root, the height in decimal and the word None, " +
			"in this order and with nothing in between.",
		TaskZH:  "返回区块头应有的哈希。把时间、父区块的哈希、默克尔根、十进制的高度和 None 这个词按顺序接起来，中间什么也不加，再算哈希。",
		Nudge:   "Which of the five fields isn't in that list, and why can't it be?",
		NudgeZH: "五个字段里，哪一个没有列出来？为什么它不可能算进去？",
		Idea: "Join five texts with +, and give the long one to sha256Hex. The height is a number; strconv.Itoa makes a text of it. " +
			"Hash isn't a part of it: it's what comes out.",
		IdeaZH: "用 + 把五段文本连起来，把这长长的一段交给 sha256Hex。高度是数字，strconv.Itoa 能把它变成文本。Hash 不在其中：它正是要算出来的东西。"},
	{ID: "1.3", Func: "merkleRoot", Title: "One hash for many", TitleZH: "一个哈希代表许多",
		Task: "Make one hash of a list of hashes: join them two by two, hash each pair, and do the same with what came out, until one is left. " +
			"A hash that has nobody to pair with is paired with itself, on every level. An empty list gives \"\". The list is the caller's: don't write into it.",
		TaskZH: "把一串哈希变成一个：两两相连，给每一对算哈希，对得到的结果再做同样的事，直到只剩一个。没有伴的哈希就和它自己配成一对，每一层都是这样。" +
			"空列表得到 \"\"。列表是调用者的：不要往里面写。",
		Nudge: "Two loops: the outer one goes level by level, the inner one from pair to pair. " +
			"Draw the tree for five leaves first. Which of its levels are odd?",
		NudgeZH: "两层循环：外层一层一层往上走，内层一对一对往右走。先画出五片叶子的树。哪几层是奇数个？",
		Idea: "As long as there's more than one hash: make a new, empty list; for each even i append sha256Hex(hash i + hash i+1), or hash i twice if i is the last; " +
			"then go on with the new list. A list of one is its own root, and isn't hashed.",
		IdeaZH: "只要哈希不止一个：建一个新的空列表；对每个偶数 i，追加 sha256Hex(第 i 个哈希 + 第 i+1 个哈希)，如果 i 是最后一个，就用第 i 个两次；" +
			"然后拿新列表继续。只有一个元素的列表，它自己就是根，不再算哈希。"},
	{ID: "1.4", Func: "newBlock", Title: "A new block", TitleZH: "新区块",
		Task: "Return a block that holds these transactions and stands on top of parent: one higher, with the parent's Hash in PrevBlockHash. " +
			"Without a parent (nil) it's block 0, whose PrevBlockHash is empty. Its time is timeOf its height; its root and its hash come from the functions that you have.",
		TaskZH: "返回一个区块，里面装着这些交易，接在 parent 上面：高度加一，PrevBlockHash 是父区块的 Hash。没有父区块（nil）时，它是区块 0，" +
			"PrevBlockHash 为空。时间是它的高度的 timeOf；默克尔根和哈希，由你已有的函数给出。",
		Nudge:   "In which order must the fields be filled in, if the hash is made from all the others, and the time from the height?",
		NudgeZH: "哈希由其他所有字段算出，时间由高度得出。那么，该按什么顺序填？",
		Idea: "Make a &Block with the transactions. If there's a parent, set PrevBlockHash and Height from its header. " +
			"Then the time, then the root (the block's method merkleRoot), and last the hash.",
		IdeaZH: "用交易建一个 &Block。如果有父区块，就从它的区块头得到 PrevBlockHash 和 Height。然后是时间，然后是默克尔根（区块的方法 merkleRoot），" +
			"最后是哈希。"},
	{ID: "1.5", Func: "checkBlock", Title: "Catch the forger", TitleZH: "抓住伪造者",
		Task: "Return an error if a block breaks one of four rules, and nil if it keeps them all: the header's Merkle root is that of the transactions; " +
			"the header's Hash is the hash that it should have; the height is one more than the parent's (0 without a parent); " +
			"PrevBlockHash is the parent's Hash (\"\" without a parent). Change nothing: only look.",
		TaskZH: "如果区块违反了四条规则之一，就返回错误；全都遵守，就返回 nil。区块头里的默克尔根，是那些交易的默克尔根；区块头里的 Hash，是它应有的哈希；" +
			"高度比父区块大一（没有父区块时是 0）；PrevBlockHash 是父区块的 Hash（没有父区块时是 \"\"）。什么也别改：只看。",
		Nudge:   "Two rules need nothing but the block. For the other two, what would a good block say about its parent? Compare that with what this one says.",
		NudgeZH: "有两条规则，只看区块自己就够了。另外两条：一个好的区块会怎样说它的父区块？拿来和这一个说的比一比。",
		Idea: "Compare HashMerkleRoot with b.merkleRoot(), and Hash with b.Header.hash(). Then begin with height 0 and parent \"\"; if there's a parent, " +
			"take them from its header; and compare both with the block's. Each error says what was found, and what should be there.",
		IdeaZH: "比较 HashMerkleRoot 和 b.merkleRoot()，比较 Hash 和 b.Header.hash()。然后从高度 0、父哈希 \"\" 开始；如果有父区块，就用它的区块头里的值；" +
			"再把这两样和区块里的比较。每个错误都说明看到的是什么，应该是什么。"},

	{ID: "1.6", Func: "merkleProof", Title: "Prove it with a few hashes", TitleZH: "用几个哈希来证明", Challenge: true,
		Task: "Bob's phone has only headers. It asks a computer that has the whole blocks whether a transaction is in one of them. " +
			"Return what that computer sends: the hashes that the phone needs, together with leaf i, to come to the root by itself.",
		TaskZH: "Bob 的手机上只有区块头。它问一台存着完整区块的电脑：某笔交易在不在其中一个区块里。返回那台电脑该发的东西：手机有了第 i 片叶子，" +
			"还需要哪些哈希，才能自己算出默克尔根。",
		Nudge:   "On each level one hash is missing for the phone's own pair to be hashed. Which one, if we're number i of that level? And which number do we have on the next?",
		NudgeZH: "每一层上，手机要给自己那一对算哈希，都缺一个。如果我们是这一层的第 i 个，缺的是哪一个？到了上一层，我们又是第几个？",
		Idea: "Number i's partner is i+1 if i is even and i-1 if it's odd, which Go can write as i^1. If there's no partner it's our own hash. " +
			"Write the partner down, build the next level as merkleRoot does, and go on there as number i/2, until one hash is left. A single leaf needs no proof: it's the root.",
		IdeaZH: "第 i 个的同伴：i 是偶数时是 i+1，是奇数时是 i-1，在 Go 里可以写成 i^1。没有同伴，就是我们自己的哈希。把同伴记下来，" +
			"像 merkleRoot 那样造出上一层，在那里作为第 i/2 个继续，直到只剩一个哈希。只有一片叶子时不需要证明：它就是根。"},
	{ID: "1.7", Func: "merkleProves", Title: "Check the proof", TitleZH: "检查证明", Challenge: true,
		Task: "The phone's side: report whether a proof leads from a leaf at place i to the root. Whoever sends it may lie. " +
			"A proof for place 2 is none for place 1, and none at all for a place that a tree of this height doesn't have, such as -1.",
		TaskZH: "现在轮到手机：判断一份证明是不是从位置 i 的叶子通到了根。发证明的人可能撒谎。位置 2 的证明，对位置 1 不成立；这个高度的树上根本没有的位置，" +
			"例如 -1，怎样都不成立。",
		Nudge:   "On each level we're either on the left of our pair, or on the right. What tells us? And what's left of i at the top?",
		NudgeZH: "在每一层上，我们要么在一对的左边，要么在右边。从什么看得出来？到了顶上，i 还剩多少？",
		Idea: "Begin with the leaf. For each hash of the proof: if i is even we're on the left, so join ours + theirs; if it's odd, theirs + ours; hash, and halve i. " +
			"At the end we must hold the root, and i must be 0, since the root is alone on its level. A negative i never was a place.",
		IdeaZH: "从叶子开始。对证明里的每个哈希：i 是偶数，我们在左边，就连成我们的 + 它的；是奇数，就是它的 + 我们的；算出哈希，把 i 减半。最后，" +
			"手里的必须是根，而 i 必须是 0，因为根那一层只有它一个。负的 i 从来就不是一个位置。"},
	{ID: "1.8", Func: "twin", Title: "Two lists, one root", TitleZH: "两份清单，一个根", Challenge: true,
		Task: "What happened to Bitcoin in 2012: to a list of leaves find a longer one, which begins with the same leaves, then repeats some at its end, and has the same Merkle root. " +
			"Return nil if no level of the tree is odd, for then there's none. The caller's list stays as it is.",
		TaskZH: "比特币在 2012 年就出过这件事：给定一份叶子的清单，找出另一份更长的，开头是同样的叶子，末尾重复其中几片，而默克尔根相同。" +
			"如果树的每一层都不是奇数个，那就没有这样的清单，返回 nil。调用者的清单保持原样。",
		Nudge:   "With three leaves it's the third that's repeated. With six the lowest level is even; which one is odd, and for how many leaves does its last hash stand?",
		NudgeZH: "三片叶子时，重复的是第三片。六片时，最下面一层是偶数个；哪一层是奇数个？它的最后一个哈希代表几片叶子？",
		Idea: "Halve the number of leaves until it's odd; each time, the last hash of the level stands for twice as many leaves. Repeat that many from the end. " +
			"If you come to 1, all levels were even. Append to a copy, not to the caller's list.",
		IdeaZH: "把叶子的个数不断减半，直到是奇数；每减半一次，这一层最后一个哈希所代表的叶子就翻一倍。从末尾重复这么多片。如果一直减到 1，" +
			"那每一层都是偶数个。要追加到副本上，不要追加到调用者的清单上。"},
}
