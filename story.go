package main

import (
	"fmt"
	"log/slog"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"gosimpleblockchain/view"
)

// What the log says, in the words of a person. The log has constant messages,
// and facts under keys; all that tells a story of it, in the terminal or on the
// page, takes its sentences from here.

// A telling is a sentence for a message. The node is its subject, which is left
// out, so that it can be told of "A", too. In braces are the facts: {peer}, and
// {txs transaction} for "1 transaction" or "2 transactions".
type telling struct {
	when   string // facts that the message must have for it: "kind=get block, reply=true"
	en, zh string
}

// sentences has those of each message. The first that fits is told: whose
// facts are all there, and as they must be.
var sentences = parseTellings(map[string][]telling{
	// The node itself: node.go, db.go.
	"listening": {
		{"", "listens on {addr}; commands on {rpc}; data in {data}",
			"在 {addr} 监听；命令端口 {rpc}；数据目录 {data}"},
	},
	"bug in the page": {
		{"", "met a bug of this program in the page {path}: {err}: {stack}",
			"在页面 {path} 遇到本程序的错误：{err}：{stack}"},
	},
	"chain moved aside": {
		{"", "moved the old chain aside, to {file}",
			"已把旧链移到 {file}"},
	},
	"UTXO set is not at the tip: reindexing": {
		{"", "builds its list of unspent coins anew, up to block {height}",
			"重建未花费币的索引，直到区块 {height}"},
	},
	"bootstrap address is this node's own": {
		{"", "does not join {peer}, which is its own address",
			"不加入 {peer}：那是它自己的地址"},
	},
	"no node answers at the bootstrap address yet": {
		{"", "is to join {peer}, where no node answers over UDP yet",
			"要加入 {peer}，但那里还没有节点在 UDP 上应答"},
	},
	"bootstrap address is unknown": {
		{"", "cannot find the address of {peer}: {err}",
			"找不到 {peer} 的地址：{err}"},
	},
	"addresses of peers not saved": {
		{"", "could not save where its peers are: {err}",
			"无法保存各个节点的地址：{err}"},
	},

	// Blocks: blockchain.go, miner.go, network/sync.go.
	"block accepted": {
		{"height=0, added=1", "has a chain now: its block 0 is {hash}",
			"有了一条链：区块 0 是 {hash}"},
		{"added=1", "put block {height}, {hash}, on its chain",
			"把区块 {height}（{hash}）接到链上"},
		{"", "put {added block} on its chain, up to block {height}, {hash}",
			"把 {added} 个区块接到链上，直到区块 {height}（{hash}）"},
	},
	"branch switched": {
		{"", "took a longer branch: {removed block} off, {added} on, up to {height}, {hash}",
			"换到更长的分支：撤下 {removed} 个区块，接上 {added} 个，直到 {height}（{hash}）"},
	},
	"block mined": {
		{"", "mined empty block {height}, {hash}, over a Python peer at {over}",
			"挖出空区块 {height}（{hash}），超过 Python 节点的 {over}"},
		{"", "mined block {height}, {hash}, with {txs transaction}, and announces it",
			"挖出区块 {height}（{hash}），含 {txs} 笔交易，并通知其他节点"},
	},
	"blocks synced": {
		{"blocks=1", "got block {height}, {hash}, from {peer}, which was ahead",
			"从 {peer} 得到区块 {height}（{hash}）：它的链更高"},
		{"", "rose {blocks block} with those of {peer}, to {height}, {hash}",
			"从 {peer} 取来区块，链升高 {blocks}，到 {height}（{hash}）"},
	},
	"blocks not stored": {
		{"", "could not store the blocks of {peer}: {err}",
			"无法保存 {peer} 的区块：{err}"},
	},
	"blocks of peer not taken yet": {
		{"", "does not take the blocks of {peer}: {err}",
			"不接受 {peer} 的区块：{err}"},
	},
	"chain of peer not taken": {
		{"", "does not take the chain of {peer}: {err}",
			"不接受 {peer} 的链：{err}"},
	},

	// Payments: txpool.go, miner.go.
	"transaction pooled": {
		{"own=true", "pooled its own payment {tx}: {pool} in the pool now",
			"把自己的付款 {tx} 放进交易池：池中现有 {pool} 笔"},
		{"", "checked payment {tx}, and pooled it: {pool} in the pool now",
			"核对付款 {tx} 后放进交易池：池中现有 {pool} 笔"},
	},
	"transaction dropped": {
		{"own=true", "dropped its own payment {tx}: {err}",
			"丢弃自己的付款 {tx}：{err}"},
		{"", "dropped payment {tx}: {err}",
			"丢弃付款 {tx}：{err}"},
	},
	"transaction refused": {
		{"", "refused a payment: {err}",
			"拒绝一笔付款：{err}"},
	},
	"pool is full but not mined": {
		{"", "cannot mine the full pool: {err}",
			"交易池已满，却挖不出区块：{err}"},
	},
	"pool does not follow the chain": {
		{"", "could not bring the pool in line with the chain: {err}",
			"无法让交易池跟上链：{err}"},
	},
	"payment stays saved, though it cannot be made": {
		{"", "could not delete a saved payment that cannot be made: {err}",
			"无法删除一笔已不能成立的付款：{err}"},
	},

	// Peers: network, kademlia.
	"peer found": {
		{"", "found {peer} over UDP: it answered a ping; ID {id}",
			"通过 UDP 发现 {peer}：它应答了 ping；ID 为 {id}"},
	},
	"peer connected": {
		{"height=-1", "connected to {peer}, which has no chain yet",
			"已连接 {peer}，它还没有链"},
		{"", "connected to {peer}, whose chain has height {height}",
			"已连接 {peer}，它的链高度是 {height}"},
	},
	"Python peer no longer asks": {
		{"", "shows {peer}, a Python node that asks no more, a new ID",
			"以新 ID 出现在 {peer} 面前：那个 Python 节点近来什么也没问"},
	},
	"peer disconnected": {
		{"err=EOF", "lost the connection to {peer}, which hung up",
			"与 {peer} 的连接断了：对方已挂断"},
		{"", "lost the connection to {peer}: {err}",
			"与 {peer} 的连接断了：{err}"},
	},
	"peer lost": {
		{"", "lost {peer} over UDP: ID {id} no longer answers there",
			"在 UDP 上失去 {peer}：那里的 ID {id} 不再应答"},
	},
	"peer left alone": {
		{"", "leaves {peer} alone for {for}: {err}",
			"在 {for} 内不再理会 {peer}：{err}"},
	},
	"peer does not answer": {
		{"", "could not reach {peer}: {err}",
			"连不上 {peer}：{err}"},
	},
	"datagram ignored": {
		{"", "ignored a datagram from {peer}: {cause}",
			"忽略来自 {peer} 的数据报：{cause}"},
	},
	"request refused": {
		{"", "refused a request of {peer}: {err}",
			"拒绝 {peer} 的请求：{err}"},
	},
	"connection closed": {
		{"", "closed the connection from {peer}: {err}",
			"关闭来自 {peer} 的连接：{err}"},
	},
	"connection closed: a newcomer needs its place": {
		{"", "closed a connection from {peer}, to make room for another",
			"关闭来自 {peer} 的一个连接：要为新来者腾出位置"},
	},
	"connection closed: not JSON": {
		{"", "closed the connection from {peer}: not JSON: {err}",
			"关闭来自 {peer} 的连接：不是 JSON：{err}"},
	},
	"connection closed: message too long": {
		{"", "closed the connection from {peer}: message too long",
			"关闭来自 {peer} 的连接：消息太长"},
	},
	"connection closed: too many large messages at once": {
		{"", "closed the connection from {peer}: too many large messages",
			"关闭来自 {peer} 的连接：同时有太多大消息"},
	},
	"connection closed: bad transaction": {
		{"", "closed the connection from {peer}: {err}",
			"关闭来自 {peer} 的连接：{err}"},
	},
	"connection closed: peer too slow": {
		{"", "closed the connection from {peer}: it is too slow",
			"关闭来自 {peer} 的连接：对方太慢"},
	},
	"connection refused: too many from one address": {
		{"", "refused a connection from {peer}, which has too many",
			"拒绝来自 {peer} 的连接：它的连接太多"},
	},
	"connection refused: too many connections": {
		{"", "refused a connection from {peer}: there are too many",
			"拒绝来自 {peer} 的连接：连接总数太多"},
	},
	"cannot accept connections": {
		{"", "cannot accept connections: {err}",
			"无法接受连接：{err}"},
	},
	"handshake without an answer: the ledger has no status": {
		{"", "could not answer a handshake: {err}",
			"无法应答握手：{err}"},
	},
	"transaction not handed over: too many wait": {
		{"", "did not hand a payment on to {peer}: too many wait",
			"没有把一笔付款交给 {peer}：等待的太多"},
	},
	"transaction not handed over: no reply to it": {
		{"", "handed a payment on to {peer}, which did not reply",
			"把一笔付款交给 {peer}，但没有答复"},
	},

	// Messages between peers, over TCP: network.
	"message sent": {
		{"kind=handshake, reply=true, height=-1", "answered the handshake of {peer}: no chain yet",
			"应答 {peer} 的握手：还没有链"},
		{"kind=handshake, reply=true", "answered the handshake of {peer}: height {height}",
			"应答 {peer} 的握手：高度 {height}"},
		{"kind=handshake, height=-1", "shook hands with {peer}: no chain here yet",
			"与 {peer} 握手：自己还没有链"},
		{"kind=handshake", "shook hands with {peer}: height {height} here",
			"与 {peer} 握手：自己的高度是 {height}"},
		{"kind=get block", "asked {peer} for block {height}",
			"向 {peer} 要区块 {height}"},
		{"kind=block", "sent {peer} block {height}, {hash}",
			"把区块 {height}（{hash}）发给 {peer}"},
		{"kind=transactions, count=1", "sent {peer} payment {tx}",
			"把付款 {tx} 发给 {peer}"},
		{"kind=transactions, count=0", "sent {peer} no payments",
			"没有付款发给 {peer}"},
		{"kind=transactions", "sent {peer} {count payment}, first {tx}",
			"把 {count} 笔付款发给 {peer}，第一笔是 {tx}"},
		{"kind=none, reply=true", "answered {peer} that there is nothing to say",
			"应答 {peer}：没有要说的"},
		{"kind=none", "sent {peer} a message that says nothing",
			"给 {peer} 发了一条空消息"},
		{"kind=unknown", "sent {peer} a message with the unknown code {code}",
			"给 {peer} 发了一条 code 不明（{code}）的消息"},
		{"kind=transactions", "sent {peer} payments, first {tx}",
			"把若干付款发给 {peer}，第一笔是 {tx}"},
		{"", "sent {peer} a message: {kind}",
			"给 {peer} 发了一条消息：{kind}"},
	},
	"message received": {
		{"kind=handshake, reply=true, height=-1", "heard from {peer}, in reply, that it has no chain yet",
			"{peer} 答复说它还没有链"},
		{"kind=handshake, reply=true", "heard from {peer}, in reply, that its height is {height}",
			"{peer} 答复说它的高度是 {height}"},
		{"kind=handshake, height=-1", "got a handshake from {peer}, which has no chain yet",
			"收到 {peer} 的握手：它还没有链"},
		{"kind=handshake", "got a handshake from {peer}, whose height is {height}",
			"收到 {peer} 的握手：它的高度是 {height}"},
		{"kind=get block", "was asked by {peer} for block {height}",
			"{peer} 来要区块 {height}"},
		{"kind=block", "got block {height}, {hash}, from {peer}",
			"从 {peer} 收到区块 {height}（{hash}）"},
		{"kind=transactions, count=1", "got payment {tx} from {peer}",
			"从 {peer} 收到付款 {tx}"},
		{"kind=transactions, count=0", "got no payments from {peer}",
			"从 {peer} 收到空的付款列表"},
		{"kind=transactions", "got {count payment} from {peer}, first {tx}",
			"从 {peer} 收到 {count} 笔付款，第一笔是 {tx}"},
		{"kind=none, reply=true", "heard from {peer}, in reply, that it has nothing to say",
			"{peer} 答复说没有要说的"},
		{"kind=none", "got a message from {peer} that says nothing",
			"从 {peer} 收到一条空消息"},
		{"kind=unknown", "got a message with the unknown code {code} from {peer}",
			"从 {peer} 收到一条 code 不明（{code}）的消息"},
		{"kind=transactions", "got payments from {peer}, first {tx}",
			"从 {peer} 收到若干付款，第一笔是 {tx}"},
		{"", "got a bad message from {peer}: {kind}",
			"从 {peer} 收到一条内容不对的消息：{kind}"},
	},

	// Datagrams of discovery, over UDP: kademlia.
	"datagram sent": {
		{"kind=ping", "pinged {peer}", "ping 了 {peer}"},
		{"kind=pong", "answered the ping of {peer}", "应答 {peer} 的 ping"},
		{"kind=find_node, distance=-1", "asked {peer} for the nodes that are nearest to this one",
			"向 {peer} 询问离自己最近的节点"},
		{"kind=find_node", "asked {peer} for nodes around 2^{distance} from this node's ID",
			"向 {peer} 询问离自己 2^{distance} 处 ID 附近的节点"},
		{"kind=find_value", "asked {peer} for a value", "向 {peer} 询问一个值"},
		{"kind=store", "asked {peer} to store a value", "请 {peer} 保存一个值"},
		{"kind=stored", "told {peer} that its value is stored", "告诉 {peer} 值已保存"},
		{"kind=nodes", "told {peer} of {count node}", "告诉 {peer} {count} 个节点"},
		{"kind=value", "sent {peer} a value", "把一个值发给 {peer}"},
		{"kind=stun", "asked {peer} under which address it sees this node", "问 {peer} 看到自己的地址是什么"},
		{"kind=address", "told {peer} under which address it is seen", "告诉 {peer} 它的地址看来是什么"},
	},
	"datagram received": {
		{"kind=ping", "was pinged by {peer}", "被 {peer} ping 了"},
		{"kind=pong", "got the answer of {peer} to a ping", "{peer} 应答了 ping"},
		{"kind=find_node, distance=-1", "was asked by {peer} for the nodes nearest to itself",
			"{peer} 来询问离它自己最近的节点"},
		{"kind=find_node", "was asked by {peer} for nodes around 2^{distance} from its own ID",
			"{peer} 来询问离它 2^{distance} 处 ID 附近的节点"},
		{"kind=find_value", "was asked by {peer} for a value", "{peer} 来询问一个值"},
		{"kind=store", "was asked by {peer} to store a value", "{peer} 请求保存一个值"},
		{"kind=stored", "heard from {peer} that the value is stored", "{peer} 说值已保存"},
		{"kind=nodes", "was told of {count node} by {peer}", "从 {peer} 得知 {count} 个节点"},
		{"kind=value", "got a value from {peer}", "从 {peer} 得到一个值"},
		{"kind=stun", "was asked by {peer} under which address it is seen", "{peer} 来问它的地址看来是什么"},
		{"kind=address", "was told its own address by {peer}", "从 {peer} 得知自己的地址"},
	},
	"datagram not sent": {
		{"", "could not send a datagram to {peer}: {err}",
			"无法向 {peer} 发送数据报：{err}"},
	},
	"lookup begun": {
		{"distance=-1", "looks for the nodes nearest to its own ID, {alpha} questions at a time",
			"开始查找离自己 ID 最近的节点，同时问 {alpha} 个"},
		{"", "looks for the nodes nearest ID {target}, 2^{distance} from its own",
			"开始查找 ID {target}（离自己 2^{distance}）附近的节点"},
	},
	"lookup asks": {
		{"hops=1, distance=-1", "asks {peer} of its table, which has the ID {target}",
			"询问路由表中的 {peer}：它的 ID 就是 {target}"},
		{"hops=1", "asks {peer} of its table, 2^{distance} from {target}",
			"询问路由表中的 {peer}：离 {target} 2^{distance}"},
		{"distance=-1", "asks {peer}, {hops} hops away, which has the ID {target}",
			"询问 {hops} 跳外的 {peer}：它的 ID 就是 {target}"},
		{"", "asks {peer}, {hops} hops away, 2^{distance} from {target}",
			"询问 {hops} 跳外的 {peer}：离 {target} 2^{distance}"},
	},
	"lookup answer": {
		{"nearest=-1", "heard of {count node} from {peer}; nearest: the very ID",
			"从 {peer} 得知 {count} 个节点：目前最近的就是目标本身"},
		{"", "heard of {count node} from {peer}; nearest so far: 2^{nearest} away",
			"从 {peer} 得知 {count} 个节点：目前最近的距离是 2^{nearest}"},
	},
	"lookup without answer": {
		{"", "counts {peer} out in the lookup of {target}: {err}",
			"查找 {target} 时不再算上 {peer}：{err}"},
	},
	"lookup ended": {
		{"", "ended the lookup of {target} after {asked question}: {err}",
			"对 {target} 的查找在问了 {asked} 个节点后结束：{err}"},
		{"", "ended the lookup of {target}: asked {asked node}, found {found}",
			"对 {target} 的查找结束：问了 {asked} 个节点，找到 {found} 个"},
	},
	"response to nothing": {{"", "got an answer from {peer} to no question", "从 {peer} 收到没有问过的应答"}},
	"read":                {{"", "could not read a datagram: {err}", "无法读取数据报：{err}"}},
	"refresh":             {{"", "could not choose what to look up: {err}", "无法选择要查找的目标：{err}"}},
})

