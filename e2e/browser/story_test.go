package browser

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"gosimpleblockchain/view"
)

// soon is how long a page may take to show what has happened. It is to take a
// second; what it took is logged, and machines that test are slow.
const soon = 5 * time.Second

// checkSoon fails the test if something took longer.
func checkSoon(t *testing.T, what string, took time.Duration) {
	t.Helper()
	t.Logf("%s after %s", what, took.Round(time.Millisecond))
	if took > soon {
		t.Errorf("%s after %s, want %s at most", what, took, soon)
	}
}

// card is the selector of a block on the page, of the chain or beside it.
func card(height int) string { return fmt.Sprintf(`[data-testid="block-%d"]`, height) }

// block returns a block as the command prints it.
func (n *node) block(ref string) (block view.Block) {
	n.t.Helper()
	out := n.run("block", ref, "-json")
	if err := json.Unmarshal([]byte(out), &block); err != nil {
		n.t.Fatalf("block %s -json: %v: %s", ref, err, out)
	}
	return block
}

// checkBlock checks that the page shows the node's block at a height.
func (p *tab) checkBlock(n *node, height int) {
	p.t.Helper()
	want := n.block(fmt.Sprint(height)).Hash
	got := eval[string](p, fmt.Sprintf(`document.querySelector('%s[data-onchain=true]')?.dataset.hash ?? ""`, card(height)))
	if got != want {
		p.t.Errorf("block %d on the page is %q, want %s", height, got, want)
	}
	if header := n.run("print", fmt.Sprint(height)); !strings.Contains(header, want) {
		p.t.Errorf("print %d shows another block than block -json, %s: %s", height, want, header)
	}
}

// A node whose seed is silent says so, and not to start one more.
func TestSilentSeed(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "-bootstrap", "127.0.0.1:1")
	p := open(t, n.page)
	p.awaitText("[data-testid=empty-peers]", "127.0.0.1:1")
	if said := p.text("[data-testid=empty-peers]"); !strings.Contains(said, "UDP") || strings.Contains(said, "go run") {
		t.Errorf("the page says %q", said)
	}
}

// A student's first minutes: no chain, a chain, two payments, their block, and
// what is in it.
func TestStory(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "-spend-pending")
	p := open(t, n.page)

	// What the page says to type works as it stands.
	p.awaitText("[data-testid=empty-chain]", "go run . genesis_block")
	command := p.text("[data-testid=empty-chain] code")
	if want := "go run . genesis_block -rpc " + n.rpc; command != want {
		t.Errorf("the page says %q, want %q", command, want)
	}
	p.checkLook(t, "no chain")
	words := strings.Fields(strings.TrimPrefix(command, "go run . "))
	from := addressPattern.FindString(runProgram(t, words...))
	checkSoon(t, "block 0 is on the page", p.await("block 0", `document.querySelector('[data-testid="block-0"]')`))
	p.checkBlock(n, 0)
	p.awaitText("#wallets", "1,000")

	to := n.address("createwallet", "-name", "bob")
	n.pay(from, to, 100)
	checkSoon(t, "the first payment is on the page", p.await("payment in the pool", `document.querySelectorAll("[data-testid=pool-item]").length == 1`))
	p.awaitText("#pool", "1 of 2")
	p.awaitText("[data-testid=pool-item]", from[:6])
	p.awaitText("[data-testid=pool-item]", "bob")
	p.awaitText("[data-testid=pool-item]", "100")

	n.pay(from, to, 25)
	checkSoon(t, "block 1 is on the page", p.await("block 1", `document.querySelector('[data-testid="block-1"]')`))
	p.checkBlock(n, 1)
	p.await("empty pool", `document.querySelectorAll("[data-testid=pool-item]").length == 0`)
	p.awaitText("#wallets", "125")

	// The block opens to its transactions, and a transaction to its rules.
	block := n.block("1")
	p.click(card(1))
	p.await("open block", fmt.Sprintf(`document.querySelector("[data-testid=block-detail]")?.dataset.hash == %q`, block.Hash))
	for _, want := range []string{block.Hash, block.Work, block.MerkleRoot, block.Prev} {
		p.awaitText("#detail", want)
	}
	p.checkRules(t)
	p.checkLook(t, "open block")
	if got, want := p.count("#detail .tx"), len(block.Transactions); got != want {
		t.Errorf("%d transactions on the page, want %d", got, want)
	}

	tx := block.Transactions[1]
	p.click(fmt.Sprintf(`#detail .tx-name a[href="#/tx/%s"]`, tx.TxID))
	p.await("open payment", fmt.Sprintf(`document.querySelector("[data-testid=tx-detail]")?.dataset.txid == %q`, tx.TxID))
	for _, want := range []string{tx.TxID, "bob", "change", "100", "900"} {
		p.awaitText("#detail", want)
	}
	p.checkRules(t)
	p.checkLook(t, "open payment")

	// Back to the block, by the browser's button.
	eval[bool](p, `(history.back(), true)`)
	p.await("the block again", `document.querySelector("[data-testid=block-detail]")`)

	// An address, by its link.
	p.visit(n.page + "/#/address/bob")
	p.awaitText("#detail", "+125")
	p.checkLook(t, "open address")
}

