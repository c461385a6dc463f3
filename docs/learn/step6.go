package main

// step6 are the holes of chapter 6: the set of coins, the pool and branches.
var step6 = []hole{
	{ID: "6.1", Func: "CoinSet.find", Title: "Are the coins there?", TitleZH: "币都在吗？",
		Task: "Return the coins that a transaction spends, in the order of its inputs, without taking them yet. " +
			"One that isn't in the set, or that the transaction spends twice, is errNoCoin. A coinbase spends none.",
		TaskZH:  "按输入的顺序，返回一笔交易要花的币，先不拿走。不在 UTXO 集里的，或者这笔交易花了两次的，是 errNoCoin。coinbase 什么也不花。",
		Nudge:   "get knows whether a coin is there. But if you only look and don't take, who notices that two inputs name the same coin?",
		NudgeZH: "币在不在，get 知道。可是如果只看不拿，两个输入指名同一枚币，谁来发现？",
		Idea: "A loop over the inputs: get each coin by its outpoint, and look whether you have it already (slices.Contains works on coins, since they are comparable). " +
			"Wrap errNoCoin in the error.",
		IdeaZH: "循环走过输入：按输出点 get 每一枚币，再看你是不是已经有它了（币可以比较，所以能用 slices.Contains）。错误里要包装 errNoCoin。"},
	{ID: "6.2", Func: "CoinSet.apply", Title: "Move the set over a transaction", TitleZH: "让 UTXO 集走过一笔交易",
		Task: "Take the coins that a transaction spends out of the set, and put those that it makes in. Return those that went. " +
			"If the transaction may not do so, return the error, and leave the set exactly as it was.",
		TaskZH:  "把交易花掉的币从 UTXO 集里拿出来，把它造出的币放进去。返回拿出来的那些。如果交易不可以这样做，就返回错误，并让 UTXO 集和原来一模一样。",
		Nudge:   "Is there a way to know that all is well before you change the first coin? You have find, and chapter 5's check.",
		NudgeZH: "在动第一枚币之前，有没有办法知道一切都没问题？你有 find，还有第 5 章的 check。",
		Idea: "find, then check; each may fail, and so far nothing has changed. Then remove what was found, and put a coin for each output: " +
			"its outpoint is the transaction's id and the output's index.",
		IdeaZH: "先 find，再 check；两步都可能失败，而到这时什么也没有变。然后 remove 找到的币，再为每个输出 put 一枚币：它的输出点，" +
			"是交易的 id 和输出的序号。"},
	{ID: "6.3", Func: "CoinSet.undoBlock", Title: "And back again", TitleZH: "再退回来",
		Task:    "Move the set back over a whole block, so that it is what it was before. For each transaction, taken has what apply returned.",
		TaskZH:  "让 UTXO 集退回到整个区块之前，变成原来的样子。taken 里是 apply 为每笔交易返回的东西。",
		Nudge:   "A block's second payment may spend a coin that its first one made. What happens if you undo the first one first?",
		NudgeZH: "一个区块里的第二笔付款，可能花掉第一笔造出的币。如果先撤销第一笔，会怎样？",
		Idea:    "What was done last is undone first: go through the transactions from the last to the first, and call undo with each one's own taken.",
		IdeaZH:  "最后做的最先撤销：从最后一笔交易走到第一笔，对每一笔调用 undo，给它自己的那份 taken。"},
	{ID: "6.4", Func: "Chain.choose", Title: "What fits?", TitleZH: "哪些成立？",
		Task: "Try payments in their order, each on top of those before it. Return those that fit and, as drops with their errors, those that don't. " +
			"All this is only a try: the file must stay as it is.",
		TaskZH:  "按顺序试这些付款，每一笔都接在前面的上面。返回成立的，以及不成立的：作为 drop，带着它的错误。这一切只是试试：文件必须保持原样。",
		Nudge:   "You could copy the whole set into memory. Or you could change the real one, in a database transaction, and then have bolt forget it. How do you make it forget?",
		NudgeZH: "你可以把整个 UTXO 集复制到内存里。也可以在数据库事务里改真的那个，再让 bolt 忘掉。怎样让它忘掉？",
		Idea: "In one Update, apply each payment to the set of coins, and sort it by whether there was an error. At the end return an error of your own, so that bolt takes everything back; " +
			"outside, that one error is no error.",
		IdeaZH: "在一个 Update 里，把每笔付款 apply 到 UTXO 集上，按有没有错误分成两堆。最后返回一个你自己的错误，让 bolt 全部撤销；到了外面，" +
			"这一个错误不算错误。"},
	{ID: "6.5", Func: "branchTo", Title: "Where does a branch leave the chain?", TitleZH: "分支从哪里离开链？",
		Task: "Return the blocks that lead from the chain to b, lowest first: the first one's parent is on the chain, and the last one is b itself. " +
			"If b is on the chain there are none. A parent that isn't in the file is an error.",
		TaskZH:  "返回从链通到 b 的区块，低的在前：第一个的父区块在链上，最后一个就是 b 自己。如果 b 在链上，就一个也没有。父区块不在文件里，是错误。",
		Nudge:   "You can only go down: from a block to its parent. When do you stop, and in which order have you collected the blocks by then?",
		NudgeZH: "你只能往下走：从区块到它的父区块。什么时候停？到那时，收集到的区块是什么顺序？",
		Idea: "While a block isn't on the chain (onChain), put it in front of those that you have, and go to its parent with getBlock. " +
			"Block 0 has no parent: there the walk ends, too.",
		IdeaZH: "只要区块不在链上（onChain），就把它放到已有的前面，再用 getBlock 走到它的父区块。区块 0 没有父区块：走到那里也就结束了。"},
	{ID: "6.6", Func: "switchTo", Title: "Change sides", TitleZH: "换链",
		Task: "Make b the tip. Roll the chain back to where b's branch leaves it, give the payments of those blocks back to the pool, put the branch on top, and take its transactions out of the pool. " +
			"If any step fails, return its error: whoever calls you takes everything back.",
		TaskZH: "让 b 成为链顶。把链回滚到 b 的分支离开它的地方，把那些区块里的付款还给交易池，把分支接上去，再从交易池里去掉分支上的交易。任何一步失败，" +
			"就返回它的错误：调用你的人会全部撤销。",
		Nudge:   "It's made of functions that you have: branchTo, getTip, disconnect, giveBack, connect, remove. Which block tells you that you've rolled back far enough?",
		NudgeZH: "它由你已有的函数组成：branchTo、getTip、disconnect、giveBack、connect、remove。从哪个区块看得出，已经回滚得够远了？",
		Idea: "Get the branch. As long as there is a tip, and it isn't the parent of the branch's first block: disconnect it, and give back its transactions, but not the coinbase. " +
			"Then, from the lowest to the highest: connect each block of the branch, and remove its transactions from the pool.",
		IdeaZH: "取得分支。只要有链顶，而它又不是分支第一个区块的父区块：就 disconnect 它，还回它的交易，但 coinbase 不还。然后从低到高：" +
			"connect 分支的每个区块，并从交易池 remove 它的交易。"},

	{ID: "6.7", Func: "Chain.confirmations", Title: "How safe is it?", TitleZH: "有多稳当？", Challenge: true,
		Task:    "Tell how many confirmations a transaction has: 1 in the tip, 2 in the block below, and 0 while it waits in the pool. Any other is errNoBlock, also one that is only in a block beside the chain.",
		TaskZH:  "说出一笔交易有几次确认：在链顶是 1，在下面一个区块是 2，还在交易池里等着是 0。别的都是 errNoBlock，只在链旁边的区块里的也算。",
		Nudge:   "Which of the two ways to find blocks gives you only those of the chain?",
		NudgeZH: "找区块有两种办法，哪一种只给你链上的？",
		Idea:    "Walk from the tip down by heights, and count. If the walk ends without it, look into the pool.",
		IdeaZH:  "按高度从链顶往下走，一边走一边数。走到头也没有，就看看交易池。"},
	{ID: "6.8", Func: "Chain.spendable", Title: "What will be mine", TitleZH: "以后会是我的", Challenge: true,
		Task: "Return the coins that an address will have once the payments in the pool are in a block: without the coins that they spend, with those that they make. " +
			"A payment that doesn't fit counts for nothing. Chapter 8 needs it: with it one can spend one's own change at once.",
		TaskZH: "返回交易池里的付款进了区块以后，一个地址会有的币：去掉它们花的，加上它们造出的。不成立的付款不算数。第 8 章要用它：有了它，" +
			"刚得到的找零马上就能花。",
		Nudge:   "choose can tell you what fits. But you need the set as it is after those.",
		NudgeZH: "哪些成立，choose 能告诉你。可是你要的，是这些付款之后的 UTXO 集。",
		Idea:    "The trick of choose once more: in a database transaction that will be taken back, apply all that waits and fits, and then read the coins of the address from the set.",
		IdeaZH:  "再用一次 choose 的办法：在一个会撤销的数据库事务里，把所有等着而且成立的付款都 apply 上去，再从 UTXO 集里读出这个地址的币。"},
	{ID: "6.9", Func: "Chain.expire", Title: "Too old", TitleZH: "太老了", Challenge: true,
		Task: "Drop payments that have waited for too long: those that came before a height. Return them. " +
			"arrivals says at which height of the tip each payment came, by its txid; one that isn't in there has just come, and stays.",
		TaskZH:  "丢弃等得太久的付款：在某个高度之前来的那些。返回它们。arrivals 按 txid 说明每笔付款来的时候，链顶的高度是多少；里面没有的，是刚来的，留下。",
		Nudge:   "What does a map give you for a key that it doesn't have? And what would become of a payment that has just come back from a rolled-back block?",
		NudgeZH: "一个键不在 map 里，map 会给你什么？那样的话，刚从回滚的区块里回来的付款会怎样？",
		Idea:    "Ask the map with two results, so that you know whether it has the payment. Collect those that are too old, and take exactly them out of the pool.",
		IdeaZH:  "用两个返回值去问 map，这样就知道这笔付款在不在里面。收集太老的那些，从交易池里正好去掉它们，一笔不多。"},
}
