package docs

import (
	"cmp"
	"regexp"
	"strings"
	"testing"
)

// figureTexts has what the figures of docs/performance.md say, and the same in Chinese.
var figureTexts = map[string]string{
	"Machine: %s, %s, %s cores.": "机器：%s，%s，%s 个核心。",

	"what":                               "量什么",
	"limit or peer, same run":            "同一次运行里的极限或对照",
	"measured":                           "测得",
	"to reach":                           "目标",
	"proof of work, one core":            "工作量证明，单核",
	"`sha256.Sum256` in a loop":          "循环调用 `sha256.Sum256`",
	"proof of work, all cores, per core": "工作量证明，全部核心，平均每核",
	"the same":                           "同上",
	"validating a block of 1,000 transactions, one core":                 "验证一个含 1,000 笔交易的区块，单核",
	"its signature checks, one core":                                     "只验其中的签名，单核",
	"the same, two cores":                                                "同上，双核",
	"from its JSON to the chain on disk, one core":                       "从区块的 JSON 到磁盘上的链，单核",
	"refusing a transaction of 100 kB, its last signature bad, one core": "拒绝一笔 100 kB 的交易，最后一个签名是坏的，单核",
	"first sync of 1,000 blocks of 3 transactions, two cores":            "首次同步 1,000 个区块，每块 3 笔交易，双核",
	"their signature checks, one core":                                   "只验其中的签名，单核",
	"missed":                                                             "未达到",
	"the same, blocks a second":                                          "同上，每秒区块数",
	"first sync over a long line: blocks in each round trip":             "远距离首次同步：每次往返的区块数",
	"1, if each request waits for the last reply":                        "1，如果每个请求都等上一个回复",
	"the same, from a Python node":                                       "同上，从 Python 节点同步",
	"a fork point a thousand blocks down: round trips":                   "分叉点在链顶下面一千个区块：往返次数",
	"10, likewise": "10，条件同上",
	"1,000 nodes: hops of a block to the last":   "1,000 个节点：区块传到最后一个节点的跳数",
	"hops of a payment":                          "付款的跳数",
	"messages a node for a block":                "一个区块，平均每个节点的消息数",
	"messages a node for a payment":              "一笔付款，平均每个节点的消息数",
	"kB a node for a block of 0.6 kB":            "一个 0.6 kB 的区块，平均每个节点的 kB 数",
	"kB a node for a payment of 0.6 kB":          "一笔 0.6 kB 的付款，平均每个节点的 kB 数",
	"a payment given to a node known to have it": "明知对方节点已有这笔付款，还发给它",
	"never": "从不",
	"100,000 empty blocks: memory more than at 10,000": "100,000 个空区块：比 10,000 个时多占的内存",
	"100,000 empty blocks: time for the last 10,000":   "100,000 个空区块：最后 10,000 个所用的时间",
	"the second 10,000":                                                 "第二个 10,000 个",
	"start with 100,000 blocks":                                         "有 100,000 个区块时启动",
	"start with 100":                                                    "有 100 个区块时启动",
	"`balance`, 1,000 outputs in the set":                               "`balance`，集合里有 1,000 个输出",
	"`balance`, 100,000 outputs":                                        "`balance`，100,000 个输出",
	"`balance`, 1,000,000 outputs":                                      "`balance`，1,000,000 个输出",
	"`send`, 100,000 outputs, 10 of them the sender's":                  "`send`，100,000 个输出，其中 10 个属于付款人",
	"`send`, 100,000 outputs, 10,000 of them the sender's":              "`send`，100,000 个输出，其中 10,000 个属于付款人",
	"`send` to the other node's pool, ms":                               "从 `send` 到进入另一个节点的交易池，毫秒",
	"a round trip on loopback":                                          "本机回环上的一次往返",
	"`send`, mined, on the other node's chain, ms":                      "从 `send`，经挖出，到进入另一个节点的链，毫秒",
	"a block, announced, on the chain of a node two hops away":          "区块宣布之后，进入两跳之外节点的链",
	"chain.db for 1,000 blocks of 3 transactions":                       "1,000 个区块、每块 3 笔交易的 chain.db",
	"the blocks' JSON":                                                  "这些区块的 JSON",
	"idle node with 8 peers: one core, percent":                         "空闲节点，连着 8 个其他节点：占一个核心的百分比",
	"idle node with 8 peers: memory":                                    "空闲节点，连着 8 个其他节点：内存",
	"Kademlia, 1,000 nodes: hops":                                       "Kademlia，1,000 个节点：跳数",
	"1,000 nodes: requests a lookup":                                    "1,000 个节点：每次查找的请求数",
	"1,000 nodes, 30 % dead: nearest found, percent":                    "1,000 个节点，30 % 已失效：找到最近节点的百分比",
	"1,000 nodes, 5 % loss: nearest found, percent":                     "1,000 个节点，5 % 丢包：找到最近节点的百分比",
	"1,000 nodes, churn: nearest found, percent":                        "1,000 个节点，不断进进出出：找到最近节点的百分比",
	"10,000 nodes: hops":                                                "10,000 个节点：跳数",
	"10,000 nodes: requests a lookup":                                   "10,000 个节点：每次查找的请求数",
	"10,000 nodes: the k nearest found, percent":                        "10,000 个节点：找到最近 k 个节点的百分比",
	"10,000 nodes, 30 % dead: median lookup at 100 ms a round trip, ms": "10,000 个节点，30 % 已失效：每次往返 100 ms 时，查找时间的中位数，毫秒",
}

// chineseFigure returns a text of the figures in Chinese. One without words, such as a
// number, is the same in both languages.
func chineseFigure(t testing.TB, english string) string {
	t.Helper()
	chinese, ok := figureTexts[english]
	if !ok && figureWords.MatchString(english) {
		t.Errorf("%q has no Chinese: put it into figureTexts", english)
	}
	return cmp.Or(chinese, english)
}

// figureWords matches what is to be translated: words, but no unit, nor log2 n.
var figureWords = regexp.MustCompile(`[a-z]{4}|[A-Z][a-z]{4}`)

// The Chinese texts of the figures are written as those of the pages are, and each is
// used.
func TestChineseFigures(t *testing.T) {
	avoid := glossary(t)
	page := readPage(t, "docs/zh/performance.md").text()
	for english, chinese := range figureTexts {
		if err := checkTypography(chinese); err != nil {
			t.Errorf("%q: %v", chinese, err)
		}
		if err := checkTerms(chinese, avoid); err != nil {
			t.Errorf("%q: %v", chinese, err)
		}
		isCell := english != "missed" && !strings.HasPrefix(english, "Machine")
		if isCell && !strings.Contains(page, "| "+chinese+" |") {
			t.Errorf("no figure says %q", english)
		}
	}
}