// leftOut are what a sentence ends with if lines like it were left out: those of
// newLog, and of network.
var leftOut = parseTellings(map[string][]telling{"": {
	{"", " ({omitted} more like it left out)", "（另有 {omitted} 条类似的未显示）"},
	{"", " ({repeated} more like it)", "（另有 {repeated} 条类似的）"},
}})

// A form is a telling that was parsed.
type form struct {
	conditions []condition
	en, zh     []piece
}

// A condition is a fact that must be so.
type condition struct{ key, value string }

// A piece of a sentence is a text, or else a fact and the noun that it counts.
type piece struct{ text, key, noun string }

var factPattern = regexp.MustCompile(`\{(\w+)(?: (\w+))?\}`)

func parseTellings(table map[string][]telling) map[string][]form {
	forms := make(map[string][]form)
	for message, tellings := range table {
		for _, t := range tellings {
			forms[message] = append(forms[message], t.parse())
		}
	}
	return forms
}

func (t telling) parse() form {
	f := form{en: parsePieces(t.en), zh: parsePieces(t.zh)}
	for fact := range strings.SplitSeq(t.when, ", ") {
		if key, value, ok := strings.Cut(fact, "="); ok {
			f.conditions = append(f.conditions, condition{key, value})
		}
	}
	return f
}

