package main

// step4 are the holes of chapter 4, transactions.
var step4 = []hole{
	{ID: "4.1", Func: "Transaction.id", Title: "A transaction's name", TitleZH: "交易的名字",
		Task: "Return the txid: the hash of all inputs, as their dict writes them, and then of all outputs, with nothing in between. " +
			"It doesn't depend on what stands in TxID, or in a signature.",
		TaskZH:  "返回 txid：先是所有输入，按它们的 dict 写出来的样子，再是所有输出，中间什么也不加，合起来算哈希。它与 TxID 里写着什么无关，也与签名无关。",
		Nudge:   "Each input and each output can write itself down already. How many of them are there?",
		NudgeZH: "每个输入、每个输出，都已经会把自己写出来了。一共有多少个？",
		Idea: "Two loops, one after the other: over Vins, then over Vouts. Each adds the dict of what it looks at to one text " +
			"(a strings.Builder, or +=). At the end, sha256Hex of the whole text, once.",
		IdeaZH: "两个循环，一个接一个：先走 Vins，再走 Vouts。每次把当前这个的 dict 接到同一段文本上（用 strings.Builder，或者 +=）。最后，" +
			"对整段文本做一次 sha256Hex。"},
	{ID: "4.2", Func: "newCoinbase", Title: "New coins", TitleZH: "新的币",
		Task: "Make the transaction that pays a miner: one input that spends nothing (no txid, output -1, and as its text the time of the block " +
			"at this height), and one output of the subsidy, for the address. Give it its name.",
		TaskZH: "造出付钱给矿工的交易：一个什么也不花的输入（没有 txid，输出的序号是 -1，文本是这个高度的区块的时间），和一个输出，金额是补贴，付给这个地址。" +
			"再给它起名字。",
		Nudge:   "The comment above TXInput says what stands in the input of a coinbase. Which function knows the time of a block?",
		NudgeZH: "coinbase 的输入里写什么，TXInput 上面的注释说了。哪个函数知道区块的时间？",
		Idea: "Build the transaction with one TXInput, of which you set Vout and PubKey, and one TXOutput. The name comes last, since it's " +
			"the hash of all the rest: set TxID to what id returns.",
		IdeaZH: "用一个 TXInput 和一个 TXOutput 造出交易，输入里填 Vout 和 PubKey。名字放在最后，因为它是其余一切的哈希：把 TxID 设为 id 返回的值。"},
	{ID: "4.3", Func: "newTransaction", Title: "Pay somebody", TitleZH: "付款给某人",
		Task: "Pay an amount out of coins that belong to from. Take coins from the front until they suffice, and no more. The first output pays to, " +
			"the second gives the change back to from; if there's no change, there's no second output. Give it its name. " +
			"An amount below 1 is an error, and if all coins together don't suffice the error wraps errNotEnough.",
		TaskZH: "用属于 from 的币付一笔钱。从前面开始拿，够了就停，不多拿。第一个输出付给 to，第二个把找零还给 from；没有找零，就没有第二个输出。" +
			"给交易起名字。金额小于 1 是错误；所有的币加起来还不够时，错误要包装 errNotEnough。",
		Nudge:   "Go through the coins, and keep a sum. When do you stop, before you take a coin or after? And where is an amount of -500 caught?",
		NudgeZH: "一枚一枚地走过这些币，记住总和。什么时候停：拿一枚之前，还是之后？还有，-500 这样的金额在哪里拦下？",
		Idea: "First refuse amounts below 1. Then the loop: if the sum has reached the amount, leave it; otherwise add an input that names the coin, and " +
			"add its value to the sum. After the loop the sum may still be too small: fmt.Errorf with %w. What the sum has beyond the amount is the change. The name comes last.",
		IdeaZH: "先拒绝小于 1 的金额。然后循环：总和够了就跳出；不够就加一个指明这枚币的输入，把它的金额加进总和。循环之后，总和仍可能不够：" +
			"用 fmt.Errorf 加 %w。总和比金额多出来的就是找零。名字放在最后。"},
	{ID: "4.4", Func: "spend", Title: "Take the coins", TitleZH: "把币拿走",
		Task: "Take out of coins each one that an input names, in the order of the inputs. Return those that are left, in their old order, " +
			"and those that you took. A coin that isn't there, or not any more, is an error that wraps errNoCoin. A coinbase takes nothing. Don't change the caller's slice.",
		TaskZH: "按输入的顺序，把输入指明的每一枚币从 coins 里拿走。返回剩下的（按原来的顺序）和你拿走的。币不在，或者已经不在了，是错误，要包装 errNoCoin。" +
			"coinbase 什么也不拿。不要改动调用者的切片。",
		Nudge:   "What if a transaction names one coin twice? And what does slices.Delete do with the slice that it's given?",
		NudgeZH: "如果一笔交易把同一枚币写了两次呢？还有，slices.Delete 会对交给它的切片做什么？",
		Idea: "Work on a copy of the coins (slices.Clone). For each input, look for the coin whose OutPoint has its TxID and its Vout; " +
			"both must fit. Put it behind taken, and delete it from the copy, so that a second input won't find it again. Ask first whether it's a coinbase.",
		IdeaZH: "在币的副本上做（slices.Clone）。对每个输入，找出 OutPoint 里的 TxID 和 Vout 都对得上的那枚币，两样都要相符。把它放到 taken 末尾，" +
			"再从副本里删掉，这样第二个输入就找不到它了。先问一问是不是 coinbase。"},
	{ID: "4.5", Func: "Transaction.check", Title: "May it do that?", TitleZH: "它可以这样做吗？",
		Task: "Given the coins that the transaction takes, return an error if there are none, if one of its outputs is below 1, or if its outputs make more than the coins are worth. " +
			"Less is allowed. A coinbase takes no coins, and may make up to the subsidy. Values may be as large as an int can be.",
		TaskZH: "给你这笔交易拿走的币。如果一枚也没有，如果有输出小于 1，或者输出的总和超过了这些币的金额，就返回错误。比它少，没关系。coinbase 不拿币，" +
			"可以造出不超过补贴的币。金额可能很大，int 能有多大就有多大。",
		Nudge:   "Is it enough to look at the sum of the outputs? Think of 1500 and -500; and of two outputs of 9,223,372,036,854,775,807 each.",
		NudgeZH: "只看输出的总和，够吗？想想 1500 和 -500；再想想两个各为 9,223,372,036,854,775,807 的输出。",
		Idea: "Keep what may still be paid: at first the worth of the coins taken, or the subsidy. Go through the outputs: each must be at least 1 and at most what may still be paid, " +
			"which it then makes smaller. Like this no sum can get too large.",
		IdeaZH: "记住还可以付多少：一开始是拿走的币的总额，或者补贴。逐个看输出：每个至少是 1，最多是还可以付的数目，然后从中减掉它。这样就不会有装不下的和。"},
	{ID: "4.6", Func: "applyBlock", Title: "A whole block", TitleZH: "整个区块",
		Task: "Apply all transactions of a block, each to the coins that the one before has left, and return the coins at the end. " +
			"It's an error if there are none, if the first isn't a coinbase or another one is, if one has a TxID that isn't its id, or if one doesn't apply.",
		TaskZH: "把一个区块的交易一笔接一笔地做下去，每一笔用的都是前一笔留下的币，最后返回剩下的币。下面这些是错误：一笔交易也没有；第一笔不是 coinbase，或者后面还有 coinbase；" +
			"有一笔的 TxID 不是它的 id；有一笔 apply 不了。",
		Nudge:   "Where do the coins come from that the second transaction spends? And which of the rules can be broken by the last transaction alone?",
		NudgeZH: "第二笔交易花的币从哪里来？又有哪些规则，单凭最后一笔交易就能违反？",
		Idea: "A loop over the transactions with their index. Being a coinbase and having index 0 must go together. Compare TxID and id. " +
			"Then call apply, and keep what it returns for the next one. (Mind := in the loop: it would make a new variable.)",
		IdeaZH: "带着序号一笔一笔地走过交易。是不是 coinbase，序号是不是 0，两个答案必须一样。比较 TxID 和 id。然后调用 apply，把它返回的留给下一笔。（小心循环里的 :=：" +
			"它会造出一个新变量。）"},

	{ID: "4.7", Func: "largestFirst", Title: "The fewest coins", TitleZH: "最少的币", Challenge: true,
		Task: "Return the coins in an order in which newTransaction needs as few of them as possible: by value, the largest first. " +
			"Of two with the same value the older one, which stood before, comes first. The caller's slice stays as it is.",
		TaskZH: "给这些币排个顺序返回，让 newTransaction 用到的币尽量少：按金额，最大的在前。两枚金额相同时，较老的那枚，也就是原来在前面的，还在前面。" +
			"调用者的切片保持原样。",
		Nudge:   "What do you have to copy, and when? Package slices can sort by a function of yours. Which of its sorts keeps equal ones in order?",
		NudgeZH: "什么要复制，什么时候复制？slices 包能用你自己的函数排序。它的几种排序里，哪一种不打乱相等元素的顺序？",
		Idea:    "slices.Clone, then slices.SortStableFunc with a comparison of the values, the other way round. (Wallets do it otherwise: to spend the largest first leaves you with ever more small coins.)",
		IdeaZH:  "先 slices.Clone，再 slices.SortStableFunc，用反过来的金额比较。（真正的钱包不这样做：总是先花最大的，手里的小额币会越来越多。）"},
	{ID: "4.8", Func: "blockFees", Title: "The fees", TitleZH: "手续费", Challenge: true,
		Task: "What a payment takes and doesn't pay out is lost in our chain. In Bitcoin it's the fee, and the miner gets it. Return the fees of all payments of a block together. " +
			"The coinbase pays none. If applyBlock has anything against the block, return an error.",
		TaskZH: "一笔付款拿走了却没有付出去的部分，在我们的链上就丢了。在比特币里，这是手续费，归矿工。返回一个区块里所有付款的手续费之和。" +
			"coinbase 不付手续费。如果 applyBlock 对这个区块有意见，就返回错误。",
		Nudge:   "spend tells you what a transaction takes. Out of which coins: those before the block?",
		NudgeZH: "spend 能告诉你一笔交易拿走什么。从哪些币里拿：区块之前的那些吗？",
		Idea: "Ask applyBlock first. Then go through the transactions and keep the coins as they are after each (apply), since a payment may spend what the one before it has made. " +
			"For each payment, add up what spend has taken, and subtract its outputs.",
		IdeaZH: "先问 applyBlock。然后走过交易，记住每一笔之后的币（apply），因为一笔付款可能花掉前一笔刚造出来的。对每笔付款，加上 spend 拿走的，" +
			"减去它的输出。"},
	{ID: "4.9", Func: "payMany", Title: "Pay many at once", TitleZH: "一次付给许多人", Challenge: true,
		Task: "One transaction that makes all of outs, in their order, and then gives the change back to from. It spends the first of coins, as many as it takes. " +
			"It's an error to pay nobody, or anybody less than 1; if the coins don't suffice the error wraps errNotEnough. Change neither outs nor coins.",
		TaskZH: "用一笔交易造出 outs 里的所有输出，按它们的顺序，再把找零还给 from。它从 coins 前面拿，要几枚拿几枚。一个人也不付，或者付给谁的小于 1，" +
			"都是错误；币不够时，错误要包装 errNotEnough。outs 和 coins 都不要改动。",
		Nudge:   "It's newTransaction, with the sum of outs in the place of the amount. But may the sum be right while one of outs isn't?",
		NudgeZH: "就是 newTransaction，只不过金额换成了 outs 的总和。可是，有没有可能总和是对的，而 outs 里有一个不对？",
		Idea: "Check each value of outs by itself, while you add them up. Then go on as in newTransaction. If you append the change to outs, you may write into memory that the caller " +
			"still uses: append to a copy.",
		IdeaZH: "把 outs 的金额加起来的时候，逐个检查。然后像 newTransaction 那样继续。如果把找零追加到 outs 上，可能会写进调用者还在用的内存：" +
			"要追加到副本上。"},
}
