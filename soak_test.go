package main

import (
	"errors"
	"flag"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"
)

var soak = flag.Duration("soak", 0, "how long TestSoak lasts, with ten nodes; 0: some forty payments among four")

// A soakNode is a real node that is stopped and started again, over and over,
// with the same directory and ports.
type soakNode struct {
	*Node
	data        string
	listen, rpc string
	addresses   []string
	stop        func() // nil while it does not run
}

// A soakTest is a network of such nodes.
type soakTest struct {
	t     *testing.T
	rng   *rand.Rand
	log   *slog.Logger
	nodes []*soakNode
	beat  time.Duration
}

// start starts a node that is told of two others at most.
func (s *soakTest) start(n *soakNode) {
	s.t.Helper()
	config := NodeConfig{Listen: n.listen, RPC: n.rpc, Data: n.data, PoolSize: 2}
	for _, i := range s.rng.Perm(len(s.nodes)) {
		if other := s.nodes[i]; other.stop != nil && len(config.Bootstrap) < 2 {
			config.Bootstrap = append(config.Bootstrap, other.Addr().String())
		}
	}
	node := openAgain(s.t, config, s.log)
	node.peers.Heartbeat, node.pool.grace = s.beat, s.beat
	n.listen, n.rpc = node.Addr().String(), node.RPCAddr()
	n.Node, n.stop = node, runNode(s.t, node)
}

