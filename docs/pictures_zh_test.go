package docs

import (
	"html"
	"io/fs"
	"path"
	"regexp"
	"testing"
)

// The pictures in docs/zh/img are those in docs/img with Chinese texts: what stands
// between <text> tags, and what a screen reader says.
//
//	go test ./docs -run TestChinesePictures -update
//
// writes them. A picture that a test draws is taken as it is, so draw it first.

// pictureTexts are the texts of the pictures, and what the Chinese ones say.
var pictureTexts = map[string]string{
	// avalanche.svg
	"SHA-256, bit by bit": "SHA-256，逐位画出",
	"where they differ":   "不同的地方",
	"in 136 of 256 bits":  "256 位里有 136 位",
	`Three squares of 256 bits: the hash of "Alice has 1000 coins", the hash of "Alice has 2000 coins", and the 136 bits in which they differ, all over the square`: "三幅 256 位的方格图：“Alice has 1000 coins”的哈希，“Alice has 2000 coins”的哈希，以及两者不同的 136 位，散布在各处",

	// target.svg
	"target": "目标值",
	"nonce:": "随机数：",
	"The works of nonces 0 to 7 as dots on a line from 0 to 2^256: only that of nonce 7 lies left of the target, 2^252, a sixteenth of the way": "一条从 0 到 2^256 的线，上面的点是随机数 0 到 7 算出来的数：只有随机数 7 的点落在目标值 2^252 左边，目标值在整条线的十六分之一处",

	// past.svg
	"everyone else":           "其他人",
	"mined meanwhile":         "同时挖出的",
	"mined again":             "重新挖好的",
	"still to be mined again": "还要重新挖的",
	"Two branches grow from block 0. Above, the blocks 1 to 100 that everyone has, and 101 and 102, which were mined meanwhile. Below, Mallory's: her blocks 1, 2 and 3 are mined again, and 4 to 100 are still to be done": "从区块 0 长出两个分支。上面是大家都有的区块 1 到 100，还有同时挖出的 101 和 102。下面是 Mallory 的：区块 1、2 和 3 重新挖好了，4 到 100 还要挖",

	// file.svg
	`bucket "blocks"`:  "桶 blocks",
	`bucket "heights"`: "桶 heights",
	"hash":             "哈希",
	"height":           "高度",
	"block, as JSON":   "区块（JSON）",
	`Under the key l, "last", stands the hash of the tip.`: "键 l 取自“last”（最后），存着链顶的哈希。",
	"Each height is 8 bytes. 2 is":                         "高度占 8 个字节，2 写成",
	"Two tables in one file. The bucket blocks maps three hashes to three blocks, and the key l to the hash of the last one. The bucket heights maps the heights 0, 1 and 2 to the same hashes": "一个文件里的两张表。桶 blocks 由三个哈希找到三个区块，由键 l 找到最后一个区块的哈希。桶 heights 由高度 0、1 和 2 找到这些哈希",

	// payment.svg and coins.svg
	"in block 0":                 "在区块 0 里",
	"in block 3":                 "在区块 3 里",
	"payment":                    "付款",
	"1000 for Alice":             "给 Alice 1000",
	"100 for Bob":                "给 Bob 100",
	"900 for Alice":              "给 Alice 900",
	"input":                      "输入",
	"output 0":                   "输出 0",
	"output 1, the change":       "输出 1，找零",
	"spent":                      "已花掉",
	"block 0":                    "区块 0",
	"block 1":                    "区块 1",
	"block 2":                    "区块 2",
	"block 3":                    "区块 3",
	"block 4":                    "区块 4",
	"a coin":                     "币",
	"a coin that has been spent": "已花掉的币",
	"From left to right: the coinbase of block 0, a06c1c35, makes a coin of 1000 for Alice. The payment in block 3, 70270b9d, spends it, and makes two coins: 100 for Bob, and 900, the change, for Alice":                                                                                                                                                                                "从左到右：区块 0 的 coinbase（a06c1c35）给 Alice 造出一枚 1000 的币。区块 3 里的付款（70270b9d）花掉它，造出两枚币：给 Bob 的 100，以及找给 Alice 的 900",
	"The blocks 0 to 4 from left to right. Each has a coinbase that makes a coin of 1000: of Alice in block 0, of Mia in the others. The payment in block 3 spends Alice’s coin and makes 100 for Bob and 900 for Alice. The payment in block 4 spends Mia’s coins of blocks 1 and 2 and makes 1500 for Carol and 500 for Mia. Six coins are unspent: 1000, 100, 900, 1000, 1500 and 500": "从左到右是区块 0 到 4。每个区块都有一个 coinbase，造出一枚 1000 的币：区块 0 里给 Alice，其他区块里给 Mia。区块 3 里的付款花掉 Alice 的币，造出给 Bob 的 100 和给 Alice 的 900。区块 4 里的付款花掉 Mia 在区块 1 和 2 里的币，造出给 Carol 的 1500 和给 Mia 的 500。六枚币还没花：1000、100、900、1000、1500 和 500",

	// signing.svg
	"What input 0 signs, of a payment with two inputs and two outputs":                                         "一笔付款有两个输入、两个输出，这是输入 0 所签的文本",
	"Dashed: the gaps, where keys and signatures will be. Green: the address of the coin that input 0 spends.": "虚线框：空白，公钥和签名以后填在这里。绿色框：输入 0 所花的币的地址。",
	"Change a letter anywhere, and the signature is worth nothing.":                                            "随便改哪里的一个字母，签名就一文不值。",
	"The text that input 0 signs. In input 0 the coin's address stands in place of the public key, and None in place of the signature. In input 1 the key is None and the signature empty. Both outputs stand there whole": "输入 0 所签的文本。在输入 0 里，公钥的位置上是币的地址，签名的位置上是 None。在输入 1 里，公钥是 None，签名是空的。两个输出都完整",

	// 07-buckets.svg
	"The buckets of node E are the subtrees that leave its path": "节点 E 的桶，就是从它的路径旁分出去的子树",
	"bucket 0: 1…":     "桶 0：1…",
	"bucket 1: 01…":    "桶 1：01…",
	"bucket 2: 000…":   "桶 2：000…",
	"half of all IDs,": "全部 ID 的一半，",
	"a quarter,":       "四分之一，",
	"20 contacts":      "20 个联系人",

	// 07-hops.svg
	"A looks for S: each hop is nearer":                            "A 找 S：每一跳都更近",
	"A looks for S. How many bits in front agree with those of S?": "A 找 S。开头有几位和 S 相同？",
	"bits in front that are those of S":                            "开头和 S 相同的位数",
	"all 160":                                                      "全部 160",
	"has B":                                                        "认识 B",
	"names K":                                                      "说出 K",
	"names L":                                                      "说出 L",
	"names M":                                                      "说出 M",
	"names S":                                                      "说出 S",
	"2¹⁵⁹ away":                                                    "距离 2¹⁵⁹",

	// 07-fork-point.svg
	"The steps back from our tip double: 1, 2, 4": "从我们的链顶往回退，每次加倍：1、2、4",
	"our tip":         "我们的链顶",
	"their tip":       "对方的链顶",
	"the last block":  "两边都有的",
	"that both have":  "最后一个区块",
	"found: 4 is the": "找到了：区块 4",
	"same in both":    "两边相同",

	// balance.svg and lookup.svg
	"balance: one scan, whatever the set holds": "balance：不管集合多大，都只扫一遍",
	"outputs in the set":                        "集合里的输出个数",
	"microseconds":                              "微秒",
	"Kademlia: hops to the nearest node":        "Kademlia：到最近的节点要几跳",
	"nodes":                                     "节点数",
	"hops":                                      "跳数",
	"hops, mean":                                "跳数，平均",
	"hops, worst":                               "跳数，最多",
	"log2 n, promised":                          "log2 n，理论保证",
}

