package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"gosimpleblockchain/kademlia"
	"gosimpleblockchain/network"
	"gosimpleblockchain/rpc"
	"gosimpleblockchain/view"
	"gosimpleblockchain/wire"
)

// A NodeConfig says where a node listens and what it keeps.
type NodeConfig struct {
	Listen       string   // HOST:PORT for other nodes, UDP and TCP alike
	RPC          string   // HOST:PORT for commands, on a loopback address
	View         string   // the same for the page; with a + behind, or the next port that is free; "": no page
	Bootstrap    []string // HOST:PORT of nodes to join
	Genesis      string   // hash of the only genesis block to take; "": any
	Fresh        bool     // whether a chain that is there is moved aside
	Data         string   // directory
	PoolSize     int      // transactions
	SpendPending bool     // whether send may spend unconfirmed change
	Check        bool     // whether to check all of the chain on disk at start
	Verbose      bool
	Heartbeat    time.Duration // between two handshakes with a peer; 0: 5 s
	Wires        *wire.Host    // through which it reaches other nodes; nil: the network of this machine
}

// A Node is a running whole: the chain and its pool, discovery, peers, and the
// port for commands.
type Node struct {
	config    NodeConfig
	log       *slog.Logger
	events    *stream // what log says, for readers
	chain     *Blockchain
	wallets   *Wallets
	pool      *TxPool
	discovery *kademlia.Server
	peers     *network.PeerServer
	listener  net.Listener // for peers, at Addr
	commands  net.Listener // for the command line
	page      net.Listener // for browsers; nil: none

	mu    sync.Mutex // guards seeds
	seeds []netip.AddrPort
}

// ledger is the chain and the pool as package network wants them.
type ledger struct {
	*Blockchain
	*TxPool
}

// OpenNode opens everything that a node needs, or nothing. When ctx is done it
// gives up: see [OpenBlockchain].
func OpenNode(ctx context.Context, config NodeConfig, log *slog.Logger) (*Node, error) {
	events := newStream()
	n := &Node{config: config, log: slog.New(events.handler(log.Handler())), events: events}
	if err := n.open(ctx); err != nil {
		return nil, errors.Join(err, n.close())
	}
	return n, nil
}

func (n *Node) open(ctx context.Context) (err error) {
	config := n.config
	if config.PoolSize < 1 || config.PoolSize > maxPoolTxs { // or it would never be full
		return fmt.Errorf("pool size is %d: give 1 to %d", config.PoolSize, maxPoolTxs)
	}

	n.commands, err = rpc.Listen(config.RPC)
	if err != nil {
		return fmt.Errorf("-rpc %s: %w%s", config.RPC, err, n.advice(ctx, err))
	}
	if config.View != "" {
		n.page, err = listenView(config.View)
		if err != nil {
			return fmt.Errorf("-view %s: %w%s", strings.TrimSuffix(config.View, "+"), err, adviseView(config.View, err))
		}
	}

	if err = os.MkdirAll(config.Data, 0o700); err != nil {
		return err
	}
	if err := n.openChain(ctx, filepath.Join(config.Data, "chain.db")); err != nil {
		return fmt.Errorf("%w%s", err, n.advice(ctx, err))
	}
	if err := n.chain.verify(ctx, config.Check); err != nil {
		return err
	}
	n.wallets, err = OpenWallets(filepath.Join(config.Data, "wallet.dat"))
	if err != nil {
		return err
	}

	if err = n.listen(); err != nil {
		return fmt.Errorf("-listen %s: %w%s", config.Listen, err, n.advice(ctx, err))
	}
	if err = n.noteAddr(); err != nil {
		return err
	}

	heartbeat := cmp.Or(config.Heartbeat, 5*time.Second)
	n.pool = NewTxPool(n.chain, n.wallets, config.PoolSize, heartbeat, config.SpendPending, n.log)
	if err := n.pool.Restore(ctx); err != nil {
		return err
	}
	n.peers = &network.PeerServer{
		Ledger:    ledger{n.chain, n.pool},
		Discovery: n.discovery,
		Log:       n.log,
		Heartbeat: heartbeat,

		FirstChain: n.firstChain,
		GiveUp:     n.giveUp,
		Rival:      n.pool.Overtake,
		Knock:      n.knock,
	}
	n.pool.mixed = func() bool { return n.peers.PythonPeers() > 0 }
	if config.Wires != nil {
		n.peers.Dial = config.Wires.Dial
	}
	n.chain.onChange = func(c Change) {
		n.pool.Update(c)
		n.peers.Announce()
	}
	return nil
}

