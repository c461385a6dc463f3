package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gosimpleblockchain/kademlia"
)

// freeAddr returns an address at which nobody listens.
func freeAddr(t *testing.T) string {
	t.Helper()
	n := openNode(t, NodeConfig{})
	defer n.close()
	return n.Addr().String()
}

// peersLines returns what `peers` prints.
func (n *testNode) peersLines() string {
	n.t.Helper()
	return n.do("peers")
}

// Two nodes that both started a chain say so, to both users: in the log, in
// `peers`, and where one pays. What they say to type makes one of them take the
// other's chain; it keeps its wallets, and its old chain lies aside.
func TestTwoChains(t *testing.T) {
	skipSlow(t)
	t.Parallel()
	configB := NodeConfig{Data: t.TempDir()}
	a, b := startNode(t, NodeConfig{}), startNode(t, configB)
	a.startChain()
	mine, payee := b.startChain(), b.createWallet()
	old := tipOf(t, b.chain).ref()
	b.stop()

	b = join(t, configB, a)
	for _, pair := range [][2]*testNode{{a, b}, {b, a}} {
		n, other := pair[0], pair[1]
		n.awaitLog("chain of peer not taken")
		want := n.config.again(" -bootstrap " + other.Addr().String() + " -fresh")
		if got := n.peersLines(); !strings.Contains(got, "other genesis block ") || !strings.Contains(got, "`"+want+"`") {
			t.Errorf("peers prints %s, want %s in it", got, want)
		}
	}

	code, _, stderr := b.try("send", "--from", mine, "--to", payee, "--amount", "5")
	if want := "it does not reach " + a.Addr().String() + ", on another chain"; code != 0 || !strings.Contains(stderr, want) {
		t.Errorf("send: exit code %d, %s, want %s", code, stderr, want)
	}
	code, _, stderr = b.try("genesis_block")
	if want := "type `" + b.config.again(" -fresh") + "`"; code != 1 || !strings.Contains(stderr, want) {
		t.Errorf("genesis_block: exit code %d, %s, want %s", code, stderr, want)
	}
	b.stop()

	// Now b gives up its chain.
	configB.Fresh = true
	b = join(t, configB, a)
	b.awaitTip(a)
	if got := b.do("printwallet"); !strings.Contains(got, mine) || !strings.Contains(got, payee) {
		t.Errorf("wallets are gone: %s", got)
	}
	aside := must(filepath.Glob(filepath.Join(configB.Data, "chain.db.old-*")))(t)
	if len(aside) != 1 {
		t.Fatalf("old chains: %v, want one", aside)
	}
	if got := tipOf(t, openChain(t, aside[0])).ref(); got != old {
		t.Errorf("old chain ends in %v, want %v", got, old)
	}
}