func parsePieces(s string) (pieces []piece) {
	end := 0
	for _, at := range factPattern.FindAllStringSubmatchIndex(s, -1) {
		fact := piece{key: s[at[2]:at[3]]}
		if at[4] >= 0 {
			fact.noun = s[at[4]:at[5]]
		}
		pieces = append(pieces, piece{text: s[end:at[0]]}, fact)
		end = at[1]
	}
	return append(pieces, piece{text: s[end:]})
}

// fits reports whether the facts are as they must be, and there are all those
// that the sentence names.
func (f form) fits(facts map[string]string) bool {
	for _, c := range f.conditions {
		if facts[c.key] != c.value {
			return false
		}
	}
	for _, p := range f.en {
		if _, ok := facts[p.key]; p.key != "" && !ok {
			return false
		}
	}
	return true
}

func (f form) tell(facts map[string]string) view.Words {
	words := view.Words{EN: fillIn(f.en, facts)}
	if err, found := facts["err"]; found {
		facts = maps.Clone(facts)
		facts["err"] = inChinese(err)
	}
	words.ZH = fillIn(f.zh, facts)
	return words
}

// fillIn returns the text of a sentence, with facts in their places.
func fillIn(pieces []piece, facts map[string]string) string {
	var s strings.Builder
	for _, p := range pieces {
		s.WriteString(p.text)
		if p.key == "" {
			continue
		}

		fact := factText(p.key, facts)
		s.WriteString(fact)
		if p.noun != "" {
			s.WriteString(" " + p.noun)
			if fact != "1" {
				s.WriteString("s")
			}
		}
	}
	return s.String()
}