// openChain opens the chain in the file at path, or a new one if the old is to
// go.
func (n *Node) openChain(ctx context.Context, path string) (err error) {
	if n.config.Fresh {
		aside, err := moveAside(path, time.Now())
		if err != nil {
			return err
		}
		if aside != "" {
			n.log.Info("chain moved aside", "file", aside)
		}
	}

	n.chain, err = openBlockchain(ctx, path, n.config.Check, n.log)
	if err != nil {
		return err
	}
	genesis, err := n.chain.Hash(0)
	if err == nil && n.config.Genesis != "" && n.config.Genesis != genesis {
		flags := " -genesis " + n.config.Genesis + " -fresh"
		if len(n.config.Bootstrap) > 0 {
			flags = " -bootstrap " + strings.Join(n.config.Bootstrap, ",") + flags
		}
		return fmt.Errorf("%s: %w, with genesis block %s: to move it aside, type `%s`", path, ErrChainExists, genesis, n.config.again(flags))
	}
	return nil
}

// listen opens TCP and UDP at one port. If the system chooses the port, the
// one that it gives for TCP may be taken for UDP: then it chooses again.
func (n *Node) listen() (err error) {
	_, port, _ := net.SplitHostPort(n.config.Listen)

	for range 10 {
		n.listener, err = n.listenTCP()
		if err != nil {
			return err
		}

		err = n.discover()
		if err == nil || port != "0" {
			return err
		}
		n.listener.Close()
	}
	return err
}

func (n *Node) listenTCP() (net.Listener, error) {
	if wires := n.config.Wires; wires != nil {
		return wires.Listen(n.config.Listen)
	}
	return net.Listen("tcp", n.config.Listen)
}

// discover opens UDP at the port of TCP. The node has a new ID at each start: a
// Python peer dials each ID only once, and whoever has taken the old one meanwhile
// gains nothing.
func (n *Node) discover() error {
	earlier, err := n.chain.savedPeers()
	if err != nil {
		return err
	}
	addr := n.Addr()
	if addr.Addr().IsUnspecified() {
		addr = netip.AddrPortFrom(netip.Addr{}, addr.Port())
	}
	config := kademlia.Config{Earlier: earlier, Log: n.log}
	wires := n.config.Wires
	if wires == nil {
		n.discovery, err = kademlia.Listen(addr, config)
		return err
	}

	conn, err := wires.ListenUDP(addr)
	if err != nil {
		return err
	}
	n.discovery, err = kademlia.Serve(conn, config)
	if err != nil {
		conn.Close()
	}
	return err
}

// Addr returns the address for other nodes, UDP and TCP.
func (n *Node) Addr() netip.AddrPort {
	addr, _ := netip.ParseAddrPort(n.listener.Addr().String())
	return netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())
}

// RPCAddr returns the address for commands.
func (n *Node) RPCAddr() string { return n.commands.Addr().String() }

// listenView opens the port of the page, which is for this machine only, as that
// of the commands. With a + behind the address, one of the
// next viewPorts does as well.
func listenView(addr string) (ln net.Listener, err error) {
	addr, orNext := strings.CutSuffix(addr, "+")
	if !orNext {
		return rpc.Listen(addr)
	}

	host, text, _ := net.SplitHostPort(addr)
	port, err := strconv.Atoi(text)
	if err != nil {
		return nil, err
	}
	for i := range viewPorts {
		ln, err = rpc.Listen(net.JoinHostPort(host, strconv.Itoa(port+i)))
		if err == nil {
			return ln, nil
		}
	}
	return nil, fmt.Errorf("no port free from %d to %d: %w", port, port+viewPorts-1, err)
}

// pageURL returns what to open in a browser, or "".
func (n *Node) pageURL() string {
	if n.page == nil {
		return ""
	}
	return "http://" + n.page.Addr().String()
}

// Run runs the node until ctx is done, or a part of it fails. When it returns
// everything is closed, and no goroutine of the node is left.
func (n *Node) Run(ctx context.Context) error {
	n.meetSeeds(ctx)
	ctx, stop := context.WithCancelCause(ctx)

	var parts sync.WaitGroup
	parts.Go(func() { stop(n.peers.Run(ctx, n.listener)) })
	parts.Go(func() { stop(rpc.Serve(ctx, n.commands, &Cli{n})) })
	if n.page != nil {
		parts.Go(func() { stop(view.Serve(ctx, n.page, inspector{n}, n.log)) })
	}
	parts.Go(func() { n.pool.Run(ctx) })
	parts.Go(func() { n.keepPeers(ctx) })
	for _, seed := range n.config.Bootstrap {
		parts.Go(func() { n.join(ctx, seed) })
	}

	<-ctx.Done()
	n.events.end()
	parts.Wait()
	err := n.close()

	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return err
}

