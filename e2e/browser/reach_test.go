package browser

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// active is the height of the block that has the focus; -1: none.
const active = `Number(document.activeElement?.dataset.height ?? -1)`

// All of the page can be reached and done without a mouse.
func TestKeyboard(t *testing.T) {
	needBrowser(t)
	n := startNode(t)
	n.run("genesis_block", "-name", "alice")
	n.run("mine", "40")
	bob := n.address("createwallet", "-name", "bob")
	n.run("send", "--from", "alice", "--to", "bob", "--amount", "7")

	p := open(t, n.page)
	p.await("tip", fmt.Sprintf(`document.querySelector('%s')`, card(40)))
	p.awaitText("[data-testid=pool-item]", "bob")
	p.tabThrough(t, "page")

	// To the chain, and through it.
	p.press(kb.Tab)
	p.focus(t, "the tip", `a.block[tabindex="0"]`)
	p.await("focus on the tip", active+` == 40`)
	for height := 39; height >= 20; height-- { // beyond what the window shows
		p.press(kb.ArrowLeft)
		p.await(fmt.Sprint("focus on block ", height), fmt.Sprintf(active+` == %d`, height))
	}
	p.press(kb.ArrowRight)
	p.await("focus on block 21", active+` == 21`)
	p.press(kb.Home)
	p.await("focus on block 0", active+` == 0`)
	p.press(kb.End)
	p.await("focus on block 40", active+` == 40`)
	if !eval[bool](p, `(() => { const box = document.activeElement.getBoundingClientRect(); return box.left >= 0 && box.right <= innerWidth })()`) {
		p.await("the focus in the window", `(box => box.left >= 0 && box.right <= innerWidth)(document.activeElement.getBoundingClientRect())`)
	}

	// Enter opens, Tab goes through what is open, Esc closes and goes back.
	p.press(kb.Enter)
	p.await("open block", `document.querySelector("[data-testid=block-detail]")`)
	p.await("focus in it", `document.querySelector("#detail").contains(document.activeElement)`)
	p.tabThrough(t, "open block")
	p.press(kb.Escape)
	p.await("closed block", `document.querySelector("#detail").hidden`)
	p.await("focus on block 40", active+` == 40`)

	// A payment, found by its txid.
	var txid string
	for _, tx := range n.pool() {
		txid = tx.TxID
	}
	p.letFail("/api/block/") // it is asked first whether a block begins like that
	p.focus(t, "the search", "#find-text")
	p.press(txid[:8])
	p.press(kb.Enter)
	p.await("open payment", fmt.Sprintf(`document.querySelector("[data-testid=tx-detail]")?.dataset.txid == %q`, txid))
	p.awaitText("#detail", "in the pool")
	p.tabThrough(t, "open payment")
	p.press(kb.Escape)
	p.await("closed payment", `document.querySelector("#detail").hidden`)

	// A link to a block, from elsewhere, and back.
	p.visit(n.page + "/#/block/3")
	p.await("open block 3", `document.querySelector("[data-testid=block-detail] h2")?.innerText.includes("3")`)
	p.visit(n.page + "/#/address/" + bob)
	p.awaitText("#detail", "bob")
	p.tabThrough(t, "open address")
	eval[bool](p, `(history.back(), true)`)
	p.await("block 3 again", `document.querySelector("[data-testid=block-detail] h2")?.innerText.includes("3")`)
}

// focus goes to an element by Tab alone.
func (p *tab) focus(t *testing.T, what, selector string) {
	t.Helper()
	for range 300 {
		if eval[bool](p, fmt.Sprintf(`document.activeElement.matches(%q)`, selector)) {
			return
		}
		p.press(kb.Tab)
	}
	t.Fatalf("Tab does not reach %s", what)
}

// One click changes all words of the page, and the choice stays.
func TestLanguages(t *testing.T) {
	needBrowser(t)
	a, b, _, _ := startTwo(t, 3)
	a.run("send", "--from", "alice", "--to", "alice", "--amount", "7")
	b.awaitTip(a)

	p := open(t, a.page+"/#/block/2")
	p.awaitText("#detail", "Merkle")
	p.awaitText("#peers", "in step")
	p.click("#events-tools button:nth-of-type(2)") // messages are not words
	english := eval[[]string](p, wordsScript)
	p.click("[data-testid=lang]")
	p.await("Chinese page", `document.documentElement.lang == "zh-CN"`)
	chinese := eval[[]string](p, wordsScript)

	// What is the same in both: names, numbers, hashes and commands, and words
	// that Chinese takes from English.
	same := []string{"SHA-256 →", "Esc", "txid"}
	for _, text := range chinese {
		if slices.Contains(english, text) && !slices.Contains(same, text) {
			t.Errorf("%q in both languages", text)
		}
	}
	if len(chinese) < len(english)-10 {
		t.Errorf("%d texts in Chinese, and %d in English", len(chinese), len(english))
	}
	p.checkLook(t, "Chinese")

	// The language stays when the page is loaded again, and goes back.
	p.visit(a.page + "/")
	p.awaitText("#chain-title", "链")
	p.click("[data-testid=lang]")
	p.awaitText("#chain-title", "Chain")
}