// firstTelling returns what the first form tells that fits.
func firstTelling(forms []form, facts map[string]string) (words view.Words, found bool) {
	i := slices.IndexFunc(forms, func(f form) bool { return f.fits(facts) })
	if i < 0 {
		return words, false
	}
	return forms[i].tell(facts), true
}

// sentence tells an event in words. One without a sentence is told by its
// message and its facts.
func sentence(message string, facts map[string]string) view.Words {
	words, found := firstTelling(sentences[message], facts)
	if !found {
		words = plainWords(message, facts)
	}

	for _, f := range leftOut[""] {
		if f.fits(facts) {
			end := f.tell(facts)
			words.EN += end.EN
			words.ZH += end.ZH
		}
	}
	return words
}

// plainWords tells an event as a log does.
func plainWords(message string, facts map[string]string) view.Words {
	var s strings.Builder
	s.WriteString(message)
	for _, key := range slices.Sorted(maps.Keys(facts)) {
		if key != "omitted" && key != "repeated" {
			fmt.Fprintf(&s, " %s=%s", key, factText(key, facts))
		}
	}
	return view.Words{EN: s.String(), ZH: s.String()}
}

// printable leaves nothing in a text that a terminal would take for more than
// text: others may have written it.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
}

// ownCommands leaves backquotes only around commands of ours, which a reader is to
// type. An error quotes what a peer wrote as Go does, "…": a command in there is
// no advice.
func ownCommands(s string) string {
	inCommand, inQuotes, escaped := false, false, false
	return strings.Map(func(r rune) rune {
		switch {
		case escaped:
			escaped = false
		case inQuotes && r == '\\':
			escaped = true
		case r == '"' && !inCommand:
			inQuotes = !inQuotes
		case r == '`' && inQuotes:
			return '\''
		case r == '`':
			inCommand = !inCommand
		}
		return r
	}, s)
}

