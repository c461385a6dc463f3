package main

// step4 are the holes of chapter 4, transactions.
var step4 = []hole{
	{ID: "4.1", Func: "Transaction.id", Title: "A transaction's name",
		Task: "Return the txid: the hash of all inputs, as their dict writes them, and then of all outputs, with nothing in between. " +
			"It doesn't depend on what stands in TxID, or in a signature.",
		Nudge: "Each input and each output can write itself down already. How many of them are there?",
		Idea: "Two loops, one after the other: over Vins, then over Vouts. Each adds the dict of what it looks at to one text " +
			"(a strings.Builder, or +=). At the end, sha256Hex of the whole text, once."},
	{ID: "4.2", Func: "newCoinbase", Title: "New coins",
		Task: "Make the transaction that pays a miner: one input that spends nothing (no txid, output -1, and as its text the time of the block " +
			"at this height), and one output of the subsidy, for the address. Give it its name.",
		Nudge: "The comment above TXInput says what stands in the input of a coinbase. Which function knows the time of a block?",
		Idea: "Build the transaction with one TXInput, of which you set Vout and PubKey, and one TXOutput. The name comes last, since it's " +
			"the hash of all the rest: set TxID to what id returns."},
	{ID: "4.3", Func: "newTransaction", Title: "Pay somebody",
		Task: "Pay an amount out of coins that belong to from. Take coins from the front until they suffice, and no more. The first output pays to, " +
			"the second gives the change back to from; if there's no change, there's no second output. Give it its name. " +
			"An amount below 1 is an error, and if all coins together don't suffice the error wraps errNotEnough.",
		Nudge: "Go through the coins, and keep a sum. When do you stop, before you take a coin or after? And where is an amount of -500 caught?",
		Idea: "First refuse amounts below 1. Then the loop: if the sum has reached the amount, leave it; otherwise add an input that names the coin, and " +
			"add its value to the sum. After the loop the sum may still be too small: fmt.Errorf with %w. What the sum has beyond the amount is the change. The name comes last."},
	{ID: "4.4", Func: "spend", Title: "Take the coins",
		Task: "Take out of coins each one that an input names, in the order of the inputs. Return those that are left, in their old order, " +
			"and those that you took. A coin that isn't there, or not any more, is an error that wraps errNoCoin. A coinbase takes nothing. Don't change the caller's slice.",
		Nudge: "What if a transaction names one coin twice? And what does slices.Delete do with the slice that it's given?",
		Idea: "Work on a copy of the coins (slices.Clone). For each input, look for the coin whose OutPoint has its TxID and its Vout; " +
			"both must fit. Put it behind taken, and delete it from the copy, so that a second input won't find it again. Ask first whether it's a coinbase."},
	{ID: "4.5", Func: "Transaction.check", Title: "May it do that?",
		Task: "Given the coins that the transaction takes, return an error if there are none, if one of its outputs is below 1, or if its outputs make more than the coins are worth. " +
			"Less is allowed. A coinbase takes no coins, and may make up to the subsidy. Values may be as large as an int can be.",
		Nudge: "Is it enough to look at the sum of the outputs? Think of 1500 and -500; and of two outputs of 9,223,372,036,854,775,807 each.",
		Idea: "Keep what may still be paid: at first the worth of the coins taken, or the subsidy. Go through the outputs: each must be at least 1 and at most what may still be paid, " +
			"which it then makes smaller. Like this no sum can get too large."},
	{ID: "4.6", Func: "applyBlock", Title: "A whole block",
		Task: "Apply all transactions of a block, each to the coins that the one before has left, and return the coins at the end. " +
			"It's an error if there are none, if the first isn't a coinbase or another one is, if one has a TxID that isn't its id, or if one doesn't apply.",
		Nudge: "Where do the coins come from that the second transaction spends? And which of the rules can be broken by the last transaction alone?",
		Idea: "A loop over the transactions with their index. Being a coinbase and having index 0 must go together. Compare TxID and id. " +
			"Then call apply, and keep what it returns for the next one. (Mind := in the loop: it would make a new variable.)"},

	{ID: "4.7", Func: "largestFirst", Title: "The fewest coins", Challenge: true,
		Task: "Return the coins in an order in which newTransaction needs as few of them as possible: by value, the largest first. " +
			"Of two with the same value the older one, which stood before, comes first. The caller's slice stays as it is.",
		Nudge: "What do you have to copy, and when? Package slices can sort by a function of yours. Which of its sorts keeps equal ones in order?",
		Idea:  "slices.Clone, then slices.SortStableFunc with a comparison of the values, the other way round. (Wallets do it otherwise: to spend the largest first leaves you with ever more small coins.)"},
	{ID: "4.8", Func: "blockFees", Title: "The fees", Challenge: true,
		Task: "What a payment takes and doesn't pay out is lost in our chain. In Bitcoin it's the fee, and the miner gets it. Return the fees of all payments of a block together. " +
			"The coinbase pays none. If applyBlock has anything against the block, return an error.",
		Nudge: "spend tells you what a transaction takes. Out of which coins: those before the block?",
		Idea: "Ask applyBlock first. Then go through the transactions and keep the coins as they are after each (apply), since a payment may spend what the one before it has made. " +
			"For each payment, add up what spend has taken, and subtract its outputs."},
	{ID: "4.9", Func: "payMany", Title: "Pay many at once", Challenge: true,
		Task: "One transaction that makes all of outs, in their order, and then gives the change back to from. It spends the first of coins, as many as it takes. " +
			"It's an error to pay nobody, or anybody less than 1; if the coins don't suffice the error wraps errNotEnough. Change neither outs nor coins.",
		Nudge: "It's newTransaction, with the sum of outs in the place of the amount. But may the sum be right while one of outs isn't?",
		Idea: "Check each value of outs by itself, while you add them up. Then go on as in newTransaction. If you append the change to outs, you may write into memory that the caller " +
			"still uses: append to a copy."},
}