// The chain of a running node is not moved aside, and no old one is written
// over; where there is none, there is nothing to do.
func TestMoveAside(t *testing.T) {
	n := startNode(t, NodeConfig{})
	path := filepath.Join(n.config.Data, "chain.db")
	if aside, err := moveAside(path, vectorTime); !errors.Is(err, ErrInUse) {
		t.Errorf("got %q, %v, want ErrInUse", aside, err)
	}
	n.stop()

	aside, err := moveAside(path, vectorTime)
	if err != nil || !strings.HasPrefix(aside, path+".old-") {
		t.Fatalf("got %q, %v", aside, err)
	}
	if aside, err := moveAside(path, vectorTime); aside != "" || err != nil {
		t.Errorf("without a chain: got %q, %v", aside, err)
	}
	if err := os.WriteFile(path, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if again, err := moveAside(path, vectorTime); !errors.Is(err, fs.ErrExist) {
		t.Errorf("in the same second: got %q, %v, want ErrExist", again, err)
	}
	openChain(t, aside) // it is whole
}

// A node without a chain takes the first one from the nodes that it was told to
// join, not from strangers, however long those are away; and meanwhile nothing
// tells its user to start a second chain. With -genesis it takes that chain from
// anybody, and no other.
func TestFirstChainIsNoStrangers(t *testing.T) {
	skipSlow(t)
	t.Parallel()
	seed := freeAddr(t)
	n := startNode(t, NodeConfig{Bootstrap: []string{seed}})
	if _, _, stderr := n.try("print", "0"); !strings.Contains(stderr, "it comes from "+seed) || strings.Contains(stderr, "genesis_block") {
		t.Errorf("print 0: %s", stderr)
	}
	if _, _, stderr := n.try("peers"); !strings.Contains(stderr, "whether a node runs at "+seed+", and whether UDP gets there") || strings.Contains(stderr, "go run") {
		t.Errorf("peers: %s", stderr)
	}

	stranger := join(t, NodeConfig{}, n)
	stranger.startChain()
	n.awaitLog("chain of peer not taken")
	if _, err := n.chain.Tip(); !errors.Is(err, ErrNoBlock) {
		t.Errorf("tip: %v, want none", err)
	}
	if got := n.peersLines(); !strings.Contains(got, "taken from "+seed+" only") {
		t.Errorf("peers prints %s", got)
	}
	if _, _, stderr := n.try("print", "0"); !strings.Contains(stderr, stranger.Addr().String()+" has one") || strings.Contains(stderr, "genesis_block") {
		t.Errorf("print 0: %s", stderr)
	}

	genesis := tipOf(t, stranger.chain).Header.Hash
	pinned := join(t, NodeConfig{Genesis: genesis}, n, stranger)
	pinned.awaitTip(stranger)
	other := join(t, NodeConfig{Genesis: strings.Repeat("ab", 32)}, stranger)
	other.awaitLog("chain of peer not taken")
	if code, _, stderr := other.try("genesis_block"); code != 1 || !strings.Contains(stderr, "-genesis") {
		t.Errorf("genesis_block beside -genesis: exit code %d, %s", code, stderr)
	}
}

// To be told one's own address is to be told nobody: the first chain then comes
// from anybody.
func TestOwnAddressIsNoSeed(t *testing.T) {
	skipSlow(t)
	t.Parallel()
	a := openNode(t, NodeConfig{})
	a.config.Bootstrap = []string{a.Addr().String()}
	a.stop = runNode(t, a.Node)
	b := join(t, NodeConfig{}, a)
	b.startChain()
	a.awaitTip(b)
}

// With another chain there, -genesis is an error that says how to begin again.
func TestOtherGenesisFlag(t *testing.T) {
	config := NodeConfig{Data: t.TempDir()}
	n := startNode(t, config)
	n.startChain()
	n.stop()
	hash := strings.Repeat("ab", 32)
	args := []string{"start", "-listen", "127.0.0.1:0", "-rpc", "127.0.0.1:0", "-data", config.Data, "-genesis"}
	code, _, stderr := runCommand(append(args, hash)...)
	if want := "-data " + config.Data + " -genesis " + hash + " -fresh`"; code != 1 || !strings.Contains(stderr, want) {
		t.Errorf("exit code %d, %s, want %s", code, stderr, want)
	}
	if code, _, stderr := runCommand(append(args, "ab12")...); code != 2 || !strings.Contains(stderr, "64 hex digits") {
		t.Errorf("no hash: exit code %d, %s", code, stderr)
	}
}

// The greeting tells to start a chain only a node that neither has one nor is
// told whose to join.
func TestGreeting(t *testing.T) {
	greeting := func(n *testNode) string {
		var out bytes.Buffer
		n.greet(&out, new(options).say)
		return out.String()
	}
	n := startNode(t, NodeConfig{})
	if got := greeting(n); !strings.Contains(got, "genesis_block") {
		t.Errorf("new node: %s", got)
	}
	n.startChain()
	if got := greeting(n); strings.Contains(got, "genesis_block") {
		t.Errorf("with a chain: %s", got)
	}
	joining := openNode(t, NodeConfig{Bootstrap: []string{n.Addr().String()}})
	defer joining.close()
	if got := greeting(joining); strings.Contains(got, "genesis_block") {
		t.Errorf("with -bootstrap: %s", got)
	}
}

// Two nodes in copies of one directory meet.
func TestCopiedFolder(t *testing.T) {
	skipSlow(t)
	t.Parallel()
	configA, configB := NodeConfig{Data: t.TempDir()}, NodeConfig{Data: t.TempDir()}
	a := startNode(t, configA)
	a.startChain()
	a.stop()
	if err := os.CopyFS(configB.Data, os.DirFS(configA.Data)); err != nil {
		t.Fatal(err)
	}

	a = startNode(t, configA)
	b := join(t, configB, a)
	a.awaitLog("peer connected")
	b.awaitLog("peer connected")
}

// A node whose clock is hours behind does not take the others' blocks, tells
// that it is the clock, and not to start a chain of its own.
func TestSlowClock(t *testing.T) {
	skipSlow(t)
	t.Parallel()
	a := startNode(t, NodeConfig{})
	a.startChain()
	b := openNode(t, NodeConfig{Bootstrap: []string{a.Addr().String()}})
	b.chain.now = func() time.Time { return time.Now().Add(-3 * time.Hour) }
	b.stop = runNode(t, b.Node)

	b.awaitLog("blocks of peer not taken yet")
	if got := b.peersLines(); !strings.Contains(got, "3.0 h ahead of our clock: set one of the clocks") {
		t.Errorf("peers prints %s", got)
	}
	if _, _, stderr := b.try("print", "0"); !strings.Contains(stderr, a.Addr().String()+" has one") || strings.Contains(stderr, "genesis_block") {
		t.Errorf("print 0: %s", stderr)
	}
	if b.logs.count("peer disconnected") > 0 {
		t.Error("the peer is hung up on")
	}
}

// A peer whose chain has parted from ours too deep is not left alone for it: peers
// says where it has parted, and what to type, and the log says so once.
func TestDeepForkIsTold(t *testing.T) {
	skipSlow(t)
	t.Parallel()
	w := testWallet(t, 0)
	genesis := mine(t, nil, w, 0)
	ours := mineChain(t, genesis, w, 1, maxReorg+1)
	theirs := mineChain(t, genesis, w, 2, maxReorg+4)

	a := startNode(t, NodeConfig{})
	add(t, a.chain, append([]*Block{genesis}, theirs...)...)
	b := openNode(t, NodeConfig{Bootstrap: []string{a.Addr().String()}})
	add(t, b.chain, append([]*Block{genesis}, ours...)...)
	b.chain.deep = time.Now() // it has taken back many just now
	b.stop = runNode(t, b.Node)

	b.awaitLog("blocks of peer not taken yet")
	want := fmt.Sprintf("3 blocks ahead: block 1: parted from our chain 1001 blocks below our tip: too many to take back now: "+
		"to take its chain, stop this node and type `%s`", b.config.again(fmt.Sprintf(" -bootstrap %s -fresh", a.Addr())))
	if got := b.peersLines(); !strings.Contains(got, want) {
		t.Errorf("peers prints %s, want %s", got, want)
	}

	// They go on talking: what A mines next is heard of.
	add(t, a.chain, mine(t, theirs[maxReorg+3], w, 2))
	b.await("the peer's next height", func() bool { return strings.Contains(b.peersLines(), "4 blocks ahead") })
	if got := b.logs.count("blocks of peer not taken yet"); got != 1 || b.logs.count("peer lost")+b.logs.count("peer left alone") > 0 {
		t.Errorf("told %d times, want once; and the peer is left alone", got)
	}
	wantTip(t, b.chain, ours[maxReorg])
}

// A peer that discovery has lost has no ID to show.
func TestPeerWithoutID(t *testing.T) {
	skipSlow(t)
	t.Parallel()
	b := startNode(t, NodeConfig{})
	a := join(t, NodeConfig{}, b)
	b.awaitLog("peer connected") // from now on, nothing of b asks its discovery but the peers' part, which has its own

	found := b.discovery
	t.Cleanup(func() { found.Close() })
	b.discovery = must(kademlia.Listen(netip.MustParseAddrPort("127.0.0.1:0"), kademlia.Config{}))(t)
	if got := strings.Fields(b.peersLines()); !slices.Equal(got[:2], []string{a.Addr().String(), "-"}) {
		t.Errorf("got %q, want - for the ID", got)
	}
}
