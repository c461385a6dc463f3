package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"gosimpleblockchain/kademlia"
	"gosimpleblockchain/view"
	"gosimpleblockchain/wire"
)

// The lab: a few real nodes in one process, joined by wires that can be cut. It
// is where one makes nodes disagree, to see how they come to agree again. This
// file holds the nodes, and what one can do to them; lab_commands.go the words for
// that, lab_events.go what is told of it, and lessons.go what there is to learn.

const (
	fewestNodes, mostNodes = 2, 12
	usualNodes             = 4

	labPool     = 100 // transactions that fill a pool: nobody mines unasked
	labPatience = 30 * time.Second

	labHeartbeat = 2 * time.Second // shorter than usual: one waits and looks

	usualSeed = 1
)

// people own the first wallet of each node.
var people = []string{"alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy", "kate", "leo"}

// A labConfig says what a lab is to be.
type labConfig struct {
	nodes   int
	seed    uint64 // decides what lossy wires lose
	dir     string // where each node gets a folder
	chinese bool   // what is answered to whoever typed it
	pages   bool   // each node serves a page of its own, too
	stops   bool   // lessons stop until they are told to go on
}

// A setting is what a lesson wants to begin with.
type setting struct {
	people    []string // owners of the wallets, by node; nil: the usual ones
	bare      bool     // without a chain and wallets
	poolSize  int      // 0: labPool
	discovery bool     // the nodes do nothing but find each other
}

// A lab is open until it is closed. Its methods are safe for concurrent use.
type lab struct {
	config labConfig
	record *labRecord
	wires  *wire.Network

	ctx    context.Context // of all that runs in the lab
	cancel context.CancelFunc
	wg     sync.WaitGroup

	rewiring sync.Mutex // held while a wire is changed, and that is told

	using sync.RWMutex // held for reading by whoever asks nodes, for writing by whoever starts or ends them

	mu      sync.Mutex // guards all below
	runs    int        // how often the nodes were replaced: each time they get new folders
	setting setting
	nodes   map[string]*labNode
	lesson  *playing // that is played; nil: none
}

// A labNode is a node of the lab, running or killed.
type labNode struct {
	letter string
	person string
	addr   netip.AddrPort // which it keeps
	dir    string

	node      *Node            // nil: killed, or of discovery only
	discovery *kademlia.Server // nil: killed
	host      *wire.Host
	watch     *labWatch
	stop      context.CancelFunc
	ended     chan struct{}
}

func (n labNode) isRunning() bool { return n.discovery != nil }