var (
	textPattern = regexp.MustCompile(`(aria-label=")([^"]*)|(<(?:title|text|tspan))(\b[^>]*>)([^<]*)`)

	// What is the same in both languages: numbers, hashes, names and code.
	bothPattern = regexp.MustCompile(`^([^A-Za-z]*|[A-Za-z]|[0-9a-f]{8}(:\d|…)|[0-9a-f]{8}|\d+ [A-Z][a-z]+|[{'].*|coinbase|balance|Mallory|Alice has \d+ coins)$`)
)

// The Chinese pictures are the English ones, with all their texts in Chinese.
func TestChinesePictures(t *testing.T) {
	names, err := fs.Glob(repository, "docs/img/*.svg")
	if err != nil || len(names) == 0 {
		t.Fatalf("there are no pictures: %v", err)
	}

	isUsed := make(map[string]bool)
	for _, name := range names {
		picture, err := fs.ReadFile(repository, name)
		if err != nil {
			t.Fatal(err)
		}
		want := textPattern.ReplaceAllStringFunc(string(picture), func(match string) string {
			m := textPattern.FindStringSubmatch(match)
			english := html.UnescapeString(m[2] + m[5])
			if bothPattern.MatchString(english) {
				return match
			}
			chinese, ok := pictureTexts[english]
			if !ok {
				t.Errorf("%s: %q has no Chinese: put it into pictureTexts", name, english)
				return match
			}
			isUsed[english] = true
			if m[1] != "" {
				return m[1] + html.EscapeString(chinese)
			}
			// Where the language isn't named, characters may come in their Japanese form.
			return m[3] + ` lang="zh-CN"` + m[4] + html.EscapeString(chinese)
		})

		chinese := chinesePath(name)
		got, err := fs.ReadFile(repository, chinese)
		if err == nil && string(got) == want {
			continue
		}
		if !*updateDocs {
			t.Errorf("%s is not what %s says in Chinese: run `go test ./docs -run TestChinesePictures -update`", chinese, path.Base(name))
			continue
		}
		if err := write(chinese, want); err != nil {
			t.Fatal(err)
		}
	}

	avoid := glossary(t)
	for english, chinese := range pictureTexts {
		if !isUsed[english] {
			t.Errorf("no picture says %q", english)
		}
		if err := checkTypography(chinese); err != nil {
			t.Errorf("%q: %v", chinese, err)
		}
		// The pictures have room for a few letters more.
		if cells(chinese) > cells(english)+3 {
			t.Errorf("%q has %d cells, and %q has %d: it may run into something", chinese, cells(chinese), english, cells(english))
		}
		if err := checkTerms(chinese, avoid); err != nil {
			t.Errorf("%q: %v", chinese, err)
		}
	}
}

// cells returns how wide a text is, where a Chinese character is as wide as two letters.
func cells(text string) (n int) {
	const firstOfCJK = '\u2e80' // with their punctuation
	for _, r := range text {
		n++
		if r >= firstOfCJK {
			n++
		}
	}
	return n
}
