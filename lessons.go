package main

import (
	"context"
	"errors"
	"fmt"

	"gosimpleblockchain/view"
)

// Lessons: each is a story of a few nodes, told in paragraphs, and between these
// lines that one could type oneself. If a line fails, the lesson does: what is
// told has happened. The stories stand below, the machinery at the end.

// A lesson begins with nodes of its own.
type lesson struct {
	name     string
	title    view.Words
	nodes    int
	setting  setting
	scenes   []labScene
	question view.Words
	answer   view.Words
}

// A labScene is what one sees, in a paragraph, and what comes next, in another. The
// lesson stops there; then the lines are carried out.
type labScene struct {
	say   view.Words
	lines []string
}

var lessons = []lesson{
	{
		name:    "article",
		title:   view.Words{EN: "The tutorial's test", ZH: "文章里的测试"},
		nodes:   2,
		setting: setting{bare: true, poolSize: 2},
		scenes: []labScene{
			{view.Words{
				EN: "Two nodes, and no chain yet.\nNext, A starts one: its block 0 pays 1000 coins to Alice, out of nothing. Watch how B gets to know: nobody sends it a block unasked.",
				ZH: "两个节点，还没有链。\n接下来 A 创建一条：区块 0 凭空付给 Alice 1000 个币。看 B 怎样得知：没有人会主动把区块发给它。",
			}, []string{"genesis A", "wait agree", "expect balance alice 1000 at B"}},
			{view.Words{
				EN: "B heard in a handshake that A's chain is higher, and asked for the block.\nNext, Bob makes a wallet at B, and Alice pays him 100. A pool here is full with two payments, so this one will wait, at both nodes.",
				ZH: "B 在握手中听说 A 的链更高，便去要那个区块。\n接下来 Bob 在 B 上建钱包，Alice 付给他 100。这里的交易池两笔才满，所以这一笔会在两个节点上等着。",
			}, []string{"wallet B", "send alice bob 100", "wait pool B 1"}},
			{view.Words{
				EN: "The payment waits in both pools. It spends the only coin that Alice has, of 1000.\nNext, she pays the same again, with the same coin. That fills the pool, so A mines. What will the balances be?",
				ZH: "付款在两个交易池里等着。它花的是 Alice 唯一的币，面值 1000。\n接下来她用同一枚币再付一次同样的款。交易池就满了，于是 A 开始挖矿。余额会是多少？",
			}, []string{"send alice bob 100", "wait agree", "expect height B 1", "expect balance alice 1900 at B", "expect balance bob 100 at A"}},
			{view.Words{
				EN: "Alice has 1900: 1000 − 100, and 1000 for the block that she mined. Bob has 100, and both nodes say so.",
				ZH: "Alice 有 1900：1000 − 100，加上挖出区块的 1000。Bob 有 100，两个节点说法一致。",
			}, nil},
		},
		question: view.Words{
			EN: "Alice paid 100 twice, and Bob has 100. Where is the second payment?",
			ZH: "Alice 付了两次 100，Bob 却只有 100。第二笔去哪了？",
		},
		answer: view.Words{
			EN: "There never were two. The payments spend the same coin, pay the same people the same sums, and so have the same txid: they are one transaction. Had the second one been of 150, it would be another transaction with the same coin, and the miner would have dropped it.",
			ZH: "从来就没有两笔。它们花同一枚币、付给同样的人同样的数目，txid 也就相同：是同一笔交易。若第二笔是 150，那就是另一笔花同一枚币的交易，矿工会把它丢弃。",
		},
	},
	{
		name:  "fork",
		title: view.Words{EN: "A fork, and how it ends", ZH: "分叉，以及它如何结束"},
		nodes: 4,
		scenes: []labScene{
			{view.Words{
				EN: "Four nodes, one chain: all of them have the same block.\nNext, we cut the network in two, A and B on one side, C and D on the other. Then Alice pays Bob 100.",
				ZH: "四个节点，一条链：大家的区块都一样。\n接下来把网络剪成两半，A、B 在一边，C、D 在另一边，然后 Alice 付给 Bob 100。",
			}, []string{"cut A,B C,D", "send alice bob 100", "wait pool B 1"}},
			{view.Words{
				EN: "B has the payment. On their way to C and D the messages stand at the cut, as they would in a real cable: TCP keeps trying.\nNext, both sides mine: A one block, with the payment in it, and C two.",
				ZH: "B 收到了付款。发往 C 和 D 的消息停在断口，和真的网线一样：TCP 会一直重试。\n接下来两边都挖矿：A 挖一个区块，付款就在里面；C 挖两个。",
			}, []string{"mine A", "wait height B 1", "mine C 2", "wait height D 2"}},
			{view.Words{
				EN: "This is a fork: above block 0, A and B have one chain, C and D another. Neither side does anything wrong, each has the longest chain that it has heard of. Ask at B, and Bob has 100 coins; ask at C, and he has none.\nNext, we mend the wires. Which side will give in?",
				ZH: "这就是分叉：区块 0 之上，A 和 B 是一条链，C 和 D 是另一条。两边都没有做错，各自都有自己听说过的最长的链。问 B，Bob 有 100 个币；问 C，他一个也没有。\n接下来把线修好。哪一边会让步？",
			}, []string{"expect balance bob 100 at B", "expect balance bob 0 at C", "heal", "wait agree", "expect height A 2", "expect balance bob 0 at B", "wait pool A 1"}},
			{view.Words{
				EN: "Two blocks are more than one: A and B took their own block off, and put the other two on. Bob's 100 coins went with it. But look at the pools: the payment is back, and waits for another block.\nNext, A mines it once more, this time on top of the chain that all have.",
				ZH: "两个区块多于一个：A 和 B 撤下自己的区块，接上那两个。Bob 的 100 个币也随之没了。不过看交易池：付款回来了，等着进下一个区块。\n接下来 A 再挖一次，这回接在大家共有的链上。",
			}, []string{"mine A", "wait agree", "expect balance bob 100 at C"}},
			{view.Words{
				EN: "Now the payment is in block 3, and all four nodes have that.",
				ZH: "现在付款在区块 3 里，四个节点都有这个区块。",
			}, nil},
		},
		question: view.Words{
			EN: "Bob saw his payment in a block, and then it was gone for a while. When should he hand over the goods?",
			ZH: "Bob 看到付款进了区块，后来又消失了一阵。他该什么时候交货？",
		},
		answer: view.Words{
			EN: "Once a few more blocks stand on top of the payment's. To take it off again, somebody has to mine more blocks than those, and each one makes that less likely. In Bitcoin people wait for six. `go run . attack majority` shows what each of them is worth.",
			ZH: "等那个区块上面再接几个区块。要撤下它，就得挖出比这更多的区块，每多一个就更难。比特币里人们通常等六个。`go run . attack majority` 会告诉你每一个确认值多少。",
		},
	},
	{
		name:    "double-spend",
		title:   view.Words{EN: "Mallory pays twice", ZH: "Mallory 一币两付"},
		nodes:   5,
		setting: setting{people: []string{"alice", "bob", "mia", "mallory"}},
		scenes: []labScene{
			{view.Words{
				EN: "Mallory has two computers, D and E.\nNext, she mines a block at D, and so has 1000 coins. Then she copies her wallet to E: a wallet is only a key, and a key can be copied.",
				ZH: "Mallory 有两台电脑：D 和 E。\n接下来她在 D 上挖一个区块，于是有了 1000 个币。然后她把钱包复制到 E：钱包不过是一把密钥，而密钥可以复制。",
			}, []string{"mine D", "wait agree", "copy mallory E", "expect balance mallory 1000 at E"}},
			{view.Words{
				EN: "D and E show the same 1000 coins: they are one coin, which Mallory can spend from either.\nNext, the network falls apart. Alice at A, and Mia who mines at C, still reach D. Bob at B still reaches E. At D, Mallory pays Alice 900. At E, she pays Bob 900 with the very same coin.",
				ZH: "D 和 E 显示的是同样的 1000：其实是同一枚币，Mallory 从哪边都能花。\n接下来网络断成两半。A 上的 Alice 和在 C 挖矿的 Mia 还能连到 D，B 上的 Bob 还能连到 E。Mallory 在 D 上付给 Alice 900，又用同一枚币在 E 上付给 Bob 900。",
			}, []string{"cut A,C,D B,E", "send mallory alice 900 at D", "send mallory bob 900 at E", "wait pool C 1", "wait pool B 1"}},
			{view.Words{
				EN: "Each side has checked the payment that it saw, and found nothing wrong.\nNext, Mia mines a block on her side, and E mines two on the other.",
				ZH: "两边各自核对了自己看到的付款，都没发现问题。\n接下来 Mia 在这边挖一个区块，那边的 E 挖两个。",
			}, []string{"mine C", "mine E 2", "wait height A 2", "wait height B 3", "expect balance alice 1900 at A", "expect balance bob 900 at B"}},
			{view.Words{
				EN: "Alice sees her 900 coins in a block, and hands Mallory a bicycle. Bob sees his in a block, and hands her a guitar.\nNext, the network comes together again. Who will keep the coins?",
				ZH: "Alice 看到 900 个币进了区块，把自行车交给 Mallory。Bob 也看到自己的进了区块，把吉他交给她。\n接下来网络重新连通。币会留在谁手里？",
			}, []string{"heal", "wait agree", "expect balance alice 1000 at A", "expect balance bob 900 at A", "wait pool A 0", "wait pool D 0"}},
			{view.Words{
				EN: "Bob does: his payment is in the longer chain. This time the other payment does not go back to a pool to wait: its coin is spent on the chain that holds. Alice gave away a bicycle for nothing.",
				ZH: "Bob：他的付款在更长的链上。这一次，另一笔付款不会回到交易池里等待：它的币在生效的链上已被花掉。Alice 白白送出了自行车。",
			}, nil},
		},
		question: view.Words{
			EN: "No rule was broken, and each coin was spent once. What could Alice have looked at before she gave the bicycle away?",
			ZH: "规则一条也没违反，每枚币也只花了一次。Alice 在交出自行车之前本可以看什么？",
		},
		answer: view.Words{
			EN: "At the blocks on top of hers: there were none. And at her peers: two of four had fallen silent. One confirmation means that somebody has mined the payment, not that the whole network has seen it.",
			ZH: "看自己那个区块上面又接了几个区块（一个也没有），还要看其他节点：四个里有两个没了声音。一个确认只说明有人挖出了这笔付款，不说明全网都看到了。",
		},
	},
	{
		name:  "late",
		title: view.Words{EN: "A node joins late", ZH: "后来加入的节点"},
		nodes: 3,
		scenes: []labScene{
			{view.Words{
				EN: "Three nodes, with one block each.\nNext, A mines five more, and the others follow. Then a fourth node starts that has never run before: all it has is the addresses of the others.",
				ZH: "三个节点，各有一个区块。\n接下来 A 再挖五个，其他节点跟上。然后启动第四个从未运行过的节点：它手里只有其他节点的地址。",
			}, []string{"mine A 5", "wait agree", "start D", "wait agree"}},
			{view.Words{
				EN: "Follow D down its line: it finds the others, shakes hands, hears of heights above its own, and asks all three for one block after another. It checks each block as if it came from Mallory.\nNext, we pull B's plug, and C mines three blocks without it.",
				ZH: "顺着 D 的线往下看：它找到别人，握手，听说对方更高，就向三个节点一个接一个地要区块。每个区块它都仔细核对，就当是 Mallory 给的。\n接下来拔掉 B 的电源，C 在没有它的情况下挖三个区块。",
			}, []string{"expect height D 5", "kill B", "mine C 3", "wait agree A C D"}},
			{view.Words{
				EN: "A, C and D are at block 8. B's disk still has the chain up to block 5.\nNext, B starts again. What will it ask for?",
				ZH: "A、C、D 到了区块 8。B 的磁盘上还有到区块 5 为止的链。\n接下来 B 重新启动。它会要什么？",
			}, []string{"start B", "wait agree", "expect height B 8"}},
			{view.Words{
				EN: "Only for what it lacks: blocks 6 to 8, and the one below them, to see that they fit.",
				ZH: "只要它缺的：区块 6 到 8，再加下面的一个，看看接得上。",
			}, nil},
		},
		question: view.Words{
			EN: "D believes nobody. How can it know that what strangers gave it is the chain?",
			ZH: "D 谁也不信。它怎么知道陌生人给的就是那条链？",
		},
		answer: view.Words{
			EN: "It checks by itself that each block has its work, follows the one before and spends only coins that exist, with their owners' signatures. What it cannot check is whether there is a longer chain that nobody told it of. So it asks many.",
			ZH: "它自己核对：每个区块有工作量，接在前一个之后，只花存在的币，并有主人的签名。它核对不了的是：会不会还有一条没人告诉它的更长的链。所以它要问许多节点。",
		},
	},
	{
		name:    "lookup",
		title:   view.Words{EN: "A lookup, hop by hop", ZH: "一次查找，逐跳展开"},
		nodes:   20,
		setting: setting{discovery: true},
		scenes: []labScene{
			{view.Words{
				EN: "Twenty nodes that do nothing but find each other. None knows all: a bucket of a table holds only one contact here, so that even among twenty a search takes a few hops.\nNext, A looks for S. It knows the ID of S, but not the address.",
				ZH: "二十个节点，只做一件事：互相查找。谁也不认识全部：这里路由表的一个桶只放一个联系人，所以只有二十个节点，也要跳几次才能找到。\n接下来 A 要找 S：知道 S 的 ID，但不知道地址。",
			}, []string{"lookup A S"}},
			{view.Words{
				EN: "A asked the contact in its table that is nearest to S. That one named the nearest that it knew, A asked this one next, and so on. Read the distances from S, as powers of two: with each hop they get smaller, since more of the leading bits are those of S.\nNext, B looks for S, too. Will it ask the same nodes?",
				ZH: "A 先问自己路由表里离 S 最近的联系人。它说出自己知道的最近的节点，A 再去问那个节点，如此下去。看到 S 的距离，都写成 2 的幂：每跳一次都变小，因为开头与 S 相同的比特更多了。\n接下来 B 也来找 S。它会问同样的节点吗？",
			}, []string{"lookup B S"}},
			{view.Words{
				EN: "In the end, yes: the nearer to S, the fewer nodes there are to ask, and all ways lead through them.",
				ZH: "快到头的时候，会：S 附近只有几个节点，条条路都要经过它们。",
			}, nil},
		},
		question: view.Words{
			EN: "With a million nodes instead of twenty, and k = 20 as in real life: how many hops would it take?",
			ZH: "如果不是二十个而是一百万个节点，并且 k = 20：要几跳？",
		},
		answer: view.Words{
			EN: "Four or five. A hop gains at least one bit, and log₂ of a million is twenty: twenty hops, then. But of the twenty contacts in a bucket the nearest gains about log₂ 20 bits more, which is more than four.",
			ZH: "四五跳。每一跳至少多对上一个比特，一百万取 log₂ 是二十，那就是二十跳。但一个桶里有二十个联系人，其中最近的大约还能多对上 log₂ 20 个，即四个多比特。",
		},
	},
	{
		name:    "majority",
		title:   view.Words{EN: "A secret, longer branch", ZH: "一条偷偷挖出来的、更长的分支"},
		nodes:   5,
		setting: setting{people: []string{"alice", "bob", "mia", "mallory"}},
		scenes: []labScene{
			{view.Words{
				EN: "Mallory has computers D and E again. Bob has learned something since: he wants to see two confirmations.\nNext, she mines a block to have 1000 coins, and copies her wallet to E.",
				ZH: "Mallory 还是有 D 和 E 两台电脑。Bob 学乖了：他要看到两个确认。\n接下来她挖一个区块，得到 1000 个币，再把钱包复制到 E。",
			}, []string{"mine D", "wait agree", "copy mallory E"}},
			{view.Words{
				EN: "All is as it should be: one chain, and Mallory's 1000 coins in it.\nNext, she unplugs D from the network, and pays Bob 900 at E. Mia mines the payment, and one block more.",
				ZH: "一切正常：一条链，上面有 Mallory 的 1000 个币。\n接下来她拔掉 D 的网线，在 E 上付给 Bob 900。Mia 把付款挖进区块，又多挖一个。",
			}, []string{"cut D A,B,C,E", "send mallory bob 900 at E", "wait pool C 1", "mine C 2", "wait height B 3", "expect balance bob 900 at B"}},
			{view.Words{
				EN: "Bob has his two confirmations, and hands over the guitar.\nNext, where nobody sees it, Mallory pays the same coin to herself at D, and mines three blocks on top of the last one that all have.",
				ZH: "Bob 有了两个确认，交出了吉他。\n接下来，在没人看见的地方，Mallory 在 D 上把同一枚币付给自己，并在大家共有的最后一个区块上挖三个。",
			}, []string{"send mallory mallory 900 at D", "mine D 3", "expect height D 4", "expect height B 3"}},
			{view.Words{
				EN: "D has the longer chain, by one block, and no other node knows of it.\nNext, she plugs D in again.",
				ZH: "D 的链更长，多一个区块，而别的节点都不知道。\n接下来她把 D 的网线插回去。",
			}, []string{"heal", "wait agree", "expect height B 4", "expect balance bob 0 at B", "expect balance mallory 4000 at B", "wait pool B 0"}},
			{view.Words{
				EN: "Every node took the longer chain, as it should, and Bob's coins are gone with both confirmations. Mallory has the guitar, her 1000 coins, and 3000 more for the three blocks. No rule was broken: she was quicker than Mia.",
				ZH: "每个节点都按规矩换到了更长的链，Bob 的币连同两个确认一起没了。Mallory 得了吉他，1000 个币也还在，三个区块又给了她 3000。规则一条也没违反：她只是比 Mia 快。",
			}, nil},
		},
		question: view.Words{
			EN: "How many confirmations would have saved Bob?",
			ZH: "要几个确认才能保住 Bob？",
		},
		answer: view.Words{
			EN: "It depends on how quick Mallory is. With more than half of all computing power she always wins in the end, so no number is enough. With less, each confirmation makes it less likely: `go run . attack majority -power 30 -confirmations 6` plays that out.",
			ZH: "取决于 Mallory 有多快。要是她有一半以上的算力，最终总会赢，多少个都不够。不到一半，每多一个确认就更难：`go run . attack majority -power 30 -confirmations 6` 会演给你看。",
		},
	},
	{
		name:  "python",
		title: view.Words{EN: "Two nodes mine one pool", ZH: "两个节点挖同一个交易池"},
		nodes: 2,
		scenes: []labScene{
			{view.Words{
				EN: "In the tutorial's program each node mines as soon as its pool is full. The pools of all fill with the same payments, so all begin at once.\nNext, Alice pays Bob, and the payment is in both pools. A message takes a moment, in which the other node mines, too: we hold the messages on the wire, let both mine, and let the messages go on.",
				ZH: "文章的程序里，每个节点的池子一满就挖。大家的池子里装的是同样的付款，于是同时开挖。\n接下来 Alice 付款给 Bob，两个交易池里都有这笔付款。消息要走一会儿，其间对方也在挖：我们把消息停在线上，让两边都挖，再放行。",
			}, []string{"send alice bob 100", "wait pool B 1", "pause", "mine A", "mine B", "resume"}},
			{view.Words{
				EN: "Two blocks at height 1, both valid, both with the payment. Each node hears that the other is as high as itself, and keeps what it has. The tutorial's program never gets out of this: the next block of one node follows a block that the other does not have, and is refused. In twelve runs of the tutorial's own test that split its network six times, for good.\nWith this program a fork lasts only until one chain is the longer one. Next, A mines a block.",
				ZH: "高度 1 有两个区块，都有效，都含这笔付款。每个节点听说对方和自己一样高，就保留自己的。文章的程序再也走不出来：一方的下一个区块接在对方没有的区块后面，会被拒绝。文章自己的测试跑了十二次，有六次网络就此永远分裂。\n在我们的程序里，只要有一条链更长，分叉就结束。接下来 A 挖一个区块。",
			}, []string{"expect differ A B", "mine A", "wait agree", "expect height B 2", "expect balance bob 100 at B"}},
			{view.Words{
				EN: "B asked for A's blocks from where the chains part, took its own block off, and put two on.",
				ZH: "B 从两条链分开的地方起要 A 的区块，撤下自己的一个，接上两个。",
			}, nil},
		},
		question: view.Words{
			EN: "A node of this program seldom gets into such a fork at all. What would you have it do?",
			ZH: "我们的节点其实很少走进这种分叉。换了你会怎么做？",
		},
		answer: view.Words{
			EN: "Mine at different times: the node that took the last payment mines at once, and those whose pools were filled by others wait for one to three heartbeats, by chance. Bitcoin leaves it to chance alone: a block takes ten minutes, a message seconds.",
			ZH: "不同时挖：收下最后一笔付款的节点马上挖，池子被别人填满的节点随机等一到三次心跳。比特币只靠运气：一个区块要十分钟，一条消息只要几秒。",
		},
	},
}

