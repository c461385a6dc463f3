package browser

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"gosimpleblockchain/kademlia"
	"gosimpleblockchain/view"
)

// writeChain returns a data directory with a chain of that many blocks, which a
// test of the program writes.
func writeChain(t testing.TB, blocks int) (dir string) {
	t.Helper()
	dir = t.TempDir()
	file := filepath.Join(dir, "chain.db")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "test", "-count=1", "-run=^TestWriteChain$", ".", "-args", "-chain="+file, fmt.Sprintf("-blocks=%d", blocks))
	cmd.Dir = repository
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go test -run TestWriteChain: %v\n%s", err, out)
	}
	if _, err := os.Stat(file); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A chain of 100,000 blocks opens as fast as a short one, and its middle is no
// farther than its end.
func TestLongChain(t *testing.T) {
	needBrowser(t)
	if testing.Short() {
		t.Skip("takes ten seconds")
	}
	const blocks = 100_000
	n := startNodeIn(t, writeChain(t, blocks))
	p := open(t, n.page)
	p.await("tip", fmt.Sprintf(`document.querySelector('%s')`, card(blocks-1)))

	began := time.Now()
	p.visit(n.page)
	p.await("tip", fmt.Sprintf(`document.querySelector('%s')`, card(blocks-1)))
	checkSoon(t, "the page of 100,000 blocks is open", time.Since(began))
	p.checkBlock(n, blocks-1)
	if got := p.count("*"); got > 2000 {
		t.Errorf("the page has %d elements", got)
	}

	// Scroll there: by the search, by hand, and to both ends.
	began = time.Now()
	p.find("50000")
	p.await("block 50000", fmt.Sprintf(inWindow, card(50_000)))
	checkSoon(t, "block 50,000 is in the window", time.Since(began))
	p.checkBlock(n, 50_000)
	p.checkLook(t, "100,000 blocks")

	p.scrollChain(-20_000)
	p.await("blocks before 49,980", `[...document.querySelectorAll("a.block")].some(e => e.dataset.height < 49_980 && e.getBoundingClientRect().left > 0)`)

	p.find("1")
	p.await("block 1", fmt.Sprintf(inWindow, card(1)))
	p.checkBlock(n, 1)
	p.find(fmt.Sprint(blocks - 1))
	p.await("tip", fmt.Sprintf(inWindow, card(blocks-1)))

	// And it follows.
	n.run("createwallet")
	n.run("mine", "1")
	checkSoon(t, "block 100,000 is on the page", p.await("next block", fmt.Sprintf(`document.querySelector('%s')`, card(blocks))))
}

// inWindow is whether the first element of a kind is seen.
const inWindow = "(box => box && box.left > -1 && box.right < innerWidth + 1)(document.querySelector(`%s`)?.getBoundingClientRect())"

// scrollChain scrolls the chain sideways, as a hand would.
func (p *tab) scrollChain(pixels int) {
	p.t.Helper()
	eval[bool](p, fmt.Sprintf(`(chain => {
		chain.dispatchEvent(new Event("pointerdown"))
		chain.scrollBy({left: %d, behavior: "instant"})
		return true
	})(document.querySelector("[data-testid=chain]"))`, pixels))
}

// find types something into the search.
func (p *tab) find(text string) {
	p.t.Helper()
	eval[bool](p, `(document.querySelector("#find-text").value = "", document.querySelector("#find-text").focus(), true)`)
	p.press(text)
	p.press("\r")
}

// Texts from others are texts, and never markup: a miner's in the coinbase, a
// peer's in an error, a wallet's name.
func TestHostileTexts(t *testing.T) {
	needBrowser(t)
	n := startNodeIn(t, writeChain(t, 10))
	n.run("createwallet")
	const markup = "<img src=/x onerror=document.title=666>"

	joinPeer(t, n, 1, kademlia.ID{1}, &followingLedger{blocks: []json.RawMessage{
		json.RawMessage(`{"magic_no": 3166485692, "block_header": {"timestamp": "` + markup + `", "prev_block_hash": "", "hash": "` + markup + `", "hash_merkle_root": "` + markup + `", "height": 0, "nonce": null}, "transactions": []}`),
	}, hashes: []string{markup}})

	p := open(t, n.page)
	p.await("tip", fmt.Sprintf(`document.querySelector('%s')`, card(9)))
	p.await("the peer", `document.querySelector("#peers").innerText.includes("127.0.2.1")`)

	p.visit(n.page + "/#/block/1")
	p.awaitText("#detail", "coinbase")
	eval[bool](p, `(document.querySelectorAll("details").forEach(e => e.open = true), true)`)
	p.awaitText("#detail", "<img src=/x")
	tx := n.block("1").Transactions[0].TxID
	p.visit(n.page + "/#/tx/" + tx)
	p.awaitText("#detail", "<script>")
	p.letFail("/api/")
	p.visit(n.page + "/#/address/" + "%3Cimg%20src=/x%20onerror=document.title=666%3E")
	p.awaitText("#detail", "<img src=/x")
	p.find(markup)
	p.awaitText("#detail", "<img src=/x")

	n.run("mine", "1")
	p.await("next block", fmt.Sprintf(`document.querySelector('%s')`, card(10)))
	if got := p.count("img, script:not([src^='/static/'])"); got > 0 {
		t.Errorf("%d elements made of texts", got)
	}
	if got := eval[string](p, "document.title"); got == "666" {
		t.Error("a script of a text has run")
	}
}

// Sixty peers find their places.
func TestManyPeers(t *testing.T) {
	needBrowser(t)
	n := startNode(t)
	n.run("genesis_block")
	p := open(t, n.page)
	joinPeers(t, n, 60)
	p.await("60 peers", `document.querySelectorAll("[data-testid=peer-row]").length == 60`)
	p.checkLook(t, "60 peers")
}

// id returns the node's ID in Kademlia.
func (n *node) id() kademlia.ID {
	n.t.Helper()
	id, err := hex.DecodeString(get[view.Status](n, "/api/status").ID)
	if err != nil || len(id) != len(kademlia.ID{}) {
		n.t.Fatalf("ID %x, error %v", id, err)
	}
	return kademlia.ID(id)
}