// openAgain opens a node on the ports that it had, or on others should the
// system have given those away meanwhile.
func openAgain(t testing.TB, config NodeConfig, log *slog.Logger) *Node {
	t.Helper()
	n, err := OpenNode(t.Context(), config, log)
	if errors.Is(err, syscall.EADDRINUSE) {
		config.Listen, config.RPC = "127.0.0.1:0", "127.0.0.1:0"
		n, err = OpenNode(t.Context(), config, log)
	}
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// running returns the nodes that run, in random order.
func (s *soakTest) running() (nodes []*soakNode) {
	for _, i := range s.rng.Perm(len(s.nodes)) {
		if s.nodes[i].stop != nil {
			nodes = append(nodes, s.nodes[i])
		}
	}
	return nodes
}

// pay sends some coins from one of n's wallets to somebody, and reports whether
// there were any. That a block takes them first is no fault.
func (s *soakTest) pay(n *soakNode) bool {
	s.t.Helper()
	cli := &Cli{n.Node}
	for _, i := range s.rng.Perm(len(n.addresses)) {
		balance := call(s.t, cli.Balance, n.addresses[i])
		if balance == 0 {
			continue
		}
		to := s.nodes[s.rng.IntN(len(s.nodes))].addresses
		var hint string
		err := cli.Send(SendArgs{n.addresses[i], to[s.rng.IntN(len(to))], 1 + s.rng.Int64N(balance)}, &hint)
		if err != nil && !errors.Is(err, ErrNotEnough) && !errors.Is(err, ErrNoCoin) && !errors.Is(err, ErrConfirmed) {
			s.t.Error(err)
		}
		return true
	}
	return false
}

// step does one thing to one node.
func (s *soakTest) step() {
	n := s.nodes[s.rng.IntN(len(s.nodes))]
	switch {
	case n.stop == nil:
		s.start(n)
	case s.rng.IntN(10) == 0 && len(s.running()) > len(s.nodes)/2:
		n.stop()
		n.stop = nil
	default:
		s.pay(n)
	}
}

// agree waits until all nodes have one tip. Nodes that mined at one height
// stay apart until the next block, so blocks are mined until they agree.
func (s *soakTest) agree() {
	s.t.Helper()
	limit := time.After(2 * time.Minute)
	highest := s.nodes[0]
	for {
		for _, n := range s.nodes {
			if tipOf(s.t, n.chain).Header.Height > tipOf(s.t, highest.chain).Header.Height {
				highest = n
			}
		}
		target := tipOf(s.t, highest.chain).ref()
		agreed, behind, moved := true, (<-chan struct{})(nil), highest.chain.Changed()
		for _, n := range s.nodes {
			changed := n.chain.Changed()
			if tip := tipOf(s.t, n.chain).ref(); tip != target {
				agreed = false
				if tip.height < target.height && behind == nil {
					behind = changed
				}
			}
		}
		if agreed {
			return
		}
		if behind == nil { // only rivals at the same height: the next block decides
			for _, n := range s.running() {
				if s.pay(n) {
					s.pay(n)
					break
				}
			}
			continue
		}
		select {
		case <-behind:
		case <-moved:
		case <-limit:
			for i, n := range s.nodes {
				s.t.Errorf("node %d at %v, %d pooled, peers %v", i, tipOf(s.t, n.chain).ref(), len(n.pool.Transactions()), n.peers.Peers())
			}
			s.t.FailNow()
		}
	}
}

// Nodes that pay each other, and stop and start as they like, agree in the
// end, and have all coins there are.
func TestSoak(t *testing.T) {
	size, steps := 4, 40
	if *soak > 0 {
		size = 10
	}
	const seed = 1
	s := &soakTest{
		t: t, rng: rand.New(rand.NewPCG(seed, 0)), log: slog.New(slog.NewTextHandler(io.Discard, nil)), beat: 200 * time.Millisecond,
	}
	for range size {
		n := &soakNode{data: t.TempDir(), listen: "127.0.0.1:0", rpc: "127.0.0.1:0"}
		wallets, err := OpenWallets(filepath.Join(n.data, "wallet.dat"))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, err := wallets.Create(); err != nil {
				t.Fatal(err)
			}
		}
		n.addresses = wallets.Addresses()
		s.nodes = append(s.nodes, n)
	}
	s.start(s.nodes[0])
	var tip *Block
	for _, n := range s.nodes { // each has coins to begin with
		wallets, err := OpenWallets(filepath.Join(n.data, "wallet.dat"))
		if err != nil {
			t.Fatal(err)
		}
		w, err := wallets.Find(n.addresses[0])
		if err != nil {
			t.Fatal(err)
		}
		tip = mine(t, tip, w, 0)
		add(t, s.nodes[0].chain, tip)
	}
	for _, n := range s.nodes[1:] {
		s.start(n)
	}
	s.agreeOnGenesis()
	began := time.Now()
	for i := 0; i < steps || time.Since(began) < *soak; i++ {
		s.step()
	}
	for _, n := range s.nodes {
		if n.stop == nil {
			s.start(n)
		}
	}
	s.agree()
	height := tipOf(t, s.nodes[0].chain).Header.Height
	if height <= tip.Header.Height {
		t.Error("nothing was mined")
	}
	t.Logf("%d nodes agree at height %d", size, height)
	for _, n := range s.nodes {
		n.stop()
		bc := openChain(t, filepath.Join(n.data, "chain.db"))
		checkWhole(t, bc)
		var sum int64
		for _, n := range s.nodes {
			for _, address := range n.addresses {
				sum += balanceOf(t, bc, address)
			}
		}
		if want := int64(Subsidy) * int64(tipOf(t, bc).Header.Height+1); sum != want {
			t.Errorf("the wallets have %d coins, want %d", sum, want)
		}
	}
}

// agreeOnGenesis waits until every node has the chain.
func (s *soakTest) agreeOnGenesis() {
	s.t.Helper()
	limit := time.After(time.Minute)
	for _, n := range s.nodes {
		for {
			changed := n.chain.Changed()
			if _, err := n.chain.Tip(); err == nil {
				break
			}
			select {
			case <-changed:
			case <-limit:
				s.t.Fatal("a node does not get the genesis block")
			}
		}
	}
}

// descriptors returns how many files the process has open; 0 where the system
// does not tell.
func descriptors() int {
	entries, _ := os.ReadDir("/proc/self/fd")
	return len(entries)
}