// playing is a lesson under way.
type playing struct {
	lesson
	next   chan struct{} // holds a token: go on
	stops  bool          // it does now; guarded by the lab's mu, as isOver
	isOver bool          // its question is asked
	cancel context.CancelFunc
	ended  chan struct{}
}

var errNoLesson = errors.New("no such lesson")

func findLesson(name string) (lesson, error) {
	var names []string
	for _, candidate := range lessons {
		if candidate.name == name {
			return candidate, nil
		}
		names = append(names, candidate.name)
	}
	return lesson{}, fmt.Errorf("%.40q: %w: there are %s", name, errNoLesson, joinWords(names))
}

// play plays a lesson to its end, instead of the one that is played. The error
// says what did not go as it is told.
func (l *lab) play(ctx context.Context, name string) error {
	chosen, err := findLesson(name)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p := &playing{lesson: chosen, next: make(chan struct{}, 1), cancel: cancel, ended: make(chan struct{})}
	defer close(p.ended)

	l.mu.Lock()
	before := l.lesson
	l.lesson = p
	l.mu.Unlock()
	if before != nil {
		before.cancel()
		<-before.ended
	}
	if err := l.reasonToStop(ctx); err != nil { // another one has begun meanwhile
		return err
	}

	err = l.perform(ctx, p)
	if err != nil && ctx.Err() == nil {
		l.record.say(view.LabLesson{Name: p.name, Title: p.title, Steps: len(p.scenes), Over: true, Failed: err.Error()})
	}
	return err
}