// checkRules checks that what is open keeps every rule, and that there are some.
func (p *tab) checkRules(t *testing.T) {
	t.Helper()
	const rules = "#detail [data-testid=rule]"
	if all, hold := p.count(rules), p.count(rules+"[data-state=holds]"); all == 0 || hold != all {
		t.Errorf("%d of %d rules hold: %s", hold, all, p.text("#detail .rules"))
	}
}

// Two nodes mine apart. When they meet, the shorter branch stands beside the
// chain on the page of the node that gave it up.
func TestFork(t *testing.T) {
	needBrowser(t)
	a, b, _, _ := startTwo(t, 1)
	b.part()
	a.run("mine", "1")
	b.run("mine", "2")
	lost := a.block("2").Hash

	p := open(t, a.page)
	p.await("block 2 on the chain", fmt.Sprintf(`document.querySelector('[data-hash="%s"][data-onchain=true]')`, lost))
	b.meet(a)
	p.await("longer chain", fmt.Sprintf(`document.querySelector('%s')`, card(3)))
	p.await("block 2 beside the chain", fmt.Sprintf(`document.querySelector('[data-hash="%s"][data-onchain=false]')`, lost))
	for height := range 4 {
		p.checkBlock(a, height)
	}
	if got := p.count(card(2)); got != 2 {
		t.Errorf("%d blocks of height 2, want 2", got)
	}
	p.checkLook(t, "fork")

	// It still opens.
	p.click(fmt.Sprintf(`[data-hash="%s"]`, lost))
	p.awaitText("#detail", "beside the chain")
}

// A node stops. The page says so, and what to type, and follows by itself when
// the node is back at its address.
func TestRestart(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "-spend-pending")
	n.run("genesis_block")
	n.interrupt()
	n.restart() // at ports that it was told

	p := open(t, n.page)
	p.awaitText("[data-testid=connection]", "live")
	p.await("block 0", fmt.Sprintf(`document.querySelector('%s')`, card(0)))
	p.letFail("/")
	n.interrupt()
	checkSoon(t, "the page says that the node is gone", p.await("notice", `!document.querySelector("#gone").hidden`))
	p.checkLook(t, "node gone")

	// What it says to type is how this node was started.
	command, ok := strings.CutPrefix(p.text("#gone code"), "go run . ")
	if !ok {
		t.Fatalf("the page says to type %q", command)
	}
	n.start(strings.Fields(command)...)
	took := p.await("live page", `document.querySelector("#gone").hidden && document.querySelector("[data-testid=connection]").innerText.includes("live")`)
	t.Logf("the page is live again after %s", took.Round(time.Millisecond))
	p.letFail("")

	n.run("mine", "1")
	checkSoon(t, "block 1 is on the page", p.await("block 1", fmt.Sprintf(`document.querySelector('%s')`, card(1))))
	p.checkBlock(n, 1)
}