// openLab opens a lab whose nodes know each other, and have one chain, unless ctx
// ends before. Then the lab is open until it is closed: when somebody presses
// Ctrl-C, one wants to see how it was at that moment.
func openLab(ctx context.Context, config labConfig) (*lab, error) {
	l := &lab{config: config, record: newLabRecord()}
	l.ctx, l.cancel = context.WithCancel(context.WithoutCancel(ctx))
	l.wires = wire.New(config.seed, l.record.pass)
	if err := l.begin(ctx, config.nodes, setting{}); err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

// close ends all nodes, and what else runs, and removes the nodes' folders. Whoever
// comes to use the nodes afterwards is told that the lab is closed.
func (l *lab) close() error {
	l.mu.Lock()
	l.cancel()
	l.mu.Unlock()

	l.using.Lock()
	l.endNodes()
	l.using.Unlock()

	l.wires.Close()
	l.wg.Wait()
	l.record.close()
	return os.RemoveAll(l.config.dir)
}

// reasonToStop returns why nothing is to be done any more, or nil.
func (l *lab) reasonToStop(ctx context.Context) error {
	if l.ctx.Err() != nil {
		return errLabClosed
	}
	return ctx.Err()
}

// begin replaces all nodes by new ones.
func (l *lab) begin(ctx context.Context, count int, s setting) error {
	l.using.Lock()
	defer l.using.Unlock()
	if err := l.reasonToStop(ctx); err != nil {
		return err
	}
	l.endNodes()
	l.mendAll()
	l.wires.Resume()
	l.record.add(view.LabEvent{Kind: view.LabResumed})

	l.mu.Lock()
	l.setting = s
	l.nodes = make(map[string]*labNode)
	l.runs++
	l.mu.Unlock()
	l.record.reset()

	for i := range count {
		if _, err := l.addNode(ctx, letterOf(i)); err != nil {
			return err
		}
	}
	if err := l.awaitMeeting(ctx); err != nil {
		return err
	}
	l.record.begin(l.running())
	return nil
}

// letterOf returns the name of node i.
func letterOf(i int) string { return string(rune('A' + i)) }

// personAt returns who is to own the first wallet of a node, or "".
func (s setting) personAt(letter string) string {
	list := s.people
	if list == nil {
		list = people
	}
	i := int(letter[0] - 'A')
	if s.discovery || i >= len(list) {
		return ""
	}
	return list[i]
}

// addNode makes a new node, and gives it a wallet; the first one starts the chain.
// l.using is held.
func (l *lab) addNode(ctx context.Context, letter string) (*labNode, error) {
	l.mu.Lock()
	n := &labNode{
		letter: letter,
		person: l.setting.personAt(letter),
		addr:   netip.MustParseAddrPort("127.0.0.1:0"),
		dir:    filepath.Join(l.config.dir, fmt.Sprint(l.runs), letter),
	}
	l.nodes[letter] = n
	s := l.setting
	l.mu.Unlock()

	if s.discovery {
		return n, l.startDiscovery(ctx, n)
	}
	if err := l.startNode(ctx, n); err != nil {
		return nil, err
	}
	if s.bare || n.person == "" {
		return n, nil
	}

	create := (*Cli).CreateWallet
	if letter == "A" {
		create = (*Cli).CreateGenesisBlock
	}
	_, err := l.giveWallet(*n, create)
	return n, err
}

// giveWallet has a node make the wallet of its person, by a method of Cli.
func (l *lab) giveWallet(n labNode, create func(c *Cli, name string, address *string) error) (address string, err error) {
	if err := create(&Cli{n.node}, n.person, &address); err != nil {
		return "", err
	}
	l.record.name(address, n.person)
	n.watch.look(n.node)
	return address, nil
}

// startNode starts a node, new or killed, which is told of all others. l.using
// is held.
func (l *lab) startNode(ctx context.Context, n *labNode) error {
	poolSize := l.setting.poolSize
	if poolSize == 0 {
		poolSize = labPool
	}
	page := ""
	if l.config.pages {
		page = "127.0.0.1:0"
	}

	host := l.wires.Host(n.letter)
	watch := newLabWatch(l.record, n.letter)
	node, err := OpenNode(ctx, NodeConfig{
		Listen:    n.addr.String(),
		RPC:       "127.0.0.1:0",
		View:      page,
		PoolSize:  poolSize,
		Data:      n.dir,
		Bootstrap: l.addrsBeside(*n),
		Heartbeat: labHeartbeat,
		Wires:     host,
	}, slog.New(watch))
	if err != nil {
		host.Close()
		return err
	}
	node.chain.db.NoSync = true // a lab need not survive a power cut

	l.launch(ctx, n, labNode{node: node, discovery: node.discovery, addr: node.Addr(), host: host, watch: watch},
		func(ctx context.Context) {
			var parts sync.WaitGroup
			parts.Go(func() { watch.follow(ctx, node) })
			node.Run(ctx)
			parts.Wait()
		})
	return nil
}

// startDiscovery starts a node that does nothing but find others. A bucket of its
// table holds one contact, so that few nodes have as far to look as thousands have
// otherwise. Its ID is the same each time, and so is what there is to see.
func (l *lab) startDiscovery(ctx context.Context, n *labNode) error {
	host := l.wires.Host(n.letter)
	watch := newLabWatch(l.record, n.letter)
	watch.lookupsOnly = true
	conn, err := host.ListenUDP(n.addr)
	if err != nil {
		host.Close()
		return err
	}
	discovery, err := kademlia.Serve(conn, kademlia.Config{
		K:    1,
		Log:  slog.New(watch),
		Rand: rand.NewChaCha8(sha256.Sum256(fmt.Append(nil, usualSeed, n.letter))),
	})
	if err != nil {
		conn.Close()
		host.Close()
		return err
	}

	l.launch(ctx, n, labNode{discovery: discovery, addr: discovery.Self().Addr, host: host, watch: watch},
		func(ctx context.Context) {
			<-ctx.Done()
			discovery.Close()
		})

	err = discovery.Bootstrap(ctx, l.seedsBeside(*n)...)
	if errors.Is(err, kademlia.ErrNoContacts) {
		err = nil // it is the first
	}
	return err
}

// launch makes a node known that has started, and runs it until it is killed.
func (l *lab) launch(ctx context.Context, n *labNode, started labNode, run func(context.Context)) {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	l.mu.Lock()
	n.node, n.discovery, n.addr = started.node, started.discovery, started.addr
	n.host, n.watch, n.stop, n.ended = started.host, started.watch, stop, ended
	l.mu.Unlock()
	l.record.meet(*n)

	l.wg.Go(func() {
		defer close(ended)
		run(ctx)
	})
}

// addrsBeside returns the addresses of the other nodes.
func (l *lab) addrsBeside(n labNode) (addrs []string) {
	for _, addr := range l.seedsBeside(n) {
		addrs = append(addrs, addr.String())
	}
	return addrs
}

func (l *lab) seedsBeside(n labNode) (addrs []netip.AddrPort) {
	for _, other := range l.all() {
		if other.letter != n.letter && other.addr.Port() != 0 {
			addrs = append(addrs, other.addr)
		}
	}
	return addrs
}

// kill ends a node as if its plug was pulled: what it has stored stays. l.using
// is held.
func (l *lab) kill(n labNode) {
	n.watch.end(n.node)
	n.stop()
	n.host.Close()
	<-n.ended

	l.mu.Lock()
	l.nodes[n.letter].node, l.nodes[n.letter].discovery = nil, nil
	l.mu.Unlock()
	l.record.killed(n.letter)
}

// endNodes ends all nodes. l.using is held.
func (l *lab) endNodes() {
	var ending sync.WaitGroup
	for _, n := range l.running() {
		ending.Go(func() { l.kill(n) })
	}
	ending.Wait()
}

// running returns the nodes that run, in order, as they are now: one that is
// killed meanwhile answers with errors.
func (l *lab) running() (running []labNode) {
	for _, n := range l.all() {
		if n.isRunning() {
			running = append(running, n)
		}
	}
	return running
}

// all returns all nodes, in order.
func (l *lab) all() (nodes []labNode) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, letter := range slices.Sorted(maps.Keys(l.nodes)) {
		nodes = append(nodes, *l.nodes[letter])
	}
	return nodes
}