// meetSeeds asks the nodes that we are to join who they are, before anything
// else begins. A seed that is this node itself is left out. One that does not
// answer at once is not.
func (n *Node) meetSeeds(ctx context.Context) {
	seeds := n.config.Bootstrap
	if len(seeds) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second) // an address is silent after 1 s
	defer cancel()

	isSelf := make([]bool, len(seeds))
	var asked sync.WaitGroup
	for i, seed := range seeds {
		asked.Go(func() { isSelf[i] = n.isSelf(ctx, seed) })
	}
	asked.Wait()

	n.config.Bootstrap = nil
	for i, seed := range seeds {
		if isSelf[i] {
			n.log.Info("bootstrap address is this node's own", "peer", seed)
		} else {
			n.config.Bootstrap = append(n.config.Bootstrap, seed)
		}
	}
}

// isSelf reports whether a seed is this node.
func (n *Node) isSelf(ctx context.Context, seed string) bool {
	addrs, _ := resolve(ctx, seed) // join tries again
	for _, addr := range addrs {
		peer, err := n.discovery.Ping(ctx, addr)
		if err == nil {
			return peer.ID == n.discovery.Self().ID
		}
	}
	return false
}

// keepPeers saves where other nodes have answered, for the next start: every
// minute, and when ctx is done.
func (n *Node) keepPeers(ctx context.Context) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
		if err := n.chain.savePeers(n.answered()); err != nil {
			n.log.Warn("addresses of peers not saved", "err", err)
		}
	}
}

// answered returns when a node last answered at each address: over UDP or, just
// now, over TCP.
func (n *Node) answered() map[netip.AddrPort]time.Time {
	last := make(map[netip.AddrPort]time.Time)
	for _, c := range n.discovery.Contacts() {
		last[c.Addr] = c.LastAnswer
	}
	for _, p := range n.peers.Peers() {
		if p.Height >= 0 {
			last[p.Addr] = time.Now()
		}
	}
	return last
}

// trust notes the addresses of a seed.
func (n *Node) trust(addrs []netip.AddrPort) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.seeds = append(n.seeds, addrs...)
}

// firstChain decides from whom a node without a chain takes one: from those that
// it was told to join, if it was, for as long as it takes. If it took any other's
// after a while, a stranger would only have to wait. With -genesis it takes one
// chain only, from anybody.
func (n *Node) firstChain(peer netip.AddrPort, genesis string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case n.config.Genesis == genesis:
		return nil
	case n.config.Genesis != "":
		return fmt.Errorf("other genesis block %s…, not that of -genesis", genesis[:4])
	case len(n.config.Bootstrap) == 0 || slices.Contains(n.seeds, peer):
		return nil
	}
	return fmt.Errorf("has a chain, but the first one is taken from %s only, for -bootstrap names it",
		strings.Join(n.config.Bootstrap, " or "))
}

// giveUp says how to give up our chain for that of a peer.
func (n *Node) giveUp(peer netip.AddrPort) string {
	return fmt.Sprintf("to take its chain, stop this node and type `%s`", n.config.again(fmt.Sprintf(" -bootstrap %s -fresh", peer)))
}

// join looks up a seed's host name, again and again until it has an address,
// and joins its network. Discovery itself tries addresses again.
func (n *Node) join(ctx context.Context, seed string) {
	for pause := time.Second; ; pause = min(2*pause, time.Minute) {
		addrs, err := resolve(ctx, seed)
		if err == nil {
			n.trust(addrs)
			if err := n.discovery.Bootstrap(ctx, addrs...); err != nil && ctx.Err() == nil {
				n.log.Info("no node answers at the bootstrap address yet", "peer", seed)
			}
			return
		}

		n.log.Warn("bootstrap address is unknown", "peer", seed, "err", err)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
	}
}

// resolve returns the addresses of HOST:PORT.
func resolve(ctx context.Context, seed string) (addrs []netip.AddrPort, err error) {
	host, service, err := net.SplitHostPort(seed)
	if err != nil {
		return nil, err
	}
	port, err := net.DefaultResolver.LookupPort(ctx, "udp", service)
	if err != nil {
		return nil, err
	}

	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	for _, ip := range ips {
		addrs = append(addrs, netip.AddrPortFrom(ip.Unmap(), uint16(port)))
	}
	return addrs, err
}

// close closes what is open, the database last.
func (n *Node) close() (err error) {
	for _, c := range []net.Listener{n.commands, n.page, n.listener} {
		if c != nil {
			c.Close()
		}
	}
	if n.discovery != nil {
		err = n.discovery.Close()
	}
	if n.chain != nil {
		os.Remove(n.config.addrFile()) // it may not be there yet
		err = errors.Join(err, n.chain.Close())
	}
	return err
}