const shortHash = 8 // digits of a hash in a sentence

var (
	hashPattern = regexp.MustCompile("`[^`]*`|" + `\b[0-9a-f]{40,}\b`) // a command is to be typed, and stays whole
	ofInput     = regexp.MustCompile(`^input \d+: `)
)

// factText returns a fact as a sentence has it: printable, with short hashes, and
// with no commands but ours.
// An error may begin with what the sentence is about: that is not said twice.
func factText(key string, facts map[string]string) string {
	text := ownCommands(printable(facts[key]))
	if key == "err" {
		for _, about := range []string{"tx", "peer"} {
			if facts[about] != "" {
				text = strings.TrimPrefix(text, facts[about]+": ")
			}
		}
		text = ofInput.ReplaceAllString(text, "")
	}
	if len(text) < 40 { // no hash is shorter
		return text
	}
	return hashPattern.ReplaceAllStringFunc(text, func(hash string) string {
		if hash[0] == '`' {
			return hash
		}
		return hash[:shortHash]
	})
}

// lostWords tell a reader how many events it has missed.
func lostWords(lost uint64) view.Words {
	tooMuch := telling{"", "{lost event} came too fast to be told", "有 {lost} 个事件来得太快，没能显示"}
	return tooMuch.parse().tell(map[string]string{"lost": strconv.FormatUint(lost, 10)})
}