// perform plays the scenes.
func (l *lab) perform(ctx context.Context, p *playing) error {
	at := view.LabLesson{Name: p.name, Title: p.title, Steps: len(p.scenes)}
	l.record.say(at)
	if err := l.begin(ctx, p.nodes, p.setting); err != nil {
		return err
	}

	for i, scene := range p.scenes {
		at.Step, at.Say, at.Stops = i+1, scene.say, l.config.stops
		l.lookAtAll()
		l.mu.Lock()
		p.stops = at.Stops // now, or whoever hears of it might be too quick
		l.mu.Unlock()
		l.record.say(at)
		if err := l.stop(ctx, p); err != nil {
			return err
		}
		for _, line := range scene.lines { // Do ends with ctx
			if _, err := l.Do(ctx, line); err != nil {
				return fmt.Errorf("lesson %s, at `%s`: %w", p.name, line, err)
			}
		}
	}

	l.lookAtAll()
	at.Say, at.Answer, at.Stops, at.Over = p.question, p.answer, false, true
	l.mu.Lock()
	p.isOver = true
	l.mu.Unlock()
	l.record.say(at)
	return nil
}

// stop waits for the line "next", if lessons stop.
func (l *lab) stop(ctx context.Context, p *playing) error {
	if !l.config.stops {
		return l.reasonToStop(ctx)
	}
	select {
	case <-p.next:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-l.ctx.Done():
		return errLabClosed
	}
}

