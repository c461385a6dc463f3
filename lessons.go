package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

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

// A labScene is a paragraph, at which the lesson stops, and the lines that are
// carried out then.
type labScene struct {
	say   view.Words
	lines []string
}

var lessons = []lesson{
	{
		name:    "article",
		title:   view.Words{EN: "The tutorial's test", ZH: "教程里的测试"},
		nodes:   2,
		setting: setting{bare: true, poolSize: 2},
		scenes: []labScene{
			{view.Words{
				EN: "Two nodes, and no chain yet. A will start one: its block 0 pays 1000 coins to Alice, out of nothing. Watch how B gets to know: nobody sends it a block unasked.",
				ZH: "两个节点，还没有链。A 将创建一条：区块 0 凭空付给 Alice 1000 个币。看 B 怎样得知：没有人会主动把区块发给它。",
			}, []string{"genesis A", "wait agree", "expect balance alice 1000 at B"}},
			{view.Words{
				EN: "B heard in a handshake that A is higher, and asked for the block. Now Bob makes a wallet at B, and Alice pays him 100. A pool here is full with two payments, so this one waits, at both nodes.",
				ZH: "B 在握手中听说 A 更高，便去要那个区块。接着 Bob 在 B 上建钱包，Alice 付给他 100。这里的交易池两笔才满，所以这一笔在两个节点上都等着。",
			}, []string{"wallet B", "send alice bob 100", "wait pool B 1"}},
			{view.Words{
				EN: "Alice pays the same again. She has one coin only, of 1000, and both payments spend it. The pool is full now, and A mines. What will the balances be?",
				ZH: "Alice 再付一次同样的款。她只有一个 1000 的币，两笔付款花的都是它。交易池满了，A 开始挖矿。余额会是多少？",
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
			ZH: "从来就没有两笔。它们花同一个币、付给同样的人同样的数目，txid 也就相同：是同一笔交易。若第二笔是 150，那就是另一笔花同一个币的交易，矿工会把它丢弃。",
		},
	},
	{
		name:  "fork",
		title: view.Words{EN: "A fork, and how it ends", ZH: "分叉，以及它如何结束"},
		nodes: 4,
		scenes: []labScene{
			{view.Words{
				EN: "Four nodes, one chain: all columns end in the same block. Now we cut the network in two, A and B on one side, C and D on the other, and Alice pays Bob 100.",
				ZH: "四个节点，一条链：每一列都止于同一个区块。现在把网络剪成两半，A、B 在一边，C、D 在另一边，然后 Alice 付给 Bob 100。",
			}, []string{"cut A,B C,D", "send alice bob 100", "wait pool B 1"}},
			{view.Words{
				EN: "B has the payment. On their way to C and D the messages stand at the cut, as they would in a real cable: TCP keeps trying. Now both sides mine: A one block, with the payment in it, and C two.",
				ZH: "B 收到了付款。发往 C 和 D 的消息停在断口，和真的网线一样：TCP 会一直重试。现在两边都挖矿：A 挖一个区块，付款就在里面；C 挖两个。",
			}, []string{"mine A", "wait height B 1", "mine C 2", "wait height D 2"}},
			{view.Words{
				EN: "Look at the colours: this is a fork. Neither side does anything wrong, each has the longest chain that it has heard of. Ask Bob, and he has 100 coins; ask at C, and nobody knows of them. In a moment we mend the wires. Which side will give in?",
				ZH: "看颜色：这就是分叉。两边都没有做错，各自都有自己听说过的最长的链。问 Bob，他有 100 个币；到 C 那里问，没人知道这回事。马上要把线修好。哪一边会让步？",
			}, []string{"expect balance bob 100 at B", "expect balance bob 0 at C", "heal", "wait agree"}},
			{view.Words{
				EN: "Two blocks are more than one: A and B took their block off again, and put the other two on. With it went Bob's 100 coins. But look at the pool of A: the payment is back, and waits for another block.",
				ZH: "两个区块多于一个：A 和 B 撤下自己的区块，接上那两个。Bob 的 100 个币也随之没了。不过看 A 的交易池：付款回来了，等着进下一个区块。",
			}, []string{"expect height A 2", "expect balance bob 0 at B", "wait pool A 1"}},
			{view.Words{
				EN: "So A mines it once more, this time on top of the chain that all have.",
				ZH: "于是 A 再挖一次，这回接在大家共有的链上。",
			}, []string{"mine A", "wait agree", "expect balance bob 100 at C"}},
		},
		question: view.Words{
			EN: "Bob saw his payment in a block, and then it was gone for a while. When should he hand over the goods?",
			ZH: "Bob 看到付款进了区块，后来又消失了一阵。他该什么时候交货？",
		},
		answer: view.Words{
			EN: "Once a few more blocks stand on top of the payment's. To take it off again, somebody has to mine more blocks than those, and each one makes that less likely. In Bitcoin people wait for six. `attack majority` shows what each of them is worth.",
			ZH: "等那个区块上面再接几个区块。要撤下它，就得挖出比这更多的区块，每多一个就更难。比特币里人们通常等六个。`attack majority` 会告诉你每一个值多少。",
		},
	},
	{
		name:    "double-spend",
		title:   view.Words{EN: "Mallory pays twice", ZH: "Mallory 一币两付"},
		nodes:   5,
		setting: setting{people: []string{"alice", "bob", "mia", "mallory"}},
		scenes: []labScene{
			{view.Words{
				EN: "Mallory has two computers, D and E, with the same wallet on both: a wallet is only a key, and a key can be copied. She mines a block, so she has 1000 coins.",
				ZH: "Mallory 有两台电脑 D 和 E，上面是同一个钱包：钱包不过是一把密钥，而密钥可以复制。她挖一个区块，于是有了 1000 个币。",
			}, []string{"mine D", "wait agree", "copy mallory E", "expect balance mallory 1000 at E"}},
			{view.Words{
				EN: "Now the network falls apart. Alice at A, and Mia who mines at C, still reach D. Bob at B still reaches E. Mallory pays Alice 900 coins at D, and with the very same coin she pays Bob 900 at E.",
				ZH: "网络断成两半。A 上的 Alice 和在 C 挖矿的 Mia 还能连到 D，B 上的 Bob 还能连到 E。Mallory 在 D 上付给 Alice 900，又用同一个币在 E 上付给 Bob 900。",
			}, []string{"cut A,C,D B,E", "send mallory alice 900 at D", "send mallory bob 900 at E", "wait pool C 1", "wait pool B 1"}},
			{view.Words{
				EN: "Each side checks the payment it sees, and finds nothing wrong. Mia mines a block on her side; on the other side E mines two.",
				ZH: "两边各自核对自己看到的付款，都没发现问题。Mia 在这边挖一个区块，那边的 E 挖两个。",
			}, []string{"mine C", "mine E 2", "wait height A 2", "wait height B 3", "expect balance alice 1900 at A", "expect balance bob 900 at B"}},
			{view.Words{
				EN: "Alice sees her 900 coins in a block, and hands Mallory a bicycle. Bob sees his in a block, and hands her a guitar. Then the network comes together again. Who will have the coins?",
				ZH: "Alice 看到 900 个币进了区块，把自行车交给 Mallory。Bob 也看到自己的进了区块，把吉他交给她。然后网络重新连通。币会在谁手里？",
			}, []string{"heal", "wait agree", "expect balance alice 1000 at A", "expect balance bob 900 at A"}},
			{view.Words{
				EN: "The longer chain, and so Bob. This time the payment does not wait in a pool to come back: its coin is spent on the chain that holds. Alice gave a bicycle for nothing.",
				ZH: "在更长的链上，也就是 Bob 手里。这一次付款不会在交易池里等着回来：它的币在生效的链上已被花掉。Alice 白白送出了自行车。",
			}, []string{"wait pool A 0", "wait pool D 0"}},
		},
		question: view.Words{
			EN: "No rule was broken, and each coin was spent once. What could Alice have looked at before she gave the bicycle away?",
			ZH: "没有规则被违反，每个币也只花了一次。Alice 在交出自行车之前本可以看什么？",
		},
		answer: view.Words{
			EN: "At the number of blocks on top of hers, which was none, and at her peers: two of four had fallen silent. One confirmation means that somebody has mined the payment, not that the whole network has seen it.",
			ZH: "看自己那个区块上面又接了几个区块（一个也没有），还有看同伴：四个里有两个没了声音。一个确认只说明有人挖出了这笔付款，不说明全网都看到了。",
		},
	},
	{
		name:  "late",
		title: view.Words{EN: "A node joins late", ZH: "后来加入的节点"},
		nodes: 3,
		scenes: []labScene{
			{view.Words{
				EN: "Three nodes. A mines five blocks, and the others follow. Then a fourth node starts that has never run before: all it has is the addresses of the others.",
				ZH: "三个节点。A 挖五个区块，其他节点跟上。然后启动第四个从未运行过的节点：它手里只有其他节点的地址。",
			}, []string{"mine A 5", "wait agree", "start D", "wait agree"}},
			{view.Words{
				EN: "Follow D down its line: it finds the others, shakes hands, hears a height that is above its own, and asks for one block after another. It checks each of them as if it came from Mallory. Now we pull B's plug, and the others go on without it.",
				ZH: "顺着 D 的线往下看：它找到别人，握手，听说对方更高，就一个接一个地要区块。每个区块它都仔细核对，就当是 Mallory 给的。现在拔掉 B 的电源，其他节点继续。",
			}, []string{"expect height D 5", "kill B", "mine C 3", "wait agree A C D"}},
			{view.Words{
				EN: "B starts again. Its disk still has the chain as far as block 5. What will it ask for?",
				ZH: "B 重新启动。它的磁盘上还有到区块 5 为止的链。它会要什么？",
			}, []string{"start B", "wait agree", "expect height B 8"}},
			{view.Words{
				EN: "Only for what it lacks: blocks 6 to 8, and one below them to see that they fit.",
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
				EN: "Twenty nodes that do nothing but find each other. None knows all: a bucket of a table holds only one contact here, so twenty nodes are as hard to search as thousands. A looks for S. It knows the ID of S, but not the address.",
				ZH: "二十个节点，只做一件事：互相查找。谁也不认识全部：这里路由表的一个桶只放一个联系人，二十个节点找起来就像几千个一样难。A 要找 S：知道 S 的 ID，但不知道地址。",
			}, []string{"lookup A S"}},
			{view.Words{
				EN: "A asked the contact of its table that is nearest to S. That one named the nearest that it knows, A asked this next, and so on. Read the distances, each a power of two: with each hop more of the leading bits are those of S. Now B looks for S, too. Will it ask the same nodes?",
				ZH: "A 先问自己路由表里离 S 最近的联系人。它说出自己知道的最近的节点，A 再去问那个节点，如此下去。看那些距离，都是 2 的幂：每一跳，开头与 S 相同的比特都更多。现在 B 也来找 S。它会问同样的节点吗？",
			}, []string{"lookup B S"}},
			{view.Words{
				EN: "In the end, yes: the nearer to S, the fewer nodes there are to ask, and all ways lead through them.",
				ZH: "最后是的：离 S 越近，能问的节点越少，所有的路都要经过它们。",
			}, nil},
		},
		question: view.Words{
			EN: "With a million nodes instead of twenty, and k = 20 as in real life: how many hops would it take?",
			ZH: "如果不是二十个而是一百万个节点，并且 k = 20：要几跳？",
		},
		answer: view.Words{
			EN: "Four to five at most. Each hop halves the distance at least once, which would make twenty, log₂ of a million. But a bucket with twenty contacts skips log₂ 20, more than four bits, at once.",
			ZH: "最多四五跳。每一跳至少把距离减半，一百万取 log₂ 是二十跳。但一个桶有二十个联系人，一次就跳过 log₂ 20，即四个多比特。",
		},
	},
	{
		name:    "majority",
		title:   view.Words{EN: "A secret, longer branch", ZH: "秘密挖出的更长分支"},
		nodes:   5,
		setting: setting{people: []string{"alice", "bob", "mia", "mallory"}},
		scenes: []labScene{
			{view.Words{
				EN: "Mallory has computers D and E again, one wallet on both, and 1000 coins. Bob has learned something since: he wants to see two confirmations.",
				ZH: "Mallory 还是有 D 和 E 两台电脑、同一个钱包和 1000 个币。Bob 学乖了：他要看到两个确认。",
			}, []string{"mine D", "wait agree", "copy mallory E"}},
			{view.Words{
				EN: "She unplugs D, and pays Bob 900 coins at E. Mia mines the payment, and one block more. Bob has his two confirmations, and hands over the guitar.",
				ZH: "她拔掉 D 的网线，在 E 上付给 Bob 900。Mia 把付款挖进区块，又挖了一个。Bob 有了两个确认，交出了吉他。",
			}, []string{"cut D A,B,C,E", "send mallory bob 900 at E", "wait pool C 1", "mine C 2", "wait height B 3", "expect balance bob 900 at B"}},
			{view.Words{
				EN: "Meanwhile, where nobody sees it, D pays the same coin to Mallory herself, and mines three blocks on top of the last one that all have. Look at D's column. Bob's shows nothing of it.",
				ZH: "与此同时，在没人看见的地方，D 把同一个币付给 Mallory 自己，并在大家共有的最后一个区块上挖了三个。看 D 那一列；Bob 那列什么也看不出来。",
			}, []string{"send mallory mallory 900 at D", "mine D 3", "expect height D 4", "expect height B 3"}},
			{view.Words{
				EN: "Now she plugs D in again.",
				ZH: "现在她把 D 的网线插回去。",
			}, []string{"heal", "wait agree", "expect height B 4", "expect balance bob 0 at B"}},
			{view.Words{
				EN: "Every node took the longer chain, as it should, and Bob's coins are gone with both confirmations. Mallory has the guitar and the 1000 coins. No rule was broken: she was quicker than Mia.",
				ZH: "每个节点都按规矩换到了更长的链，Bob 的币连同两个确认一起没了。Mallory 得了吉他，1000 个币也还在。没有规则被违反：她只是比 Mia 快。",
			}, []string{"wait pool B 0"}},
		},
		question: view.Words{
			EN: "How many confirmations would have saved Bob?",
			ZH: "要几个确认才能保住 Bob？",
		},
		answer: view.Words{
			EN: "It depends on how quick Mallory is. With more than half of all computing power she always wins in the end. With less, each confirmation makes it less likely: `go run . attack majority -power 30 -confirmations 6` plays that out.",
			ZH: "取决于 Mallory 有多快。若她有一半以上的算力，最终总会赢。不到一半，每多一个确认就更难：`go run . attack majority -power 30 -confirmations 6` 会演给你看。",
		},
	},
	{
		name:  "python",
		title: view.Words{EN: "Two nodes mine one pool", ZH: "两个节点挖同一个池"},
		nodes: 2,
		scenes: []labScene{
			{view.Words{
				EN: "Alice pays Bob, and both nodes have the payment in their pools. In the tutorial's program each node mines as soon as its pool is full, and so both begin at once. Messages take a moment: we hold them on the wire, and let both mine.",
				ZH: "Alice 付款给 Bob，两个节点的交易池里都有这笔付款。教程的程序里，每个节点池一满就挖，于是两边同时开挖。消息要走一会儿：我们把它们停在线上，让两边都挖。",
			}, []string{"send alice bob 100", "wait pool B 1", "pause", "mine A", "mine B", "resume"}},
			{view.Words{
				EN: "Two blocks at height 1, both valid, both with the payment. Each node hears that the other is as high as itself, and keeps what it has. The tutorial's program never gets out of this: the next block of one node follows a block that the other does not have, and is refused. In twelve runs of the tutorial's own test that split its network six times, for good.",
				ZH: "高度 1 有两个区块，都有效，都含这笔付款。每个节点听说对方和自己一样高，就保留自己的。教程的程序再也走不出来：一方的下一个区块接在对方没有的区块后面，会被拒绝。教程自己的测试跑了十二次，有六次网络就此永远分裂。",
			}, []string{"expect differ A B"}},
			{view.Words{
				EN: "Here the next block decides. A mines one.",
				ZH: "在这里，下一个区块说了算。A 挖一个。",
			}, []string{"mine A", "wait agree", "expect height B 2", "expect balance bob 100 at B"}},
			{view.Words{
				EN: "B asked for the blocks of A from where the chains part, took its own one off, and put two on.",
				ZH: "B 从两条链分开的地方起要 A 的区块，撤下自己的一个，接上两个。",
			}, nil},
		},
		question: view.Words{
			EN: "A node of this program seldom gets into this fork at all. What would you have it do?",
			ZH: "本程序的节点其实很少走进这种分叉。换了你会怎么做？",
		},
		answer: view.Words{
			EN: "Not mine at the same time: the node that took the last payment mines at once, and those whose pools were filled by others wait for one to three heartbeats, by chance. Bitcoin leaves it to chance alone: a block takes ten minutes, a message seconds.",
			ZH: "不同时挖：收下最后一笔付款的节点马上挖，池子被别人填满的节点随机等一到三次心跳。比特币只靠运气：一个区块要十分钟，一条消息只要几秒。",
		},
	},
}

// playing is a lesson under way.
type playing struct {
	lesson
	next   chan struct{} // takes a token: go on
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
	p := &playing{chosen, make(chan struct{}, 1), cancel, make(chan struct{})}
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
		p.forgetNext()
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
	l.record.say(at)
	return nil
}

// forgetNext forgets a "next" that came before there was anything to go on from: a
// key that was pressed twice must not skip what the lesson says next.
func (p *playing) forgetNext() {
	select {
	case <-p.next:
	default:
	}
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
func (l *lab) playWord(_ context.Context, args []string) (string, error) {
	if len(args) != 1 {
		return "", errUsage
	}
	if _, err := findLesson(args[0]); err != nil {
		return "", err
	}

	l.mu.Lock() // so that close waits for it, or it does not begin
	defer l.mu.Unlock()
	if l.ctx.Err() != nil {
		return "", errLabClosed
	}
	l.wg.Go(func() { l.play(l.ctx, args[0]) }) // its end is told as an event
	return "", nil
}

func (l *lab) current() *playing {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lesson
}

func (l *lab) next(context.Context, []string) (string, error) {
	p := l.current()
	if p == nil {
		return "", errors.New("no lesson is played: `lessons` lists them")
	}
	select {
	case p.next <- struct{}{}:
	default: // it goes on already
	}
	return "", nil
}

func (l *lab) answer(context.Context, []string) (string, error) {
	p := l.current()
	if p == nil {
		return "", errors.New("no lesson is played: `lessons` lists them")
	}
	return p.lesson.answer.EN, nil
}

func (l *lab) listLessons(context.Context, []string) (string, error) {
	var lines []string
	for _, lesson := range lessons {
		lines = append(lines, fmt.Sprintf("%-12s  %s", lesson.name, lesson.title.EN))
	}
	return strings.Join(lines, "\n"), nil
}
