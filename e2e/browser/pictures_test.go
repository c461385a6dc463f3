package browser

import (
	"bytes"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

// A scene is a state of the page that is worth a look.
type scene struct {
	name string
	open func(t *testing.T, branched *node) *tab // the node is that of startBranched
}

var scenes = []scene{
	{"empty", func(t *testing.T, _ *node) *tab {
		p := open(t, startNode(t).page)
		p.awaitText("[data-testid=empty-chain]", "go run . genesis_block")
		return p
	}},
	{"one-block", func(t *testing.T, _ *node) *tab {
		n := startNode(t)
		n.run("genesis_block", "-name", "alice")
		return openAt(t, n, "", 0)
	}},
	{"branches", func(t *testing.T, branched *node) *tab { return openAt(t, branched, "", 30) }},
	{"long-branch", func(t *testing.T, _ *node) *tab {
		a, b, _, _ := startTwo(t, 2)
		fork(a, b, 12, 13)
		return openAt(t, a, "", 15)
	}},
	{"block", func(t *testing.T, branched *node) *tab { return openAt(t, branched, "#/block/30", 30) }},
	{"payment", func(t *testing.T, branched *node) *tab {
		return openAt(t, branched, "#/tx/"+branched.block("30").Transactions[1].TxID, 30)
	}},
	{"address", func(t *testing.T, branched *node) *tab { return openAt(t, branched, "#/address/alice", 30) }},
	{"chinese", func(t *testing.T, branched *node) *tab {
		p := openAt(t, branched, "#/block/30", 30)
		p.click("[data-testid=lang]")
		p.awaitText("#chain-title", "链")
		return p
	}},
	{"10000-blocks", func(t *testing.T, _ *node) *tab { return openAt(t, startNodeIn(t, writeChain(t, 10_000)), "", 9_999) }},
	{"60-peers", func(t *testing.T, _ *node) *tab {
		n := startNode(t)
		n.run("genesis_block", "-name", "alice")
		p := openAt(t, n, "", 0)
		joinPeers(t, n, 60)
		p.await("60 peers", `document.querySelectorAll("[data-testid=peer-row]").length == 60`)
		return p
	}},
	{"gone", func(t *testing.T, branched *node) *tab { // the last: it stops the node
		p := openAt(t, branched, "", 30)
		p.letFail("/")
		branched.interrupt()
		p.await("notice", `!document.querySelector("#gone").hidden`)
		return p
	}},
}

// TestPictures takes pictures of the page for somebody to look at, into the
// directory that -pictures names. Anybody can see that they are not wrong as
// checkLook has it.
func TestPictures(t *testing.T) {
	needBrowser(t)
	dir := picturesDir(t)

	branched := startBranched(t)
	for _, s := range scenes {
		t.Run(s.name, func(t *testing.T) {
			p := s.open(t, branched)
			p.checkLook(t, s.name)
			for _, scheme := range []string{"light", "dark"} {
				p.prefer(scheme, true)
				for _, width := range []int64{400, 1000, 1600} {
					p.resize(width, 1000)
					p.settle()
					file := filepath.Join(dir, fmt.Sprintf("%s-%d-%s.png", s.name, width, scheme))
					if err := os.WriteFile(file, p.wholePicture(width), 0o666); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
}

// picturesDir returns where the pictures go.
func picturesDir(t *testing.T) string {
	t.Helper()
	if *pictures == "" {
		return t.TempDir()
	}
	if err := os.MkdirAll(*pictures, 0o777); err != nil {
		t.Fatal(err)
	}
	return *pictures
}

// TestReadmePicture takes the pictures of README.md and README.zh.md, with -update.
func TestReadmePicture(t *testing.T) {
	needBrowser(t)
	n := startBranched(t)
	p := openAt(t, n, "", 30)
	p.checkReadmePicture(t, "page.png")
}

// checkReadmePicture takes a picture for README.md, and one for README.zh.md.
func (p *tab) checkReadmePicture(t *testing.T, name string) {
	t.Helper()
	p.checkPicture(t, "docs/img/"+name)
	p.click("[data-testid=lang]")
	p.await("Chinese page", `document.documentElement.lang == "zh-CN"`)
	p.checkPicture(t, "docs/zh/img/"+name)
}

// checkPicture takes a picture for a file, which must not be too large.
func (p *tab) checkPicture(t *testing.T, file string) {
	t.Helper()
	p.prefer("light", true)
	p.resize(1440, 900)
	eval[bool](p, `(scrollTo(0, 0), new Promise(r => requestAnimationFrame(() => requestAnimationFrame(() => r(true)))))`)

	picture := p.picture()
	decoded, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	if size := decoded.Bounds().Size(); size.X != 1440 || size.Y != 900 || len(picture) > 250<<10 {
		t.Errorf("%s: %d × %d pixels and %d bytes", file, size.X, size.Y, len(picture))
	}
	if *updateReadme {
		if err := os.WriteFile(repository+"/"+file, picture, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// settle waits until the page is drawn as the window is now.
func (p *tab) settle() {
	p.t.Helper()
	eval[bool](p, `(scrollTo(0, 0), new Promise(r => requestAnimationFrame(() => requestAnimationFrame(() => r(true)))))`)
	p.await("blocks", `!document.querySelector(".is-blank") && document.fonts.status == "loaded"`)
}

// openAt opens a page of a node, at what stands after its address, and waits
// until the block at a height is there.
func openAt(t *testing.T, n *node, after string, height int) *tab {
	t.Helper()
	p := open(t, n.page+"/"+after)
	p.await(fmt.Sprint("block ", height), fmt.Sprintf(`document.querySelector('%s')`, card(height)))
	if after != "" {
		p.await("what is open", `document.querySelector("#detail h2")`)
	}
	return p
}

// startBranched starts three nodes, of which two have mined apart now and then.
// They have a chain of 31 blocks now, and a payment waits. The node that it
// returns has the wallets of alice and bob.
func startBranched(t *testing.T) *node {
	t.Helper()
	a, b, alice, _ := startTwo(t, 9)
	bob := a.address("createwallet", "-name", "bob")
	c := startNode(t, "-bootstrap", a.addr)
	c.awaitTip(a)

	fork(a, b, 1, 2)
	a.run("mine", "13")
	a.pay(alice, bob, 40)
	a.run("mine")
	fork(a, b, 2, 3)

	for _, amount := range []int{25, 10} {
		a.pay(alice, bob, amount)
		a.run("mine")
	}
	a.pay(bob, alice, 5)
	b.awaitTip(a)
	c.awaitTip(a)
	return a
}

// fork has two nodes mine apart and meet again. a gives up its blocks.
func fork(a, b *node, ours, theirs int) {
	a.t.Helper()
	b.awaitTip(a)
	b.part()
	a.run("mine", fmt.Sprint(ours))
	b.run("mine", fmt.Sprint(theirs))
	b.meet(a)
	a.awaitTip(b)
}