// B31, B34: a node that is started and stopped, fifty times on the same ports and
// directory, at any moment of its start, leaves nothing behind.
func TestStartAndStop(t *testing.T) {
	data, rng := t.TempDir(), rand.New(rand.NewPCG(6, 0))
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	config := NodeConfig{Listen: "127.0.0.1:0", RPC: "127.0.0.1:0", Data: t.TempDir(), PoolSize: 2}
	peer, err := OpenNode(t.Context(), config, log)
	if err != nil {
		t.Fatal(err)
	}
	runNode(t, peer)
	call(t, (&Cli{peer}).CreateGenesisBlock, "")
	config.Data, config.Bootstrap = data, []string{peer.Addr().String()}
	var files, fds, goroutines int
	for i := range 50 {
		n := openAgain(t, config, log)
		config.Listen, config.RPC = n.Addr().String(), n.RPCAddr() // the same again
		n.peers.Heartbeat = 200 * time.Millisecond
		moved := n.chain.Changed()
		stop := runNode(t, n)
		switch {
		case i == 0:
			<-moved // synced
			call(t, (&Cli{n}).CreateWallet, "")
		case i%2 == 0:
			for range rng.IntN(200) {
				runtime.Gosched()
			}
		}
		stop()
		if i == 10 {
			files, fds, goroutines = len(list(t, data)), descriptors(), runtime.NumGoroutine()
		}
	}
	if got := list(t, data); len(got) != files || !slices.Equal(got, []string{"chain.db", "wallet.dat"}) {
		t.Errorf("files are %v, want chain.db and wallet.dat", got)
	}
	// The peer's side of a connection ends a moment after ours.
	limit := time.Now().Add(30 * time.Second)
	for (descriptors() > fds+2 || runtime.NumGoroutine() > goroutines+5) && time.Now().Before(limit) {
		runtime.Gosched()
	}
	if got := descriptors(); got > fds+2 {
		t.Errorf("%d descriptors are open, after ten starts %d were", got, fds)
	}
	if got := runtime.NumGoroutine(); got > goroutines+5 {
		t.Errorf("%d goroutines run, after ten starts %d did", got, goroutines)
	}
	checkWhole(t, openChain(t, filepath.Join(data, "chain.db")))
}

// list returns the names of a directory's files.
func list(t testing.TB, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// A node that is stopped in the middle of a sync, again and again, has each
// time a chain that is whole, and comes to its end.
func TestStopDuringSync(t *testing.T) {
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	config := NodeConfig{Listen: "127.0.0.1:0", RPC: "127.0.0.1:0", Data: t.TempDir(), PoolSize: 2}
	peer, err := OpenNode(t.Context(), config, log)
	if err != nil {
		t.Fatal(err)
	}
	peer.chain.db.NoSync = true
	w, blocks := testWallet(t, 0), []*Block{nil}
	for range 1200 {
		blocks = append(blocks, mine(t, blocks[len(blocks)-1], w, 0))
	}
	add(t, peer.chain, blocks[1:]...)
	runNode(t, peer)
	config.Data, config.Bootstrap = t.TempDir(), []string{peer.Addr().String()}
	for stops := 0; ; stops++ {
		n, err := OpenNode(t.Context(), config, log)
		if err != nil {
			t.Fatal(err)
		}
		n.peers.Heartbeat = 200 * time.Millisecond
		moved := n.chain.Changed()
		stop := runNode(t, n)
		select {
		case <-moved:
		case <-time.After(time.Minute):
			t.Fatal("the node does not sync")
		}
		stop()
		bc := openChain(t, filepath.Join(config.Data, "chain.db"))
		height := tipOf(t, bc).Header.Height
		checkWhole(t, bc)
		if err := bc.Close(); err != nil {
			t.Fatal(err)
		}
		if height == 1199 {
			t.Logf("stopped %d times on the way", stops)
			return
		}
		if stops == 20 {
			t.Fatalf("at height %d after %d stops", height, stops)
		}
	}
}
