package main

// step5 are the holes of chapter 5, keys and signatures.
var step5 = []hole{
	{ID: "5.1", Func: "hash160", Title: "Hash a key twice", TitleZH: "给密钥算两次哈希",
		Task: "Return the RIPEMD-160 of the SHA-256 of some bytes, of any length: 20 bytes. " +
			"It's what an address is made of.",
		TaskZH:  "返回一些字节的 SHA-256 的 RIPEMD-160：不管输入多长，结果是 20 个字节。地址就由它做成。",
		Nudge:   "Both hash bytes, not hex digits. Which of the two comes first?",
		NudgeZH: "两次算哈希，输入都是字节，不是十六进制数字。哪一个在先？",
		Idea: "sha256.Sum256 gives you an array of 32 bytes. Package ripemd160 has New, which gives you something to Write those bytes to (all of the array: sum[:]), " +
			"and which then hands out its Sum. Sum appends to what it's given, so give it nil.",
		IdeaZH: "sha256.Sum256 给你一个 32 字节的数组。ripemd160 包里有 New，它给你一个东西，可以往里 Write 这些字节（整个数组：sum[:]），" +
			"然后由它的 Sum 交出结果。Sum 会追加到你给它的切片上，所以给它 nil。"},
	{ID: "5.2", Func: "addressOfKey", Title: "An address", TitleZH: "地址",
		Task: "Return the address of a public key: its hash160 in Base58Check, with version 0. " +
			"The package base58 does the second half.",
		TaskZH:  "返回一个公钥的地址：它的 hash160，用 Base58Check 编码，版本是 0。后一半由 base58 包来做。",
		Nudge:   "Look at the functions of github.com/btcsuite/btcutil/base58: `go doc` lists them. One of them adds the version and the checksum by itself.",
		NudgeZH: "看看 github.com/btcsuite/btcutil/base58 里有哪些函数：`go doc` 会列出来。其中有一个会自己加上版本和校验和。",
		Idea:    "Encode is plain Base58; CheckEncode is Base58Check. It wants the bytes, and then the version. No hex anywhere.",
		IdeaZH:  "Encode 是普通的 Base58；CheckEncode 才是 Base58Check。先给它字节，再给版本。哪里都不用十六进制。"},
	{ID: "5.3", Func: "verify", Title: "Is the signature right?", TitleZH: "签名对不对？",
		Task: "Report whether a signature, 128 hex digits, is that of a digest, by the private key that belongs to a public key (X and Y, 64 bytes). " +
			"Strangers send these: for whatever isn't a public key, or isn't a signature, the answer is false. Don't change what you're given.",
		TaskZH: "报告一个签名（128 个十六进制数字）是不是对这份摘要的签名，而且出自与这个公钥（X 和 Y，64 个字节）配对的私钥。这些东西是陌生人发来的：" +
			"不是公钥的，不是签名的，回答都是 false。不要改动交给你的东西。",
		Nudge:   "It's Wallet.sign, backwards: from hex to bytes, from bytes to two numbers. What if a stranger sends fewer digits than that, or more, or a number that's too large?",
		NudgeZH: "就是把 Wallet.sign 倒过来做：从十六进制到字节，从字节到两个数。如果陌生人发来的数字太少、太多，或者数太大，怎么办？",
		Idea: "secp256k1.ParsePubKey reads a key of 65 bytes that begins with 4, and says no if it isn't on the curve. A secp256k1.ModNScalar is a number below the order: " +
			"SetByteSlice fills it, and returns true if what you gave it was too large. ecdsa.NewSignature takes r and s; what it makes has a method Verify.",
		IdeaZH: "secp256k1.ParsePubKey 读入以 4 开头的 65 字节的密钥，点不在曲线上就说不行。secp256k1.ModNScalar 是小于阶的数：SetByteSlice 给它填值，" +
			"你给的太大就返回 true。ecdsa.NewSignature 接受 r 和 s；它造出来的东西有方法 Verify。"},
	{ID: "5.4", Func: "Transaction.signingText", Title: "What is signed", TitleZH: "签的是什么",
		Task: "Write the text that the owner of input i's coin signs: the dicts of all inputs, then of all outputs. In input i the public key is the coin's address, in quotes; " +
			"in the others it's None. The signature is None in the inputs up to i, itself included, and '' in those after it.",
		TaskZH: "写出输入 i 的币的主人要签名的文本：所有输入的 dict，再是所有输出的 dict。在输入 i 里，公钥写成这枚币的地址，带引号；在别的输入里写成 None。" +
			"签名，在第 i 个和它之前的输入里写成 None，在它之后的输入里写成 ''。",
		Nudge:   "Look at id, which writes nearly the same text. dict wants both as Python prints them: None has no quotes, an address has some.",
		NudgeZH: "看看 id，它写的文本几乎一样。dict 要的两样，都是 Python 打印出来的样子：None 没有引号，地址有。",
		Idea: "A loop over the inputs with their index j, and two variables, each of which is \"None\" at first. If j is beyond i the one becomes two single quotes; " +
			"if j is i the other becomes the address, between single quotes. Nothing of what stands in the input's own PubKey and Signature is used.",
		IdeaZH: "带着序号 j 循环走过输入，用两个变量，开头都是 \"None\"。如果 j 在 i 之后，一个变成两个单引号；如果 j 就是 i，另一个变成单引号里的地址。" +
			"输入自己的 PubKey 和 Signature 里写着什么，一概不用。"},
	{ID: "5.5", Func: "Transaction.sign", Title: "Sign it", TitleZH: "签名",
		Task: "Put into each input the wallet's public key, in hex, and the wallet's signature of that input's digest, for the wallet's address. " +
			"Whatever stood there before is replaced. Then give the transaction its name.",
		TaskZH:  "在每个输入里填上钱包的公钥（十六进制），以及钱包对这个输入的摘要的签名，摘要按钱包的地址算。原来写着的，都换掉。然后给交易起名字。",
		Nudge:   "Does the name depend on the keys, on the signatures, or on neither? And Vins holds values: what does a range loop's second variable hold?",
		NudgeZH: "名字取决于密钥，还是取决于签名，还是都不取决？另外，Vins 里放的是值：range 循环的第二个变量拿到的是什么？",
		Idea: "Loop over the indexes, and set fields of tx.Vins[i]. Each input has a digest of its own, so each gets a signature of its own; Wallet.sign gives you the hex of it, " +
			"and for the key there's hex.EncodeToString. After the loop, not before, TxID is what id returns.",
		IdeaZH: "按序号循环，设置 tx.Vins[i] 的字段。每个输入有自己的摘要，所以各有各的签名；Wallet.sign 给你签名的十六进制，密钥则用 hex.EncodeToString。" +
			"循环之后（不是之前），TxID 就是 id 返回的值。"},
	{ID: "5.6", Func: "Transaction.checkInput", Title: "The two questions", TitleZH: "那两个问题",
		Task: "Return an error unless input i may spend the coin c. Does the public key in it hash to the coin's address? Has this key signed this transaction? " +
			"Only input i is asked. Change nothing: only look.",
		TaskZH:  "除非输入 i 可以花币 c，否则返回错误。它的公钥，哈希之后是不是这枚币的地址？这个密钥是不是为这笔交易签了名？只问输入 i。什么也别改：只看。",
		Nudge:   "Mallory may show any key, and sign with any key. Which of the two questions stops her if she shows her own, and which if she shows Alice's?",
		NudgeZH: "Mallory 可以亮出任何密钥，也可以用任何密钥签名。她亮出自己的，被哪个问题拦下？亮出 Alice 的，又被哪个拦下？",
		Idea: "Decode the hex of PubKey, and don't go on if that fails. Compare addressOfKey with the coin's PubKeyHash, whole texts. " +
			"Then verify, with the digest of input i for the coin's address, and the input's Signature.",
		IdeaZH: "把 PubKey 的十六进制解码，失败就不再往下走。比较 addressOfKey 和币的 PubKeyHash，要整段相同。然后 verify：用输入 i 按币的地址算出的摘要，" +
			"以及输入的 Signature。"},

	{ID: "5.7", Func: "mend", Title: "What did you mean?", TitleZH: "你本来想写哪个？", Challenge: true,
		Task: "A mistyped address is noticed. Can you also find out what was meant? Return the text itself if it's an address, or else the one address that differs from it in a single character, " +
			"or else errNoAddress. Texts may come from strangers, and be as long as they like.",
		TaskZH: "打错的地址会被发现。那能不能查出本来想写的是哪个？如果文本本身就是地址，返回它；否则返回与它只差一个字符的那个地址；再没有，" +
			"就返回 errNoAddress。文本可能来自陌生人，想多长就多长。",
		Nudge:   "How many texts are there that differ from an address in one character? Few enough to try them all. And what does Base58 cost for a text of a million characters?",
		NudgeZH: "与一个地址只差一个字符的文本有多少个？不多，可以全试一遍。可是，一段一百万个字符的文本，Base58 算起来要多久？",
		Idea: "For each place and each of the 58 characters, make the text with that character there, and ask checkAddress. By accident one in four billion passes. " +
			"Refuse what has more than 34 characters before anything else, and put each character back before you go to the next place. Work on runes: an é is one character, but two bytes.",
		IdeaZH: "对每个位置和 58 个字符里的每一个，把那个字符放到那里，问 checkAddress。碰巧通过的，四十亿里才有一个。超过 34 个字符的，一开始就拒绝；" +
			"去下一个位置之前，把原来的字符放回去。按 rune 来做：é 是一个字符，却有两个字节。"},
	{ID: "5.8", Func: "bitcoinAddress", Title: "Your address in Bitcoin", TitleZH: "你在比特币里的地址", Challenge: true,
		Task: "Return the address that a Bitcoin wallet would show for the same private key. The difference is what is hashed: " +
			"a byte that says whether Y is even (2) or odd (3), and X. Why is that enough?",
		TaskZH:  "返回比特币钱包会为同一个私钥显示的地址。差别在于拿什么去算哈希：一个字节，说明 Y 是偶数（2）还是奇数（3），再加上 X。为什么这就够了？",
		Nudge:   "For each X the curve has two points, one above and one below the line in the middle. So does every key begin with the same byte? Alice's Y is even, Carol's isn't.",
		NudgeZH: "对每个 X，曲线上有两个点，一个在中线之上，一个在中线之下。那么，每个密钥都以同一个字节开头吗？Alice 的 Y 是偶数，Carol 的不是。",
		Idea:    "The key's PubKey has a method that writes this form: look at `go doc github.com/decred/dcrd/dcrec/secp256k1/v4.PublicKey`. addressOfKey will do the rest, since it hashes what it's given.",
		IdeaZH: "密钥的 PubKey 有个方法，写出来的就是这种形式：看 `go doc github.com/decred/dcrd/dcrec/secp256k1/v4.PublicKey`。剩下的 addressOfKey 会做，" +
			"因为交给它什么，它就给什么算哈希。"},
	{ID: "5.9", Func: "vanity", Title: "A name in the address", TitleZH: "地址里的名字", Challenge: true,
		Task: "Draw private keys, limit at most, until one has an address that begins with the prefix. Return its wallet, and its address. " +
			"Say errNoPrefix at once if no address can begin like that, and errGivenUp if the keys are used up.",
		TaskZH: "随机取私钥，最多 limit 个，直到有一个的地址以这个前缀开头。返回它的钱包和地址。如果没有地址能这样开头，马上返回 errNoPrefix；密钥用完了，" +
			"返回 errGivenUp。",
		Nudge:   "Whose address do you return, and whose wallet: of the same key? Somebody will send coins there. And how would somebody else guess the key, if you drew it with math/rand?",
		NudgeZH: "你返回的地址和钱包，是同一个密钥的吗？会有人把币付到那里。还有，如果用 math/rand 来取密钥，别人怎样就能猜到？",
		Idea: "secp256k1.GeneratePrivateKey draws one from the operating system. Each goes into a Wallet, of which you take the address, and compare its beginning. " +
			"Before the loop look at the prefix: every character must be one of alphabet, the first a 1, and there may be 34.",
		IdeaZH: "secp256k1.GeneratePrivateKey 从操作系统取一个。把每个放进 Wallet，得到地址，比较开头。循环之前先看前缀：每个字符都必须是 alphabet 里的，" +
			"第一个是 1，最多 34 个。"},
}
