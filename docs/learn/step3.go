package main

// step3 are the holes of chapter 3, the file and the commands.
var step3 = []hole{
	{ID: "3.1", Func: "BlockHeader.json", Title: "A header as JSON",
		Task: "Write a header as JSON, to the byte as the Python program does: the fields in their order, a space after each colon and each comma. " +
			"One byte more or less, and the same block would look different here and there.",
		Nudge: "json.Marshal puts no space after a colon or a comma, so it won't do. What would, for a line with six gaps in it?",
		Idea: "fmt.Sprintf with a raw string: four texts in quotes, a height and a nonce without. " +
			"Block 0's nonce isn't the number 0 but the word null, also without quotes."},
	{ID: "3.2", Func: "Block.json", Title: "A block as JSON",
		Task: "Write a whole block as JSON: its magic_no, its block_header, and the list of its transactions. " +
			"A transaction is JSON already, so it goes in as it is.",
		Nudge: "What stands between two transactions, what before the first one, and what in a block that has none?",
		Idea: "Collect the transactions as strings, join them with \", \", and put magicNo, the header's json and that list into one Sprintf. " +
			"json.Marshal would squeeze the spaces out of the transactions, and their hashes would change."},
	{ID: "3.3", Func: "heightKey", Title: "A key that sorts",
		Task: "Turn a height into a key of 8 bytes, so that the order of the keys is that of the heights. " +
			"bolt compares keys byte by byte, from the left.",
		Nudge: "As texts, \"10\" comes before \"9\". And of the two ways to write a number into bytes, which one puts what weighs most in front?",
		Idea:  "Big-endian: the most significant byte comes first. Package encoding/binary does it, and can append 8 bytes to a nil slice."},
	{ID: "3.4", Func: "putBlock", Title: "Three entries for a block",
		Task: "Store a block and make it the tip: its JSON under its hash, its hash under its height, and its hash under tipKey. " +
			"The first and the last go into the bucket of blocks, the second into that of heights.",
		Nudge: "Each Put may fail. What happens to the first entry if the third one fails, and who takes care of that?",
		Idea: "Three times Put, and each error is returned at once: then the database transaction that you're in is taken back as a whole. " +
			"Keys and values are byte slices, and heightKey makes one of a height."},
	{ID: "3.5", Func: "Chain.add", Title: "All or nothing",
		Task: "Check a block against the tip and make it the new tip, all in one database transaction. " +
			"If anything is wrong the file must stay as it was, to the byte.",
		Nudge: "db.Update runs a function of yours in a database transaction. What does it do when your function returns an error?",
		Idea: "Inside one Update: getTip (which gives nil for an empty chain), checkBlock, putBlock. Return each error as it comes; " +
			"Update hands it on, and forgets what you've put. Don't call c.tip in there: that would be a second transaction."},
	{ID: "3.6", Func: "printChain", Title: "Back to block 0",
		Task: "List the chain's blocks from the tip down to block 0, a line each, by going from each block to its parent. " +
			"An empty chain has no lines.",
		Nudge: "You have c.tip for the beginning and c.parent for each step. What do they return when there's nothing?",
		Idea: "A loop that goes on while the block isn't nil: write its line, then take its parent. %.8s is a hash, cut, and %.8q one in quotes; " +
			"between the parts are two spaces. An error ends it all."},

	{ID: "3.7", Func: "Chain.find", Title: "Where is that transaction?", Challenge: true,
		Task: "Return the block of the chain that holds the transaction with a txid, or errNoBlock. " +
			"A transaction here is still a piece of JSON: its txid is a field of it.",
		Nudge: "Searching for the txid as a text somewhere in the block isn't enough: later transactions will name earlier ones.",
		Idea: "Walk from the tip to block 0 as printChain does. Decode each transaction into a struct with the one field that you need, and compare. " +
			"When parent gives nil the chain is at its end: that's errNoBlock."},
	{ID: "3.8", Func: "exportChain", Title: "A chain as a text", Challenge: true,
		Task:  "Write the chain's blocks to w as JSON, a block a line, from block 0 up. An empty chain writes nothing.",
		Nudge: "Which of the two ways to find a block gives you block 0 first? And w may fail, like a full disk: say so.",
		Idea:  "Ask for the tip's height, then take blockAt for 0, 1, 2 and so on, and write json and a line break. Return the first error."},
	{ID: "3.9", Func: "importChain", Title: "And back again", Challenge: true,
		Task: "Add the blocks that exportChain wrote. Blocks that the chain has are passed over. If a line is bad or cut off, " +
			"the blocks before it are added, and the error says which line it was.",
		Nudge: "What does a file look like whose copying broke off in the middle, and what does your loop do at such an end? Does it notice a block that lacks its last brace?",
		Idea: "Read line by line (bufio), and let decodeBlock judge each line: half a block is no JSON. Longer lines than 64 kB must work. " +
			"Has the chain a block at this height with the same hash? Then go on; otherwise add it, which checks it."},
}
