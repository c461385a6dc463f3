package main

// step6 are the holes of chapter 6: the set of coins, the pool and branches.
var step6 = []hole{
	{ID: "6.1", Func: "CoinSet.find", Title: "Are the coins there?",
		Task: "Return the coins that a transaction spends, in the order of its inputs, without taking them yet. " +
			"One that isn't in the set, or that the transaction spends twice, is errNoCoin. A coinbase spends none.",
		Nudge: "get knows whether a coin is there. But if you only look and don't take, who notices that two inputs name the same coin?",
		Idea: "A loop over the inputs: get each coin by its outpoint, and look whether you have it already (slices.Contains works on coins, since they are comparable). " +
			"Wrap errNoCoin in the error."},
	{ID: "6.2", Func: "CoinSet.apply", Title: "Move the set over a transaction",
		Task: "Take the coins that a transaction spends out of the set, and put those that it makes in. Return those that went. " +
			"If the transaction may not do so, return the error, and leave the set exactly as it was.",
		Nudge: "Is there a way to know that all is well before you change the first coin? You have find, and chapter 5's check.",
		Idea: "find, then check; each may fail, and so far nothing has changed. Then remove what was found, and put a coin for each output: " +
			"its outpoint is the transaction's id and the output's index."},
	{ID: "6.3", Func: "CoinSet.undoBlock", Title: "And back again",
		Task:  "Move the set back over a whole block, so that it is what it was before. For each transaction, taken has what apply returned.",
		Nudge: "A block's second payment may spend a coin that its first one made. What happens if you undo the first one first?",
		Idea:  "What was done last is undone first: go through the transactions from the last to the first, and call undo with each one's own taken."},
	{ID: "6.4", Func: "Chain.choose", Title: "What fits?",
		Task: "Try payments in their order, each on top of those before it. Return those that fit and, as drops with their errors, those that don't. " +
			"All this is only a try: the file must stay as it is.",
		Nudge: "You could copy the whole set into memory. Or you could change the real one, in a database transaction, and then have bolt forget it. How do you make it forget?",
		Idea: "In one Update, apply each payment to the set of coins, and sort it by whether there was an error. At the end return an error of your own, so that bolt takes everything back; " +
			"outside, that one error is no error."},
	{ID: "6.5", Func: "branchTo", Title: "Where does a branch leave the chain?",
		Task: "Return the blocks that lead from the chain to b, lowest first: the first one's parent is on the chain, and the last one is b itself. " +
			"If b is on the chain there are none. A parent that isn't in the file is an error.",
		Nudge: "You can only go down: from a block to its parent. When do you stop, and in which order have you collected the blocks by then?",
		Idea: "While a block isn't on the chain (onChain), put it in front of those that you have, and go to its parent with getBlock. " +
			"Block 0 has no parent: there the walk ends, too."},
	{ID: "6.6", Func: "switchTo", Title: "Change sides",
		Task: "Make b the tip. Roll the chain back to where b's branch leaves it, give the payments of those blocks back to the pool, put the branch on top, and take its transactions out of the pool. " +
			"If any step fails, return its error: whoever calls you takes everything back.",
		Nudge: "It's made of functions that you have: branchTo, getTip, disconnect, giveBack, connect, remove. Which block tells you that you've rolled back far enough?",
		Idea: "Get the branch. As long as there is a tip, and it isn't the parent of the branch's first block: disconnect it, and give back its transactions, but not the coinbase. " +
			"Then, from the lowest to the highest: connect each block of the branch, and remove its transactions from the pool."},

	{ID: "6.7", Func: "Chain.confirmations", Title: "How safe is it?", Challenge: true,
		Task:  "Tell how many confirmations a transaction has: 1 in the tip, 2 in the block below, and 0 while it waits in the pool. Any other is errNoBlock, also one that is only in a block beside the chain.",
		Nudge: "Which of the two ways to find blocks gives you only those of the chain?",
		Idea:  "Walk from the tip down by heights, and count. If the walk ends without it, look into the pool."},
	{ID: "6.8", Func: "Chain.spendable", Title: "What will be mine", Challenge: true,
		Task: "Return the coins that an address will have once the payments in the pool are in a block: without the coins that they spend, with those that they make. " +
			"A payment that doesn't fit counts for nothing. Chapter 8 needs it: with it one can spend one's own change at once.",
		Nudge: "choose can tell you what fits. But you need the set as it is after those.",
		Idea:  "The trick of choose once more: in a database transaction that will be taken back, apply all that waits and fits, and then read the coins of the address from the set."},
	{ID: "6.9", Func: "Chain.expire", Title: "Too old", Challenge: true,
		Task: "Drop payments that have waited for too long: those that came before a height. Return them. " +
			"arrivals says at which height of the tip each payment came, by its txid; one that isn't in there has just come, and stays.",
		Nudge: "What does a map give you for a key that it doesn't have? And what would become of a payment that has just come back from a rolled-back block?",
		Idea:  "Ask the map with two results, so that you know whether it has the payment. Collect those that are too old, and take exactly them out of the pool."},
}
