package main

// step3 are the holes of chapter 3, the file and the commands.
var step3 = []hole{
	{ID: "3.1", Func: "BlockHeader.json", Title: "A header as JSON", TitleZH: "把区块头写成 JSON",
		Task: "Write a header as JSON, to the byte as the Python program does: the fields in their order, a space after each colon and each comma. " +
			"One byte more or less, and the same block would look different here and there.",
		TaskZH: "把区块头写成 JSON，和 Python 程序写的一个字节都不差：字段按它们的顺序，每个冒号、每个逗号后面一个空格。多一个或少一个字节，" +
			"同一个区块在两边就不一样了。",
		Nudge:   "json.Marshal puts no space after a colon or a comma, so it won't do. What would, for a line with six gaps in it?",
		NudgeZH: "json.Marshal 在冒号和逗号后面不加空格，所以用不了。一行文字留六个空位，用什么来填？",
		Idea: "fmt.Sprintf with a raw string: four texts in quotes, a height and a nonce without. " +
			"Block 0's nonce isn't the number 0 but the word null, also without quotes.",
		IdeaZH: "用 fmt.Sprintf 和原始字符串：四段文本带引号，高度和随机数不带。区块 0 的随机数不是数字 0，而是 null 这个词，也不带引号。"},
	{ID: "3.2", Func: "Block.json", Title: "A block as JSON", TitleZH: "把区块写成 JSON",
		Task: "Write a whole block as JSON: its magic_no, its block_header, and the list of its transactions. " +
			"A transaction is JSON already, so it goes in as it is.",
		TaskZH:  "把整个区块写成 JSON：它的 magic_no、它的 block_header，还有交易的列表。交易本来就是 JSON，所以原样放进去。",
		Nudge:   "What stands between two transactions, what before the first one, and what in a block that has none?",
		NudgeZH: "两笔交易之间是什么？第一笔前面是什么？一笔也没有的区块里又是什么？",
		Idea: "Collect the transactions as strings, join them with \", \", and put magicNo, the header's json and that list into one Sprintf. " +
			"json.Marshal would squeeze the spaces out of the transactions, and their hashes would change.",
		IdeaZH: "把交易收集成字符串，用 \", \" 连起来，再用一个 Sprintf 把 magicNo、区块头的 json 和这个列表放到一起。json.Marshal 会把交易里的空格挤掉，" +
			"它们的哈希就变了。"},
	{ID: "3.3", Func: "heightKey", Title: "A key that sorts", TitleZH: "能按大小排序的键",
		Task: "Turn a height into a key of 8 bytes, so that the order of the keys is that of the heights. " +
			"bolt compares keys byte by byte, from the left.",
		TaskZH:  "把高度变成 8 个字节的键，让键的顺序就是高度的顺序。bolt 从左到右，一个字节一个字节地比较键。",
		Nudge:   "As texts, \"10\" comes before \"9\". And of the two ways to write a number into bytes, which one puts what weighs most in front?",
		NudgeZH: `作为文本，"10" 排在 "9" 前面。把一个数写成字节有两种办法，哪一种把高位放在最前？`,
		Idea:    "Big-endian: the most significant byte comes first. Package encoding/binary does it, and can append 8 bytes to a nil slice.",
		IdeaZH:  "大端序（big-endian）：最高位的字节在最前。encoding/binary 包有现成的，还能把 8 个字节追加到一个 nil 切片上。"},
	{ID: "3.4", Func: "putBlock", Title: "Three entries for a block", TitleZH: "一个区块写三项",
		Task: "Store a block and make it the tip: its JSON under its hash, its hash under its height, and its hash under tipKey. " +
			"The first and the last go into the bucket of blocks, the second into that of heights.",
		TaskZH: "把一个区块存起来，并让它成为链顶：JSON 存在它的哈希下，哈希存在它的高度下，哈希还要存在 tipKey 下。第一项和最后一项放进区块的桶，" +
			"第二项放进高度的桶。",
		Nudge:   "Each Put may fail. What happens to the first entry if the third one fails, and who takes care of that?",
		NudgeZH: "每个 Put 都可能失败。如果第三项失败了，第一项会怎样？由谁来管？",
		Idea: "Three times Put, and each error is returned at once: then the database transaction that you're in is taken back as a whole. " +
			"Keys and values are byte slices, and heightKey makes one of a height.",
		IdeaZH: "三次 Put，有错误就马上返回：这样，你所在的数据库事务就会整个撤销。键和值都是字节切片，高度的键由 heightKey 来做。"},
	{ID: "3.5", Func: "Chain.add", Title: "All or nothing", TitleZH: "全有或全无",
		Task: "Check a block against the tip and make it the new tip, all in one database transaction. " +
			"If anything is wrong the file must stay as it was, to the byte.",
		TaskZH:  "对照链顶检查一个区块，让它成为新的链顶，全在一个数据库事务里完成。只要有一点不对，文件就必须和原来一样，一个字节都不变。",
		Nudge:   "db.Update runs a function of yours in a database transaction. What does it do when your function returns an error?",
		NudgeZH: "db.Update 在数据库事务里运行你给的函数。你的函数返回错误时，它会做什么？",
		Idea: "Inside one Update: getTip (which gives nil for an empty chain), checkBlock, putBlock. Return each error as it comes; " +
			"Update hands it on, and forgets what you've put. Don't call c.tip in there: that would be a second transaction.",
		IdeaZH: "在同一个 Update 里：getTip（空链时给 nil）、checkBlock、putBlock。有错误就照样返回；Update 会把它交出去，并且忘掉你写的东西。" +
			"里面不要调用 c.tip：那会是第二个事务。"},
	{ID: "3.6", Func: "printChain", Title: "Back to block 0", TitleZH: "回到区块 0",
		Task: "List the chain's blocks from the tip down to block 0, a line each, by going from each block to its parent. " +
			"An empty chain has no lines.",
		TaskZH:  "从链顶一直列到区块 0，一个区块一行，每次从区块走到它的父区块。空链一行也没有。",
		Nudge:   "You have c.tip for the beginning and c.parent for each step. What do they return when there's nothing?",
		NudgeZH: "开头有 c.tip，每一步有 c.parent。什么都没有的时候，它们返回什么？",
		Idea: "A loop that goes on while the block isn't nil: write its line, then take its parent. %.8s is a hash, cut, and %.8q one in quotes; " +
			"between the parts are two spaces. An error ends it all.",
		IdeaZH: "只要区块不是 nil 就继续循环：写出它那一行，再取它的父区块。%.8s 是截短的哈希，%.8q 是带引号的；各部分之间是两个空格。出了错就到此为止。"},

	{ID: "3.7", Func: "Chain.find", Title: "Where is that transaction?", TitleZH: "那笔交易在哪里？", Challenge: true,
		Task: "Return the block of the chain that holds the transaction with a txid, or errNoBlock. " +
			"A transaction here is still a piece of JSON: its txid is a field of it.",
		TaskZH:  "给你一个 txid，返回链上装着这笔交易的区块，没有就返回 errNoBlock。这里的交易还只是一段 JSON：txid 是它的一个字段。",
		Nudge:   "Searching for the txid as a text somewhere in the block isn't enough: later transactions will name earlier ones.",
		NudgeZH: "在区块里把 txid 当文本搜一搜，是不够的：后来的交易会提到以前的交易。",
		Idea: "Walk from the tip to block 0 as printChain does. Decode each transaction into a struct with the one field that you need, and compare. " +
			"When parent gives nil the chain is at its end: that's errNoBlock.",
		IdeaZH: "像 printChain 那样，从链顶走到区块 0。把每笔交易解码到一个结构里，里面只有你要的那个字段，然后比较。parent 给出 nil，就是链走到头了：" +
			"那就是 errNoBlock。"},
	{ID: "3.8", Func: "exportChain", Title: "A chain as a text", TitleZH: "把链写成文本", Challenge: true,
		Task:    "Write the chain's blocks to w as JSON, a block a line, from block 0 up. An empty chain writes nothing.",
		TaskZH:  "把链上的区块用 JSON 写到 w，一行一个区块，从区块 0 往上。空链什么也不写。",
		Nudge:   "Which of the two ways to find a block gives you block 0 first? And w may fail, like a full disk: say so.",
		NudgeZH: "找区块有两种办法，哪一种先给你区块 0？还有，w 也可能失败，比如磁盘满了：要说出来。",
		Idea:    "Ask for the tip's height, then take blockAt for 0, 1, 2 and so on, and write json and a line break. Return the first error.",
		IdeaZH:  "先问链顶的高度，再对 0、1、2……用 blockAt 取区块，写出 json 和一个换行。第一个错误就返回。"},
	{ID: "3.9", Func: "importChain", Title: "And back again", TitleZH: "再读回来", Challenge: true,
		Task: "Add the blocks that exportChain wrote. Blocks that the chain has are passed over. If a line is bad or cut off, " +
			"the blocks before it are added, and the error says which line it was.",
		TaskZH:  "把 exportChain 写出的区块加进来。链上已有的，跳过。如果某一行不对，或者被截断了，它前面的区块照样加进来，错误里要说是第几行。",
		Nudge:   "What does a file look like whose copying broke off in the middle, and what does your loop do at such an end? Does it notice a block that lacks its last brace?",
		NudgeZH: "复制到一半断掉的文件是什么样子？你的循环遇到这样的结尾会怎样？少了最后一个花括号的区块，它发现得了吗？",
		Idea: "Read line by line (bufio), and let decodeBlock judge each line: half a block is no JSON. Longer lines than 64 kB must work. " +
			"Has the chain a block at this height with the same hash? Then go on; otherwise add it, which checks it.",
		IdeaZH: "一行一行地读（bufio），每一行都由 decodeBlock 来判断：半个区块不是 JSON。超过 64 kB 的行也要能读。链上这个高度已经有同样哈希的区块了吗？" +
			"有就继续；没有就加进来，add 会检查它。"},
}
