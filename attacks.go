package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"gosimpleblockchain/view"
)

// What Mallory tries, one attack after another: a table of texts, and for each a
// function that forges.

// An attack is one thing that Mallory tries.
type attack struct {
	name    string
	short   view.Words // a line of the list
	wants   view.Words // what Mallory is after
	forges  view.Words // what she makes for it
	rule    brokenAt
	honest  view.Words // that the same without the forgery is taken
	article article
	forge   func(*forger) forgery
}

// A brokenAt is a rule that an attack breaks, and where it is checked.
type brokenAt struct {
	name     string     // of the error; "": it has none
	says     string     // what the error says
	text     view.Words // the rule
	function string     // that checks it
	words    string     // in its statement, if the function has several for the error
}

// An article says what the article's Python program does with the same.
type article struct {
	verdict reaction
	text    view.Words
}

// A reaction is how the article's program fares.
type reaction int

const (
	takes reaction = iota
	takesSome
	breaks
	refuses
)

// A forgery is what Mallory sends: a payment, or blocks from which on her chain
// is another, and beside it the same without the lie.
type forgery struct {
	tx, honestTx   *Transaction
	genesis        *Block // of her chain; nil: the world's
	blocks, honest []*Block
	shown          []shownLine
}

func attacks() []attack {
	return []attack{
		{
			name: "theft",
			short: view.Words{
				EN: "spend alice's coin with Mallory's key",
				ZH: "用 Mallory 的密钥花 alice 的币"},
			wants: view.Words{
				EN: "Alice has a coin of 900. Mallory wants it.",
				ZH: "alice 有一枚 900 的币，Mallory 想要它。"},
			forges: view.Words{
				EN: "She makes a payment of that coin to herself. She does not have alice's key, so she shows her own, and signs with it. The signature is good: it is only not alice's.",
				ZH: "她把这枚币付给自己。她没有 alice 的密钥，于是出示自己的公钥，并用它签名。签名本身没有问题，只是不是 alice 的。"},
			rule: brokenAt{"ErrNotOwner", ErrNotOwner.Error(), ruleText("ErrNotOwner"), "CoinView.check", ""},
			honest: view.Words{
				EN: "The same payment, signed by alice, goes into the pool.",
				ZH: "同一笔付款由 alice 签名后就能进交易池。"},
			article: article{takes, view.Words{
				EN: "takes it. It checks the signature with the key that stands beside it, and never asks whose key that is. When it was tried, a stranger's key spent the first coin of the chain: the victim had 0 then, and the thief 1000.",
				ZH: "会接受。它用旁边的公钥验证签名，却从不问那是谁的公钥。实测时，陌生人的密钥花掉了链上的第一枚币：受害者剩 0，小偷得 1000。"}},
			forge: func(f *forger) forgery {
				to := TXOutput{aliceHas, f.mallory.Address()}
				tx := signedBy(f.mallory, spend([]Coin{f.aliceCoin()}, to))
				return forgery{
					tx:       tx,
					honestTx: signedBy(f.alice, spend([]Coin{f.aliceCoin()}, to)),
					shown: f.showTx(tx, notes{
						"in0":           "alice's coin",
						"in0.signature": "by Mallory",
						"in0.pub_key":   "Mallory's",
					}),
				}
			},
		},
		{
			name: "shown-key",
			short: view.Words{
				EN: "show alice's key, which all have seen, and sign without hers",
				ZH: "出示人人见过的 alice 公钥，却没有她的签名"},
			wants: view.Words{
				EN: "Mallory wants alice's coin again. She has learnt that the key must be alice's. That is no secret: alice has shown it when she paid bob.",
				ZH: "Mallory 又想要 alice 的币。她明白公钥必须是 alice 的。这不是秘密：alice 付款给 bob 时已经出示过。"},
			forges: view.Words{
				EN: "She copies alice's public key out of the chain. She cannot sign with it, since that takes the private key, so she signs with her own.",
				ZH: "她从链上抄下 alice 的公钥。签名需要私钥，她没有，只好用自己的私钥签。"},
			rule: brokenAt{"ErrSignature", ErrSignature.Error(), ruleText("ErrSignature"), "verifySignature", "return ErrSignature"},
			honest: view.Words{
				EN: "The same payment, signed by alice, goes into the pool.",
				ZH: "同一笔付款由 alice 签名后就能进交易池。"},
			article: article{breaks, view.Words{
				EN: "pools it without a look, and then cannot mine it. One bad payment stops its mining for ever, since its pool is never cleared. In a peer's block, a bad signature ends the thread that talks to that peer.",
				ZH: "不检查就放进交易池，然后挖不出来。一笔坏付款就让它永远不再挖矿，因为池子从不清空。若在别人的区块里，坏签名会让与那个节点通信的线程终止。"}},
			forge: func(f *forger) forgery {
				to := TXOutput{aliceHas, f.mallory.Address()}
				tx := spend([]Coin{f.aliceCoin()}, to)
				tx.Vins[0].PubKey = f.alice.PublicKey()
				digest := tx.digest(0, f.alice.Address())
				tx.Vins[0].Signature = f.mallory.sign(digest[:])
				tx.TxID = tx.ID()
				return forgery{
					tx:       tx,
					honestTx: signedBy(f.alice, spend([]Coin{f.aliceCoin()}, to)),
					shown: f.showTx(tx, notes{
						"in0":           "alice's coin",
						"in0.signature": "by Mallory",
						"in0.pub_key":   "alice's, from the chain",
					}),
				}
			},
		},
		{
			name: "inflation",
			short: view.Words{
				EN: "pay out more than comes in",
				ZH: "付出的比收入的多"},
			wants: view.Words{
				EN: "Mallory has a coin of 700, and wants a million.",
				ZH: "Mallory 有一枚 700 的币，想拿它付出一百万。"},
			forges: view.Words{
				EN: "She spends her own coin, and signs as she should, but her payment pays out 1,000,000.",
				ZH: "她花的是自己的币，签名也对，只是付出的是 1000000。"},
			rule: brokenAt{"ErrOverspend", ErrOverspend.Error(), ruleText("ErrOverspend"), "CoinView.check", ""},
			honest: view.Words{
				EN: "The same payment of 700 goes into the pool.",
				ZH: "同样的付款，改成 700，就能进交易池。"},
			article: article{takes, view.Words{
				EN: "takes it. It never compares what goes out with what comes in.",
				ZH: "会接受。它从不比较付出和收入。"}},
			forge: func(f *forger) forgery {
				pay := func(amount int64) *Transaction {
					return signedBy(f.mallory, spend([]Coin{f.malloryCoin()}, TXOutput{amount, f.mallory.Address()}))
				}
				tx := pay(1_000_000)
				return forgery{tx: tx, honestTx: pay(changeHas), shown: f.showTx(tx, notes{
					"in0":  "a coin of 700",
					"out0": "a million",
				})}
			},
		},
		{
			name: "negative",
			short: view.Words{
				EN: "pay alice -500, to get 500 of hers",
				ZH: "付给 alice -500，想拿走她的 500"},
			wants: view.Words{
				EN: "Mallory wants 500 more than she has, and the sums to come out right.",
				ZH: "Mallory 想多拿 500，还要让总和对得上。"},
			forges: view.Words{
				EN: "She spends her coin of 700, pays alice -500, and herself 1200: together 700, not a coin too much.",
				ZH: "她花掉那枚 700 的币，付给 alice -500，付给自己 1200：合计 700，一个不多。"},
			rule: brokenAt{"ErrValue", ErrValue.Error(), ruleText("ErrValue"), "Transaction.checkForm", ""},
			honest: view.Words{
				EN: "The same payment of 500 to alice and 200 back goes into the pool.",
				ZH: "改为付给 alice 500、找回 200，就能进交易池。"},
			article: article{takes, view.Words{
				EN: "takes it, even from its own command line. When `--amount -500` was sent twice, the sender had 2500 coins, and the receiver -500.",
				ZH: "会接受，连它自己的命令也放行：用 `--amount -500` 付了两次之后，付款人有 2500，收款人有 -500。"}},
			forge: func(f *forger) forgery {
				pay := func(toAlice int64) *Transaction {
					return signedBy(f.mallory, spend([]Coin{f.malloryCoin()},
						TXOutput{toAlice, f.alice.Address()}, TXOutput{changeHas - toAlice, f.mallory.Address()}))
				}
				tx := pay(-500)
				return forgery{tx: tx, honestTx: pay(500), shown: f.showTx(tx, notes{
					"in0":  "a coin of 700",
					"out0": "to alice",
					"out1": "to Mallory",
				})}
			},
		},
		{
			name: "overflow",
			short: view.Words{
				EN: "two outputs so large that their sum turns negative",
				ZH: "两个输出，大得让总和溢出，变成负数"},
			wants: view.Words{
				EN: "Mallory wants more coins than there will ever be. In August 2010 somebody made 184 billion bitcoins this way.",
				ZH: "Mallory 想要的币，比世上所有的还多。2010 年 8 月有人就这样造出了 1840 亿个比特币。"},
			forges: view.Words{
				EN: "She pays out the largest number of 64 bits, twice. Added up in 64 bits they are -2, and -2 is less than the 700 that come in.",
				ZH: "她把 64 位的最大整数付出两次。用 64 位来加，和是 -2，而 -2 不超过收入的 700。"},
			rule: brokenAt{"ErrValue", ErrValue.Error(), view.Words{
				EN: "each output has a value from 1 to 21,000,000,000,000 coins, so that no sum in a block is too large for 64 bits",
				ZH: "每个输出的值在 1 到 21000000000000 之间，使区块中任何总和都不会超出 64 位"}, "Transaction.checkForm", ""},
			honest: view.Words{
				EN: "The same payment with 350 twice goes into the pool.",
				ZH: "改为两个 350，就能进交易池。"},
			article: article{takes, view.Words{
				EN: "takes it, though not for the overflow: it never adds up what goes out at all.",
				ZH: "会接受，但不是因为溢出：它根本不去加付出的币。"}},
			forge: func(f *forger) forgery {
				pay := func(each int64) *Transaction {
					to := TXOutput{each, f.mallory.Address()}
					return signedBy(f.mallory, spend([]Coin{f.malloryCoin()}, to, to))
				}
				tx := pay(math.MaxInt64)
				return forgery{tx: tx, honestTx: pay(changeHas / 2), shown: f.showTx(tx, notes{
					"in0":  "worth 700",
					"out0": "2^63 - 1",
					"out1": "again",
				})}
			},
		},
		{
			name: "double-spend",
			short: view.Words{
				EN: "spend one coin twice in one block",
				ZH: "在一个区块里把同一枚币花两次"},
			wants: view.Words{
				EN: "Mallory wants to buy from bob, and to keep her coin.",
				ZH: "Mallory 想在 bob 那里买东西，又想留住自己的币。"},
			forges: view.Words{
				EN: "She mines a block, with all its work, in which her coin of 700 is spent twice: 300 go to bob, and the whole coin to herself. Each payment is good without the other.",
				ZH: "她挖出一个区块，工作量齐全，其中那枚 700 的币花了两次：一次付给 bob 300，一次全部付给自己。两笔付款单独看都没问题。"},
			rule: brokenAt{"ErrSpent", ErrSpent.Error(), ruleText("ErrNoCoin"), "CoinView.Coin", ""},
			honest: view.Words{
				EN: "The same block with the first payment alone becomes the node's last.",
				ZH: "去掉第二笔付款，同样的区块就成了链顶。"},
			article: article{takes, view.Words{
				EN: "takes it. It asks whether a coin is in the chain, and not whether it is unspent. When it was tried, two payments of one coin were both mined.",
				ZH: "会接受。它只问币在不在链上，不问花没花过。实际一试，花同一枚币的两笔付款都挖进了区块。"}},
			forge: func(f *forger) forgery {
				first := f.pay(f.mallory, f.bob, bought, f.malloryCoin())
				second := f.pay(f.mallory, f.mallory, changeHas, f.malloryCoin())
				b := f.mine(f.tip(), f.mallory, first, second)
				return forgery{
					blocks: []*Block{b},
					honest: []*Block{f.mine(f.tip(), f.mallory, first)},
					shown: f.showBlock(b, notes{
						"tx1":     "a coin of 700",
						"tx1.out": "for bob",
						"tx2":     "the same coin",
						"tx2.out": "for Mallory",
					}),
				}
			},
		},
		{
			name: "same-coin",
			short: view.Words{
				EN: "name one coin twice in one payment (CVE-2018-17144)",
				ZH: "在一笔付款里把同一枚币写两次（CVE-2018-17144）"},
			wants: view.Words{
				EN: "Mallory has a coin of 700, and wants 1400. From 2017 to 2018 Bitcoin's own program would have let her: to save time it had stopped to look.",
				ZH: "Mallory 有一枚 700 的币，想当成 1400 来花。2017 到 2018 年间，比特币自己的程序会让她得逞：为了省时间，它有一处不查这一点。"},
			forges: view.Words{
				EN: "She spends the coin in two inputs of one payment, and signs both as its owner. What comes in is 1400, if nobody looks whether it is one coin.",
				ZH: "她在一笔付款的两个输入里花同一枚币，币是她的，所以两个签名都对。要是没人看它们是不是同一枚，收入就是 1400。"},
			rule: brokenAt{"ErrDuplicateInput", ErrDuplicateInput.Error(), ruleText("ErrDuplicateInput"), "Transaction.checkInputs", ""},
			honest: view.Words{
				EN: "The same payment with the coin once, and 700, goes into the pool.",
				ZH: "只写一次，付出 700，就能进交易池。"},
			article: article{breaks, view.Words{
				EN: "pools it: it adds up neither what comes in nor what goes out. But it cannot mine it: a payment with two inputs stands twice among those to be mined, and with the coinbase that makes three leaves, at which its Merkle tree fails.",
				ZH: "会放进交易池：收入和付出，它都不去加。但它挖不出来：有两个输入的付款会在待挖列表里出现两次，加上 coinbase 就是三片叶子，它造默克尔树时会崩溃。"}},
			forge: func(f *forger) forgery {
				pay := func(coins ...Coin) *Transaction {
					out := TXOutput{int64(len(coins)) * changeHas, f.mallory.Address()}
					return signedBy(f.mallory, spend(coins, out))
				}
				tx := pay(f.malloryCoin(), f.malloryCoin())
				return forgery{tx: tx, honestTx: pay(f.malloryCoin()), shown: f.showTx(tx, notes{
					"in0":  "worth 700",
					"in1":  "the same coin",
					"out0": "2 times 700",
				})}
			},
		},
		{
			name: "respend",
			short: view.Words{
				EN: "spend a coin again that an earlier block has spent",
				ZH: "把早先区块里花掉的币再花一次"},
			wants: view.Words{
				EN: "Mallory has paid bob with a coin of 1000. She would like to spend it once more.",
				ZH: "Mallory 已用一枚 1000 的币付给 bob，想再花一次。"},
			forges: view.Words{
				EN: "She pays alice with the same coin, and signs as its owner, who she was.",
				ZH: "她用同一枚币付给 alice，并以原主人的身份签名。"},
			rule: brokenAt{"ErrNoCoin", ErrNoCoin.Error(), ruleText("ErrNoCoin"), "CoinView.Coin", ""},
			honest: view.Words{
				EN: "The same payment with a coin that she still has goes into the pool.",
				ZH: "换成她还拥有的币，同样的付款就能进交易池。"},
			article: article{takes, view.Words{
				EN: "takes it: it asks whether the coin is in the chain, and not whether it is still unspent.",
				ZH: "会接受：它只问币在不在链上，不问是否还未花费。"}},
			forge: func(f *forger) forgery {
				tx := f.pay(f.mallory, f.alice, bought, f.spentCoin())
				return forgery{
					tx:       tx,
					honestTx: f.pay(f.mallory, f.alice, bought, f.malloryCoin()),
					shown:    f.showTx(tx, notes{"in0": "spent in the last block"}),
				}
			},
		},
		{
			name: "replay",
			short: view.Words{
				EN: "put alice's payment to bob into a block once more",
				ZH: "把 alice 给 bob 的付款再放进一个区块"},
			wants: view.Words{
				EN: "Alice has paid bob 100. Mallory, who is to have a share, wants her to pay him again and again.",
				ZH: "alice 付过 bob 100。Mallory 想分一份，要她一付再付。"},
			forges: view.Words{
				EN: "She needs no key for it: she copies alice's payment, signature and all, out of the chain, and mines a block with it.",
				ZH: "这不需要密钥：她把 alice 的付款连同签名从链上抄下来，挖进自己的区块。"},
			rule: brokenAt{"ErrNoCoin", ErrNoCoin.Error(), ruleText("ErrNoCoin"), "CoinView.Coin", ""},
			honest: view.Words{
				EN: "A block with a new payment of alice's to bob becomes the node's last.",
				ZH: "换成 alice 的一笔新付款，区块就被收下，作为链顶。"},
			article: article{takes, view.Words{
				EN: "takes it. When one payment was sent again, it was mined again.",
				ZH: "会接受。同一笔付款再发一次，就再挖进一次。"}},
			forge: func(f *forger) forgery {
				b := f.mine(f.tip(), f.mallory, f.blocks[1].Transactions[1])
				return forgery{
					blocks: []*Block{b},
					honest: []*Block{f.mine(f.tip(), f.mallory, f.pay(f.alice, f.bob, paidToBob, f.aliceCoin()))},
					shown: f.showBlock(b, notes{
						"tx1":     "spent by the same",
						"tx1.out": "for bob",
					}),
				}
			},
		},
		{
			name: "coinbase-twice",
			short: view.Words{
				EN: "take the reward of a block twice",
				ZH: "一个区块领两份奖励"},
			wants: view.Words{
				EN: "A block pays its miner 1000 coins. Mallory wants 2000.",
				ZH: "一个区块付给矿工 1000，Mallory 想要 2000。"},
			forges: view.Words{
				EN: "She mines a block with two coinbases. Each pays no more than it may.",
				ZH: "她挖出的区块里有两笔 coinbase 交易，每笔都没有超额。"},
			rule: brokenAt{"ErrCoinbase", "exactly the first is one", ruleText("ErrCoinbase"), "Block.checkTransactions", ""},
			honest: view.Words{
				EN: "The same block with one coinbase becomes the node's last.",
				ZH: "只留一笔 coinbase，同样的区块就成了链顶。"},
			article: article{takes, view.Words{
				EN: "takes it. It looks neither at how many coinbases a peer's block has nor at what they pay: one with two of 1,000,000 each was accepted.",
				ZH: "会接受。它既不看别人区块里有几笔 coinbase，也不看付多少：有两笔、每笔 1000000 的区块，它收下了。"}},
			forge: func(f *forger) forgery {
				once := f.block(f.tip(), f.mallory)
				again := NewCoinbase(f.mallory.Address(), f.clock.Add(time.Microsecond))
				twice := *once
				twice.Transactions = []*Transaction{once.Transactions[0], again}
				b := f.work(&twice)
				return forgery{
					blocks: []*Block{b},
					honest: []*Block{f.work(once)},
					shown: f.showBlock(b, notes{
						"tx0":     "spends nothing",
						"tx0.out": "for Mallory",
						"tx1":     "nor does this",
						"tx1.out": "for Mallory",
					}),
				}
			},
		},
		{
			name: "greedy",
			short: view.Words{
				EN: "take a million as the reward of a block",
				ZH: "把一百万当作区块奖励"},
			wants: view.Words{
				EN: "A block pays its miner 1000 coins. Mallory wants a million.",
				ZH: "一个区块付给矿工 1000，Mallory 想要一百万。"},
			forges: view.Words{
				EN: "She mines a block whose coinbase pays her 1,000,000. Who would stop a miner?",
				ZH: "她挖出的区块里，coinbase 付给她 1000000。谁拦得住矿工？"},
			rule: brokenAt{"ErrCoinbase", "it pays more than", ruleText("ErrCoinbase"), "Transaction.checkCoinbase", "it pays more than"},
			honest: view.Words{
				EN: "The same block with a reward of 1000 becomes the node's last.",
				ZH: "奖励改成 1000，同样的区块就成了链顶。"},
			article: article{takes, view.Words{
				EN: "takes it: it does not look at what the coinbase of a peer's block pays.",
				ZH: "会接受：它不看别人区块的 coinbase 付多少。"}},
			forge: func(f *forger) forgery {
				honest := f.mine(f.tip(), f.mallory)
				b := f.block(f.tip(), f.mallory)
				b.Transactions[0].Vouts[0].Value = 1_000_000
				b.Transactions[0].TxID = b.Transactions[0].ID()
				f.work(b)
				return forgery{blocks: []*Block{b}, honest: []*Block{honest}, shown: f.showBlock(b, notes{
					"tx0":     "the coinbase",
					"tx0.out": "a million",
				})}
			},
		},
		{
			name: "no-work",
			short: view.Words{
				EN: "a block without the work",
				ZH: "没有工作量的区块"},
			wants: view.Words{
				EN: "Mallory wants the reward of a block, and not the work. If work were not asked for, she could write a longer chain than all others in a moment.",
				ZH: "Mallory 想要区块奖励，却不想下功夫。要是不要求工作量，她转眼就能写出比谁都长的链。"},
			forges: view.Words{
				EN: "She makes an honest block, save for its nonce: with it, the hash of the work does not begin with four zero bits.",
				ZH: "她造的区块样样诚实，只有随机数不对：算出的工作哈希，开头没有四个零比特。"},
			rule: brokenAt{"ErrWork", ErrWork.Error(), ruleText("ErrWork"), "Block.checkHeader", ""},
			honest: view.Words{
				EN: "The same block with a nonce that was worked for becomes the node's last.",
				ZH: "给同样的区块找到合适的随机数，它就成了链顶。"},
			article: article{refuses, view.Words{
				EN: "looks at the work, too. When it was shown the first block of another chain, which has no work, it refused that in 39 of 40 trials; in one of them the four bits were zero by luck.",
				ZH: "也检查工作量，连别人的创世区块也查，而它本来就没有。试了 40 次，39 次判为无效；还有一次，四位碰巧都是零。"}},
			forge: func(f *forger) forgery {
				honest := f.mine(f.tip(), f.mallory)
				b := *honest
				for b.Header.Nonce++; (ProofOfWork{&b.Header}).Valid(); b.Header.Nonce++ {
				}
				b.Header.Hash = b.Header.hash()
				sum := sha256Hex(append(ProofOfWork{&b.Header}.text(), b.Header.nonceText()...))
				return forgery{blocks: []*Block{&b}, honest: []*Block{honest}, shown: f.showBlock(&b, notes{
					"nonce": fmt.Sprintf("the work's hash is %.8s…, not 0…", sum),
				})}
			},
		},
		{
			name: "fake-hash",
			short: view.Words{
				EN: "a block that calls itself deadbeef…",
				ZH: "自称 deadbeef… 的区块"},
			wants: view.Words{
				EN: "A block is known by its hash. Mallory wants to choose the name of hers: then she could give it the name of another.",
				ZH: "区块以哈希为名。Mallory 想自己起名：那样就能冒用别的区块的名字。"},
			forges: view.Words{
				EN: "She mines an honest block, and writes another hash into its header.",
				ZH: "她挖出一个诚实的区块，再把区块头里的哈希改掉。"},
			rule: brokenAt{"ErrHash", ErrHash.Error(), ruleText("ErrHash"), "Block.checkHeader", ""},
			honest: view.Words{
				EN: "The same block under its own hash becomes the node's last.",
				ZH: "哈希如实写，同样的区块就成了链顶。"},
			article: article{takes, view.Words{
				EN: "takes it: it believes the hash that a block gives itself. One that was called deadbeef became its last block.",
				ZH: "会接受：区块自报什么哈希，它就信什么。一个叫 deadbeef 的区块成了它的链顶。"}},
			forge: func(f *forger) forgery {
				honest := f.mine(f.tip(), f.mallory)
				b := *honest
				b.Header.Hash = strings.Repeat("deadbeef", 8)
				return forgery{blocks: []*Block{&b}, honest: []*Block{honest}, shown: f.showBlock(&b, notes{
					"hash": fmt.Sprintf("should be %.8s…", honest.Header.Hash),
				})}
			},
		},
		{
			name: "body",
			short: view.Words{
				EN: "other transactions under a good header",
				ZH: "区块头照旧，下面换掉交易"},
			wants: view.Words{
				EN: "Mallory wants bob to see a block in which she pays him, and all others to have that same block without the payment.",
				ZH: "Mallory 想让 bob 看到一个付钱给他的区块，而别人手里的同一个区块里没有这笔付款。"},
			forges: view.Words{
				EN: "She mines a block with her payment to bob. Then she takes the payment out, puts one to herself in its place, and leaves the header, its hash and its work as they are.",
				ZH: "她挖出一个区块，里面有给 bob 的付款；再把这笔换成付给自己的，区块头、哈希和工作量都不动。"},
			rule: brokenAt{"ErrMerkleRoot", ErrMerkleRoot.Error(), ruleText("ErrMerkleRoot"), "Block.checkTransactions", ""},
			honest: view.Words{
				EN: "The block as it was mined becomes the node's last.",
				ZH: "原来挖出的那个区块就成了链顶。"},
			article: article{takesSome, view.Words{
				EN: "makes the root anew out of whatever transactions it gets, and never compares it with the header's. Only the work is in the way, which fits another root by luck: 6.5 % of such blocks were taken.",
				ZH: "用收到的交易重算默克尔根，从不跟区块头里的比。挡路的只剩工作量，而它偶尔碰巧也合适：这样的区块，它收下了 6.5%。"}},
			forge: func(f *forger) forgery {
				honest := f.mine(f.tip(), f.mallory, f.pay(f.mallory, f.bob, bought, f.malloryCoin()))
				b := *honest
				b.Transactions = []*Transaction{honest.Transactions[0], f.pay(f.mallory, f.mallory, bought, f.malloryCoin())}
				return forgery{blocks: []*Block{&b}, honest: []*Block{honest}, shown: f.showBlock(&b, notes{
					"hash":    "as it was",
					"root":    "as it was",
					"tx1":     "another payment",
					"tx1.out": "not for bob",
				})}
			},
		},
		{
			name: "twin",
			short: view.Words{
				EN: "repeat the last payment: the Merkle root stays (CVE-2012-2459)",
				ZH: "重复最后一笔付款：默克尔根不变（CVE-2012-2459）"},
			wants: view.Words{
				EN: "Mallory wants the node never to take an honest block that it has not seen yet. In 2012 nodes of Bitcoin could be cut off in this way.",
				ZH: "有个诚实的区块，节点还没见过，Mallory 想让它永远不收。2012 年的比特币节点，用这一招就能隔离开。"},
			forges: view.Words{
				EN: "The block has three transactions, and a Merkle tree repeats the last leaf of an odd row. So Mallory repeats the last transaction: four in place of three, but the same root, the same work and the same hash. If the node noted that hash as bad, the honest block would be refused later.",
				ZH: "这个区块有三笔交易，而默克尔树遇到奇数层，会重复最后一个哈希。于是 Mallory 自己重复最后一笔：三笔变四笔，根、工作量、哈希都不变。节点要是记下这个哈希，当它是坏的，以后就会拒绝诚实的那个区块。"},
			rule: brokenAt{"ErrDuplicateTx", ErrDuplicateTx.Error(), ruleText("ErrDuplicateTx"), "Block.checkTransactions", ""},
			honest: view.Words{
				EN: "The honest block of the same hash becomes the node's last: the lie is not held against it.",
				ZH: "哈希相同的诚实区块随后送到，成了链顶：谎言没有连累它。"},
			article: article{breaks, view.Words{
				EN: "cannot make the honest block: its Merkle tree crashes with three leaves. (Of 0 to 9 leaves it survives only 1, 2 and 4.) And it needs no Mallory to put a payment into a block twice: it does so itself with each that has two inputs.",
				ZH: "连诚实的那个区块都造不出来：有三片叶子，它造默克尔树就会崩溃（0 到 9 片，只有 1、2、4 片没事）。重复付款也用不着 Mallory：有两个输入的付款，它自己就会放进去两次。"}},
			forge: func(f *forger) forgery {
				last := f.pay(f.alice, f.bob, paidToBob, f.aliceCoin())
				honest := f.mine(f.tip(), f.mallory, f.pay(f.mallory, f.bob, bought, f.malloryCoin()), last)
				b := *honest
				b.Transactions = append(slices.Clone(honest.Transactions), last)
				return forgery{blocks: []*Block{&b}, honest: []*Block{honest}, shown: f.showBlock(&b, notes{
					"hash": "that of the honest block",
					"root": "is right",
					"tx2":  "alice pays bob",
					"tx3":  "the same again",
				})}
			},
		},
		{
			name: "wrong-parent",
			short: view.Words{
				EN: "a block that leaves out the one before it",
				ZH: "跳过前一个区块的区块"},
			wants: view.Words{
				EN: "The last block has Mallory's payment to bob. She wants a chain as long as it should be, without that block.",
				ZH: "最后一个区块里有 Mallory 给 bob 的付款。她想要一条长度正常、却没有那个区块的链。"},
			forges: view.Words{
				EN: "She mines the next block on the last but one, and gives it the height that a block on the last would have.",
				ZH: "她在倒数第二个区块上挖下一个区块，却写上接在最后一个区块之后的高度。"},
			rule: brokenAt{"", "does not follow the block before it", ruleText("ErrParent"), "blockStream.fetch", "does not follow the block before it"},
			honest: view.Words{
				EN: "A block of that height on the last one becomes the node's last.",
				ZH: "高度不变，接在最后一个区块上，它就成了链顶。"},
			article: article{takesSome, view.Words{
				EN: "takes anything as its first block, if it has none yet: one of height 41, whose parent was called \"nonsense\", became the bottom of its chain.",
				ZH: "还没有链的时候，第一个区块什么样的都收：一个高度 41、父区块叫 \"nonsense\" 的区块，成了它那条链的第一个。"}},
			forge: func(f *forger) forgery {
				honest := f.mine(f.tip(), f.mallory)
				b := f.block(f.tip(), f.mallory)
				b.Header.PrevBlockHash = f.blocks[1].Header.Hash
				f.work(b)
				return forgery{blocks: []*Block{b}, honest: []*Block{honest}, shown: f.showBlock(b, notes{
					"parent": "the last but one",
					"height": "one above the last",
				})}
			},
		},
		{
			name: "future",
			short: view.Words{
				EN: "a block dated three hours ahead",
				ZH: "时间超前三小时的区块"},
			wants: view.Words{
				EN: "Mallory wants to write any time into her blocks. Where the work is set by the time that blocks take, as in Bitcoin, false times make it too easy.",
				ZH: "Mallory 想随意写区块的时间。在比特币里，难度由出块时间决定，假时间会让难度过低。"},
			forges: view.Words{
				EN: "She mines an honest block, save for its time, which lies three hours ahead.",
				ZH: "她挖的区块样样老实，只是时间超前三小时。"},
			rule: brokenAt{"ErrTimestamp", ErrTimestamp.Error(), ruleText("ErrTimestamp"), "checkTimestamp", "ahead of our clock"},
			honest: view.Words{
				EN: "The same block with the time of now becomes the node's last.",
				ZH: "同样的区块，时间写现在，节点就收下，作为链顶。"},
			article: article{takes, view.Words{
				EN: "takes it: it never looks at a block's time.",
				ZH: "会接受：它从不看区块的时间。"}},
			forge: func(f *forger) forgery {
				honest := f.mine(f.tip(), f.mallory)
				b := *honest
				b.Header.Timestamp = timeText(f.clock.Add(3 * time.Hour))
				f.work(&b)
				return forgery{blocks: []*Block{&b}, honest: []*Block{honest}, shown: f.showBlock(&b, notes{
					"time": fmt.Sprintf("now is %s", strings.Split(honest.Header.Timestamp, ".")[0]),
				})}
			},
		},
		{
			name: "genesis",
			short: view.Words{
				EN: "a longer chain that begins with another block",
				ZH: "从另一个创世区块开始的更长的链"},
			wants: view.Words{
				EN: "The longer chain wins. Mallory wants all to give up theirs for one that has been hers from the beginning.",
				ZH: "长链获胜。Mallory 想让大家放弃自己的链，改用从头就属于她的一条。"},
			forges: view.Words{
				EN: "She mines a whole chain, honest from end to end and longer by one block than the node's. Only its first block is another one.",
				ZH: "她挖出一整条链，从头到尾都诚实，比节点的链长一个区块，只是创世区块不同。"},
			rule: brokenAt{"", "other genesis block", view.Words{
				EN: "a chain never changes its first block: a peer whose chain begins with another is not followed",
				ZH: "链的第一个区块永不改变：创世区块不同的节点，我们不跟"}, "TCPClient.objectTo", "other genesis block"},
			honest: view.Words{
				EN: "A chain as long, on the node's own first block, is taken.",
				ZH: "一样长的链，从节点自己的创世区块开始，就被收下。"},
			article: article{breaks, view.Words{
				EN: "sends its first block along, and never compares it. Of 40 trials, 39 said for ever that the block is not valid. In one the node deleted its own first block, looked for a block of height -1, and could not use its database any more.",
				ZH: "会发送创世区块，却从不比较。试了 40 次，39 次它没完没了地说区块无效；剩下一次，节点删掉了自己的创世区块，去找高度为 -1 的区块，数据库从此不能用了。"}},
			forge: func(f *forger) forgery {
				first := f.genesis(f.mallory)
				blocks := []*Block{first}
				for range f.tip().Header.Height + 1 {
					blocks = append(blocks, f.mine(blocks[len(blocks)-1], f.mallory))
				}
				return forgery{
					genesis: first,
					blocks:  blocks,
					honest:  []*Block{f.mine(f.tip(), f.mallory)},
					shown:   f.showBlock(first, notes{"hash": "another than the node's", "height": "the first block"}),
				}
			},
		},
		{
			name: "long-lie",
			short: view.Words{
				EN: "a longer branch that undoes a payment, with a theft in it",
				ZH: "一条更长的分支，收回付款，还夹着一次偷窃"},
			wants: view.Words{
				EN: "Mallory has paid bob in the last block. She wants that undone, and alice's coin as well.",
				ZH: "Mallory 在最后一个区块里付了钱给 bob。她想撤销它，还想顺手拿走 alice 的币。"},
			forges: view.Words{
				EN: "She mines three blocks beside the last one. In the first, what she has paid bob goes to herself. In the second is a theft. The third makes her branch two blocks longer than the chain. To see whether the branch is good, the node must take its own block off, and put hers on, one by one, until it meets the theft.",
				ZH: "她在最后一个区块旁边挖出三个区块。第一个里，付给 bob 的钱回到她自己手里；第二个里有一次偷窃；第三个让分支比链长两个区块。要知道分支好不好，节点必须先撤下自己的区块，再一个个接上她的，直到碰上偷窃。"},
			rule: brokenAt{"ErrNotOwner", ErrNotOwner.Error(), ruleText("ErrNotOwner"), "CoinView.check", ""},
			honest: view.Words{
				EN: "The same branch without the theft is taken, as it must be: the longer chain wins, and bob has lost his 300. What that costs Mallory, `go run . attack majority` shows.",
				ZH: "同样的分支，去掉偷窃，节点就收下，也不得不收：长链获胜，bob 失去 300。Mallory 为此要付出什么，见 `go run . attack majority`。"},
			article: article{breaks, view.Words{
				EN: "checks a peer's block against its own chain before it rolls back, and never gives back the coins that were spent in what it takes off: after one block the balance was 0, where it should have been 1000.",
				ZH: "在回滚之前就拿自己的链检查别人的区块，撤下区块时，也从不还回里面花掉的币：撤下一个区块后，余额是 0，本应是 1000。"}},
			forge: func(f *forger) forgery {
				back := f.pay(f.mallory, f.mallory, Subsidy, f.spentCoin())
				theft := signedBy(f.mallory, spend([]Coin{f.aliceCoin()}, TXOutput{aliceHas, f.mallory.Address()}))
				branch := func(second ...*Transaction) []*Block {
					first := f.mine(f.blocks[1], f.mallory, back)
					next := f.mine(first, f.mallory, second...)
					return []*Block{first, next, f.mine(next, f.mallory)}
				}
				blocks := branch(theft)
				return forgery{blocks: blocks, honest: branch(), shown: slices.Concat(
					f.showBlock(blocks[0], notes{"parent": "the last but one", "tx1": "the coin that paid bob", "tx1.out": "for Mallory"}),
					f.showBlock(blocks[1], notes{"tx1": "alice's coin", "tx1.out": "for Mallory"}),
					f.showBlock(blocks[2], notes{"height": "the longest"}),
				)}
			},
		},
	}
}