// toldTwice reports whether what happened is told by another event as well, with
// more of the story: that a block is on the chain, by how it came there, mined or
// from a peer. A story for people leaves the first one out.
func toldTwice(message string, facts map[string]string) bool {
	return message == "block accepted" && facts["added"] == "1" && facts["height"] != "0" && facts["omitted"] == ""
}

const lineWidth = 80 // columns of a terminal

// storyLine returns the line that tells an event, or more than one if it does not
// fit: the time of day, and the sentence. What needs a look is marked, and a mere
// message is indented.
func storyLine(level slog.Level, at time.Time, text string) string {
	const indent = "         " // under the text that follows the time
	first := at.Format("15:04:05 ")
	switch {
	case level >= slog.LevelWarn:
		first += "! "
	case level < slog.LevelInfo:
		first += "  "
	}
	return first + wrap(text, len(first), indent) + "\n"
}

// wrap breaks a text, which begins in a column, into lines of lineWidth.
func wrap(text string, column int, indent string) string {
	var s strings.Builder
	for i, word := range unbreakable(text) {
		if i > 0 && column+textWidth(strings.TrimRight(word, " ")) > lineWidth {
			s.WriteString("\n" + indent)
			column = len(indent)
		}
		s.WriteString(word)
		column += textWidth(word)
	}

	lines := strings.Split(s.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

// Chinese punctuation that begins no line, and such that ends none.
const closing, opening = "，。；：、！？）”", "（“"

// unbreakable returns the parts of a text that stand on one line each: words with
// the spaces after them, Chinese characters with their punctuation, and commands
// between backquotes, which one may want to copy.
func unbreakable(text string) (parts []string) {
	begin, quoted := 0, false
	before := ' '
	for i, r := range text {
		isOpening := strings.ContainsRune(opening, before)
		isChinese := unicode.Is(unicode.Han, before) || strings.ContainsRune(closing, before)
		mayBreak := before == ' ' && r != ' ' || unicode.Is(unicode.Han, r) && !isOpening ||
			isChinese && (r < 0x80 || strings.ContainsRune(opening, r))
		if mayBreak && !quoted && i > 0 {
			parts = append(parts, text[begin:i])
			begin = i
		}
		if r == '`' {
			quoted = !quoted
		}
		before = r
	}
	return append(parts, text[begin:])
}

// textWidth returns how many columns a text takes: a Chinese, Japanese or Korean
// character takes two, and so does the punctuation beside it.
func textWidth(s string) (columns int) {
	for _, r := range s {
		columns++
		if unicode.In(r, unicode.Han, unicode.Hangul) || r >= 0x3000 && r < 0x3100 || r >= 0xFF00 && r < 0xFF61 {
			columns++
		}
	}
	return columns
}