// wordsScript returns the texts on the page that have a word of English: not
// those in code, and no hashes, addresses and names.
const wordsScript = `(() => {
	const words = new Set()
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
	for (let node; node = walker.nextNode();) {
		const e = node.parentElement
		if (e.closest("code, pre, .mono, .text, noscript, script, .owner, .block-miner, #node-name, #gone") || !e.checkVisibility()) continue
		const text = node.data.trim()
		if (/[A-Za-z]{3}|[\u4e00-\u9fff]/.test(text) && !/^[0-9a-f]{8,}$/.test(text)) words.add(text)
	}
	for (const name of ["title", "aria-label", "placeholder"])
		for (const e of document.querySelectorAll("[" + name + "]")) {
			const text = e.getAttribute(name)
			if (e.checkVisibility() && /[A-Za-z]{3}/.test(text) && !/^go run|^[0-9A-Za-z]{20,}$/.test(text)) words.add(text)
		}
	return [...words]
})()`

// Nothing moves for those who want it so: not when a block comes, nor when one
// opens, nor when the page scrolls.
func TestReducedMotion(t *testing.T) {
	needBrowser(t)
	n := startNode(t)
	n.run("genesis_block")
	p := open(t, n.page)
	const moving = `document.getAnimations().filter(a => a.playState == "running" && a.effect.getComputedTiming().duration > 1).length`

	// First with motion: else the test would see none where there is some. A slow
	// machine may miss that of one block.
	height := 0
	for seen := false; !seen && height < 20; height++ {
		eval[bool](p, `(window.seen = new Promise(r => document.addEventListener("animationstart", () => r(true), {once: true})), true)`)
		n.run("mine", "1")
		p.await("block", fmt.Sprintf(`document.querySelector('%s')`, card(height+1)))
		seen = eval[bool](p, `Promise.race([window.seen, new Promise(r => setTimeout(() => r(false), 300))])`)
	}
	if height == 20 {
		t.Fatal("nothing moves when a block comes")
	}

	p.prefer("light", true)
	p.await("rest", moving+` == 0`)
	n.run("mine", "1")
	height++
	p.await("block", fmt.Sprintf(`document.querySelector('%s')`, card(height)))
	if got := eval[int](p, moving); got > 0 {
		t.Errorf("%d animations when a block comes", got)
	}
	p.click(card(height))
	p.await("open block", `document.querySelector("[data-testid=block-detail]")`)
	if got := eval[int](p, moving); got > 0 {
		t.Errorf("%d animations when a block opens", got)
	}
}

// A node that listens on all addresses has the name that -listen has for that.
func TestNodeName(t *testing.T) {
	n := startNode(t)
	p := open(t, n.page)
	for listen, want := range map[string]string{
		"[::]:5678": ":5678", "0.0.0.0:5678": ":5678", "127.0.0.1:5678": "127.0.0.1:5678", "[::1]:5678": "[::1]:5678", "": "Node",
	} {
		got := eval[string](p, fmt.Sprintf(`(async () => (await import("/static/header.js")).nameOf(%q))()`, listen))
		if got != want {
			t.Errorf("a node that listens on %q is called %q, want %q", listen, got, want)
		}
	}
}

var english = regexp.MustCompile(`[a-z]{4,}`)

// What the node says in English only, the page says in Chinese.
func TestSaidInChinese(t *testing.T) {
	n := startNode(t)
	p := open(t, n.page)
	for _, said := range []string{
		"in step", "in step (a Python node)", "no chain yet", "other genesis block 3fa9…",
		"other genesis block 3fa9…: to take its chain, stop this node and type `7`", "same height, other block 3fa9…", "1 block behind", "2 blocks ahead: syncing",
		"no answer on TCP for 31 s", "has refused TCP connections for 4 s", "left alone for 60 s: 7",
		"waits for 2 more in the pool", "waits for a peer's block", "will be dropped: an equal payment waits before it",
		"will be dropped: spends the same output as 3fa9", "will be dropped: spends an output of 3fa9, which will be dropped",
	} {
		got := eval[string](p, fmt.Sprintf(`(async () => {
			const words = await import("/static/words.js");
			words.setLanguage("zh");
			return words.said(%q);
		})()`, said))
		if english.MatchString(strings.ReplaceAll(got, "Python", "")) {
			t.Errorf("%q is said as %q in Chinese", said, got)
		}
	}
}
