package main

// step8 are the challenges of chapter 8, beyond the article.
var step8 = []hole{
	{ID: "8.1", Func: "UTXOSet.Update", Title: "Fees", TitleZH: "手续费", Challenge: true,
		Task: "What a transaction's inputs hold beyond its outputs is its fee. Let the coinbase of a block pay as much as Subsidy and the fees of the block's transactions together, or less. " +
			"A block that takes more breaks ErrCoinbase. And let TxPool's own blocks take all of it, to the address that gets the coinbase now.",
		TaskZH: "一笔交易的输入比输出多出来的部分，就是它的手续费。让区块的 coinbase 可以付出 Subsidy 加上这个区块里所有交易的手续费，或者更少。" +
			"拿得更多的区块，违反 ErrCoinbase。还要让 TxPool 自己的区块全部拿走，付给现在得到 coinbase 的那个地址。",
		Nudge:   "checkCoinbase sees no coins, so it can't know the fees: its limit has to go elsewhere. Who knows inputs and outputs, of the whole block?",
		NudgeZH: "checkCoinbase 看不到币，也就不可能知道手续费：它的上限得搬到别处去。整个区块的输入和输出，在谁手里？",
		Idea: "CoinView.check knows both sums: let the view add up the fees of what Apply applies. UTXOSet.Update has applied the whole block: there you can compare, and only there. " +
			"In template the fees are known last, but the coinbase is made first: set its value at the end, and then its txid is another one.",
		IdeaZH: "两个总和 CoinView.check 都知道：让 view 把 Apply 应用过的手续费加起来。UTXOSet.Update 应用完了整个区块：可以在那里比较，也只能在那里。" +
			"在 template 里，手续费最后才知道，而 coinbase 最先造：最后再设它的金额，那样它的 txid 也就变了。"},
	{ID: "8.2", Func: "TCPServer.handle", Title: "Where do we part?", TitleZH: "我们在哪儿分开？", Challenge: true,
		Task: `Let a node answer code 6, a block locator: its data is a list of hashes, highest block first. The reply is {"code": 6, "data": N} with the height of the first in the list that is on the node's chain, or -1 if none is. ` +
			"A block beside the chain doesn't count, and a text that is no hash is just not there. Answer code 0 to a list of more than 101, as Bitcoin does, and to data that is no list of texts.",
		TaskZH: `让节点回答 code 6，即区块定位器：它的 data 是一串哈希，高的区块在前。回答是 {"code": 6, "data": N}，N 是其中第一个在节点的链上的哈希的高度，` +
			"一个也没有就是 -1。链旁边的区块不算；不是哈希的文本，当作没有。超过 101 个的列表，像比特币那样，回答 code 0；data 不是文本的列表，" +
			"也回答 code 0。",
		Nudge:   "Blockchain.BlockByHash finds blocks by hash, but also those beside the chain. How do you find out whether a block is on it?",
		NudgeZH: "Blockchain.BlockByHash 按哈希找区块，可是链旁边的也会找到。怎样查出一个区块在不在链上？",
		Idea: "Find the block's height, and then compare the hash with the one that the chain has at that height. As in 7.2, package network needs a way to ask for that: " +
			"a type assertion spares you to change the interface. Count the list before you look anything up.",
		IdeaZH: "找出区块的高度，再拿这个哈希和链上那个高度的哈希比较。和 7.2 一样，network 包要有办法来问：用类型断言，就不必改接口。查任何东西之前，" +
			"先数一数列表。"},
	{ID: "8.3", Func: "TCPServer.handle", Title: "Headers", TitleZH: "区块头", Challenge: true,
		Task: `Let a node answer code 5, whose data is [from, count], with a list of block headers, as they stand in the blocks: {"code": 5, "data": [{"timestamp": …}, …]}. It begins with the header of block from, ` +
			"and has as many as there are, but no more than count, and no more than 2000. There may be none: []. Answer code 0 to data that isn't two whole numbers of 32 bits, neither of them negative.",
		TaskZH: `让节点回答 code 5，它的 data 是 [from, count]；回答是一串区块头，和区块里写的一样：{"code": 5, "data": [{"timestamp": …}, …]}。` +
			"从区块 from 的区块头开始，有多少给多少，但不超过 count 个，也不超过 2000 个。一个也没有也可以：[]。data 如果不是两个 32 位的整数，" +
			"或者有一个是负数，就回答 code 0。",
		Nudge:   "A peer may ask for a billion headers. When does your program find out that there aren't any more?",
		NudgeZH: "对方节点可能一要就是十亿个区块头。你的程序什么时候才发现，后面已经没有了？",
		Idea: "Ledger.Block gives you a block as JSON, or an error where there's none, and findMember finds the block_header in it. Loop until count, until 2000 or until the error. Count what you've got, " +
			"rather than adding from and count, which may be more than an int holds. txsMsg shows how a list is written.",
		IdeaZH: "Ledger.Block 给你 JSON 写的区块，没有就给错误；findMember 在里面找出 block_header。循环到 count、到 2000，或者到出错为止。数你已经拿到的，" +
			"而不要把 from 和 count 相加，那可能超出 int。列表怎样写，看 txsMsg。"},
}