// playWord begins a lesson, and does not wait for its end.
func (l *lab) playWord(_ context.Context, args []string) (said view.Words, err error) {
	if len(args) != 1 {
		return said, errUsage
	}
	if _, err := findLesson(args[0]); err != nil {
		return said, err
	}

	l.mu.Lock() // so that close waits for it, or it does not begin
	defer l.mu.Unlock()
	if l.ctx.Err() != nil {
		return said, errLabClosed
	}
	l.wg.Go(func() { l.play(l.ctx, args[0]) }) // its end is told as an event
	return said, nil
}

var errNotPlaying = errors.New("no lesson is played: `lessons` lists them")

// next lets the lesson go on, once for each stop: a second click is one too many.
func (l *lab) next(context.Context, []string) (said view.Words, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.lesson
	switch {
	case p == nil:
		return said, errNotPlaying
	case !p.stops:
		return said, errors.New("the lesson does not stop here: it goes on, or is over")
	}
	p.stops = false
	p.next <- struct{}{}
	return said, nil
}

func (l *lab) answer(context.Context, []string) (said view.Words, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.lesson == nil:
		return said, errNotPlaying
	case !l.lesson.isOver:
		return said, errors.New("the lesson asks its question at its end: `next` leads there")
	}
	return l.lesson.lesson.answer, nil
}

func (l *lab) listLessons(context.Context, []string) (said view.Words, err error) {
	var en, zh [][]string
	for _, lesson := range lessons {
		en = append(en, []string{lesson.name, lesson.title.EN})
		zh = append(zh, []string{lesson.name, lesson.title.ZH})
	}
	return view.Words{EN: inColumns(en), ZH: inColumns(zh)}, nil
}
