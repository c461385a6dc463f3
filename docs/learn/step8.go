package main

// step8 are the challenges of chapter 8, beyond the article.
var step8 = []hole{
	{ID: "8.1", Func: "UTXOSet.Update", Title: "Fees", Challenge: true,
		Task: "What a transaction's inputs hold beyond its outputs is its fee. Let the coinbase of a block pay as much as Subsidy and the fees of the block's transactions together, or less. " +
			"A block that takes more breaks ErrCoinbase. And let TxPool's own blocks take all of it, to the address that gets the coinbase now.",
		Nudge: "checkCoinbase sees no coins, so it can't know the fees: its limit has to go elsewhere. Who knows inputs and outputs, of the whole block?",
		Idea: "CoinView.check knows both sums: let the view add up the fees of what Apply applies. UTXOSet.Update has applied the whole block: there you can compare, and only there. " +
			"In template the fees are known last, but the coinbase is made first: set its value at the end, and then its txid is another one."},
	{ID: "8.2", Func: "TCPServer.handle", Title: "Where do we part?", Challenge: true,
		Task: `Let a node answer code 6, a block locator: its data is a list of hashes, highest block first. The reply is {"code": 6, "data": N} with the height of the first in the list that is on the node's chain, or -1 if none is. ` +
			"A block beside the chain doesn't count, and a text that is no hash is just not there. Answer code 0 to a list of more than 101, as Bitcoin does, and to data that is no list of texts.",
		Nudge: "Blockchain.BlockByHash finds blocks by hash, but also those beside the chain. How do you find out whether a block is on it?",
		Idea: "Find the block's height, and then compare the hash with the one that the chain has at that height. As in 7.2, package network needs a way to ask for that: " +
			"a type assertion spares you to change the interface. Count the list before you look anything up."},
	{ID: "8.3", Func: "TCPServer.handle", Title: "Headers", Challenge: true,
		Task: `Let a node answer code 5, whose data is [from, count], with a list of block headers, as they stand in the blocks: {"code": 5, "data": [{"timestamp": …}, …]}. It begins with the header of block from, ` +
			"and has as many as there are, but no more than count, and no more than 2000. There may be none: []. Answer code 0 to data that isn't two whole numbers of 32 bits, neither of them negative.",
		Nudge: "A peer may ask for a billion headers. When does your program find out that there aren't any more?",
		Idea: "Ledger.Block gives you a block as JSON, or an error where there's none, and findMember finds the block_header in it. Loop until count, until 2000 or until the error. Count what you've got, " +
			"rather than adding from and count, which may be more than an int holds. txsMsg shows how a list is written."},
}