// awaitMeeting waits until all nodes know each other and have one chain, if any.
// Nodes of discovery have met when each has joined.
func (l *lab) awaitMeeting(ctx context.Context) error {
	running := l.running()
	if l.setting.discovery {
		return nil
	}
	return l.awaitHolding(ctx, "the nodes to meet", func() (bool, string) {
		for _, n := range running {
			peers := n.node.peers.Peers()
			if len(peers) != len(running)-1 {
				return false, fmt.Sprintf("%s knows %d of %d", n.letter, len(peers), len(running)-1)
			}
			for _, p := range peers {
				if p.Height < 0 && !l.setting.bare || !p.InStep && p.Height >= 0 {
					return false, fmt.Sprintf("%s sees a peer that is %s", n.letter, p.State)
				}
			}
		}
		return true, ""
	})
}

// await waits until something is so, and looks whenever something happens.
func (l *lab) await(ctx context.Context, what string, isSo func() (bool, string)) error {
	return l.awaitHolding(ctx, what, func() (bool, string) {
		l.using.RLock()
		defer l.using.RUnlock()
		return isSo()
	})
}

// awaitHolding is await for whoever holds l.using, or need not.
func (l *lab) awaitHolding(ctx context.Context, what string, isSo func() (bool, string)) error {
	ctx, cancel := context.WithTimeout(ctx, labPatience)
	defer cancel()
	for {
		news := l.record.news()
		ok, state := isSo()
		if ok {
			return nil
		}

		select {
		case <-news:
		case <-l.ctx.Done():
			return errLabClosed
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.Canceled) {
				return ctx.Err()
			}
			return fmt.Errorf("waited %s for %s: %s", labPatience, what, state)
		}
	}
}

// rewire changes how a direction of a wire stands.
func (l *lab) rewire(from, to string, change func(*wire.State)) {
	l.rewiring.Lock()
	defer l.rewiring.Unlock()
	s := l.wires.State(from, to)
	change(&s)
	l.wires.Set(from, to, s)
	l.record.rewired(from, to, l.wires.State(from, to))
}

// mendAll makes all wires as they were at first.
func (l *lab) mendAll() {
	nodes := l.all()
	for _, from := range nodes {
		for _, to := range nodes {
			if l.wires.State(from.letter, to.letter) != (wire.State{}) {
				l.rewire(from.letter, to.letter, func(s *wire.State) { *s = wire.State{} })
			}
		}
	}
}

// rejoin lets all nodes look for the others, as at a start. While a wire was cut
// for long, discovery has given up who was behind it.
func (l *lab) rejoin() {
	for _, n := range l.running() {
		seeds := l.seedsBeside(n)
		l.wg.Go(func() { n.discovery.Bootstrap(l.ctx, seeds...) })
	}
}

// lookAtAll tells how the nodes stand before anything else is told.
func (l *lab) lookAtAll() {
	l.using.RLock()
	defer l.using.RUnlock()
	for _, n := range l.running() {
		n.watch.look(n.node)
	}
}

// nodeWith returns the running node that has a person's wallet: the person's own,
// if it does.
func (l *lab) nodeWith(person string) (labNode, error) {
	var found labNode
	for _, n := range l.running() {
		if n.node == nil || n.node.wallets.named(person) == nil {
			continue
		}
		if n.person == person {
			return n, nil
		}
		if found.node == nil {
			found = n
		}
	}
	if found.node == nil {
		return found, fmt.Errorf("%q has no wallet at a node that runs: `show` lists those that are", person)
	}
	return found, nil
}

// copyWallet gives a node a copy of a person's wallet: its key, and the name.
func (l *lab) copyWallet(person string, to labNode) error {
	from, err := l.nodeWith(person)
	if err != nil {
		return err
	}
	if to.node.wallets.named(person) != nil {
		return fmt.Errorf("%s has %s's wallet already", to.letter, person)
	}
	_, err = to.node.wallets.add(from.node.wallets.named(person), person)
	to.watch.look(to.node)
	return err
}
