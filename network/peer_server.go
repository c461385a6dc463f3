package network

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

const (
	discoveryInterval = time.Second

	defaultPort = 5678 // where a node listens unless its owner wants another port
)

// PeerServer is a node's part in the network: it answers the peers that dial
// us and keeps a [TCPClient] for each peer that discovery knows, up to 64 and
// half of those in one network. Whoever dials us is asked back, even if
// discovery does not know it. Its fields are set before Run and not changed
// after; its methods may be called from many goroutines, at any time.
//
// Article: PeerServer, whose nodes_find starts the clients.
type PeerServer struct {
	Ledger    Ledger
	Discovery Discovery
	Log       *slog.Logger

	// Dial connects to a peer; nil: TCP.
	Dial func(context.Context, netip.AddrPort) (net.Conn, error)

	Heartbeat time.Duration // between two handshakes; 0: 5 s

	// FirstChain, if not nil, is asked whether a node without a chain may take
	// that of a peer, which starts with this genesis block. The error says why
	// not. It must not block.
	FirstChain func(peer netip.AddrPort, genesis string) error

	// GiveUp, if not nil, says what to do to give up our chain for that of a
	// peer. It must not block.
	GiveUp func(peer netip.AddrPort) (remedy string)

	// Rival, if not nil, is told, at most once a second, of a Python peer that keeps
	// another chain, because ours isn't higher, and how high that is. It must not
	// block.
	Rival func(height int)

	// Knock, if not nil, shows this node under a new ID to the Python peer at addr.
	// It must not block.
	Knock func(addr netip.AddrPort)

	adding *turns          // one of the clients adds blocks at a time
	large  *turns          // for replies of more than 64 KiB
	met    chan netip.Addr // where handshakes came from: for askBack
	claims *window         // of a higher chain, unproven, that made every client shake hands
	faults faults
	quiet  quietLog

	mu      sync.Mutex // guards all below
	clients map[netip.AddrPort]*runningClient
	looked  time.Time // when discovery was last asked
}

// runningClient is a client and what we know of discovery's view of its peer.
type runningClient struct {
	*TCPClient
	stop   context.CancelFunc
	listed time.Time // when discovery last knew it; zero: never, the address is a guess
	told   time.Time // when we last told discovery of it
}

// isGuess reports whether nobody but us says that there is a peer.
func (c *runningClient) isGuess() bool { return c.listed.IsZero() && !c.isConnected() }

// Run answers peers on ln, and talks to those that discovery finds, until ctx
// is done. Then it returns nil; before, only if ln fails. When it returns, ln
// and every connection are closed and no goroutine it started is left.
func (p *PeerServer) Run(ctx context.Context, ln net.Listener) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // runs before wg.Wait: it ends the server and the clients

	p.mu.Lock()
	p.clients = make(map[netip.AddrPort]*runningClient)
	p.mu.Unlock()
	p.adding = newTurns(1, 1)
	p.large = newTurns(maxLarge, maxLarge/4)
	p.met = make(chan netip.Addr, maxGuesses)
	p.claims = newWindow(5, defaultHeartbeat)

	server := &TCPServer{Ledger: p.Ledger, Log: p.Log, Heard: p.hear, Ahead: p.checkClaim, Relay: p.relayTxs}
	served := make(chan error, 1)
	wg.Go(func() { served <- server.Serve(ctx, ln) })

	tick := time.NewTicker(discoveryInterval)
	defer tick.Stop()
	p.findNodes(ctx, &wg)
	for {
		select {
		case <-tick.C:
			p.findNodes(ctx, &wg)
			p.reportRivals()
			p.knock()
		case peer := <-p.met:
			p.askBack(ctx, &wg, peer, ln)
		case err := <-served:
			return err
		}
	}
}

// findNodes starts a client for each peer that discovery knows, and stops those
// of peers that it has lost, unless they still talk to us.
//
// Article: nodes_find, which one refused connection ends for good.
func (p *PeerServer) findNodes(ctx context.Context, wg *sync.WaitGroup) {
	found := p.Discovery.Peers()
	p.mu.Lock()
	defer p.mu.Unlock()

	newcomers := p.recordListed(found)
	p.reviewUnlisted()

	// Newcomers come in random order, so that whoever fills discovery with
	// addresses does not also choose our peers.
	rand.Shuffle(len(newcomers), func(i, j int) {
		newcomers[i], newcomers[j] = newcomers[j], newcomers[i]
	})
	for _, addr := range newcomers {
		if c, known := p.clients[addr]; known && c.isGuess() {
			p.stopClient(addr) // we guessed right: begin anew
		}
		if p.clients[addr] == nil && p.makeRoom(addr.Addr()) {
			p.startClient(ctx, wg, addr, p.looked)
		}
	}
}

// recordListed notes which clients' peers discovery knows now, and returns the
// addresses that are new to us. p.mu is held.
func (p *PeerServer) recordListed(found []netip.AddrPort) (newcomers []netip.AddrPort) {
	p.looked = time.Now()
	for _, addr := range found {
		addr = unmap(addr)
		if c, known := p.clients[addr]; known && !c.isGuess() {
			c.listed = p.looked
		} else if dialable(addr) {
			newcomers = append(newcomers, addr)
		}
	}
	return newcomers
}

// reviewUnlisted stops the clients of peers that discovery has lost and we can't
// reach, and tells discovery of those that talk to us all the same. p.mu is held.
func (p *PeerServer) reviewUnlisted() {
	for addr, c := range p.clients {
		if c.listed.Equal(p.looked) {
			continue
		}
		switch {
		case p.looked.Sub(c.listed) > gracePeriod && c.outOfReach() > gracePeriod:
			p.stopClient(addr)
		case c.isConnected() && p.looked.Sub(c.told) > gracePeriod:
			c.told = p.looked
			p.Discovery.Meet(addr)
		}
	}
}

// askBack starts a client for a peer that has shaken hands with our server from
// ip, if we have none there. The port that it dialled from isn't the one it
// listens on, so we guess: our own port, then the usual one, for as long as it
// keeps shaking hands. Nodes on our own machine are left to discovery, or we
// might dial ourselves.
func (p *PeerServer) askBack(ctx context.Context, wg *sync.WaitGroup, ip netip.Addr, ln net.Listener) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for addr, c := range p.clients {
		if addr.Addr() == ip && (c.isConnected() || c.isGuess() && !c.hasFailed()) {
			return
		}
	}
	if !p.hasRoomToGuess(ip) || isOwn(ip) {
		return
	}

	for _, port := range []uint16{listenPort(ln), defaultPort} {
		addr := netip.AddrPortFrom(ip, port)
		if dialable(addr) && p.clients[addr] == nil {
			p.startClient(ctx, wg, addr, time.Time{})
			return
		}
	}
}

// listenPort is the port that ln listens on; 0 if it has none.
func listenPort(ln net.Listener) uint16 {
	tcp, ok := ln.Addr().(*net.TCPAddr)
	if !ok {
		return 0
	}
	return tcp.AddrPort().Port()
}

// dialable reports whether a peer can be at addr at all.
func dialable(addr netip.AddrPort) bool {
	ip := addr.Addr()
	return ip.IsValid() && addr.Port() != 0 && !ip.IsUnspecified() && !ip.IsMulticast()
}

// isOwn reports whether ip is an address of this machine.
func isOwn(ip netip.Addr) bool {
	if ip.IsLoopback() {
		return true
	}
	addrs, _ := net.InterfaceAddrs() // on an error: none that we know
	return slices.ContainsFunc(addrs, func(addr net.Addr) bool {
		own, ok := addr.(*net.IPNet)
		return ok && own.IP.Equal(ip.AsSlice())
	})
}

// startClient starts to talk to the peer at addr, which discovery has just
// listed, or never (the zero time). p.mu is held.
func (p *PeerServer) startClient(ctx context.Context, wg *sync.WaitGroup, addr netip.AddrPort, listed time.Time) {
	c := NewTCPClient(addr, p.Ledger, p.Log)
	if p.Dial != nil {
		c.Dial = p.Dial
	}
	if p.Heartbeat != 0 {
		c.Heartbeat = p.Heartbeat
	}
	if p.FirstChain != nil {
		c.FirstChain = p.FirstChain
	}
	if p.GiveUp != nil {
		c.GiveUp = p.GiveUp
	}
	c.Synced = func() { p.announceSync(c) }

	// What all clients share.
	c.adding, c.large, c.faults, c.quiet = p.adding, p.large, &p.faults, &p.quiet

	if listed.IsZero() {
		c.redial = lastRedial // a wrong guess isn't worth many tries
	}
	c.recordReply() // its time to answer begins

	ctx, stop := context.WithCancel(ctx)
	p.clients[addr] = &runningClient{TCPClient: c, stop: stop, listed: listed}
	wg.Go(func() {
		defer stop()
		c.Run(ctx)
	})
}

// stopClient stops to talk to the peer at addr. p.mu is held.
func (p *PeerServer) stopClient(addr netip.AddrPort) {
	p.clients[addr].stop()
	delete(p.clients, addr)
}

// allClients returns every client but those of guesses.
func (p *PeerServer) allClients() (clients []*TCPClient) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.clients {
		if !c.isGuess() {
			clients = append(clients, c.TCPClient)
		}
	}
	return clients
}

// clientsAt returns the clients of peers at ip.
func (p *PeerServer) clientsAt(ip netip.Addr) (clients []*TCPClient) {
	for _, c := range p.allClients() {
		if c.Addr.Addr() == ip {
			clients = append(clients, c)
		}
	}
	return clients
}

// Announce tells every peer at once that our tip moved. It does not block.
// Blocks that came from a peer PeerServer announces by itself.
func (p *PeerServer) Announce() {
	for _, c := range p.allClients() {
		c.RequestHandshake()
	}
}

// announceSync tells every other peer that blocks of one have moved our tip.
func (p *PeerServer) announceSync(source *TCPClient) {
	p.claims.reset()
	for _, c := range p.allClients() {
		if c != source {
			c.RequestHandshake()
		}
	}
}

// hear takes note of a handshake that came from an address: whoever is there is
// asked back or, if it was out of reach, dialled at once. It returns how long our
// reply has to wait: 0, save for Python nodes.
func (p *PeerServer) hear(from netip.Addr) (pause time.Duration) {
	select {
	case p.met <- from:
	default: // there will be another handshake
	}
	for _, c := range p.clientsAt(from) {
		c.recordAsked()
		c.redialNow()
		if c.isPython() {
			pause = rand.N(maxPythonPause)
		}
	}
	return pause
}

// checkClaim makes us ask a peer that claims to have a higher chain than ours:
// the one at the address it came from or, if we have no client there, all of
// them. Heights cost nothing to make up, so both have bounds until one turns
// out to be true; a liar that we know uses up only its own.
func (p *PeerServer) checkClaim(from netip.Addr) {
	clients := p.clientsAt(from)
	if len(clients) == 0 && p.claims.allow() {
		clients = p.allClients()
	}
	for _, c := range clients {
		c.checkClaim()
	}
}

// Broadcast hands a transaction to every peer, save Python nodes. It does not
// block.
//
// Article: broadcast_tx.
func (p *PeerServer) Broadcast(tx json.RawMessage) {
	for _, c := range p.allClients() {
		c.AddTx(tx)
	}
}

// relayTxs hands on those of a peer's transactions that were new to us. The peer
// itself gets none of them, new or not. If there are several peers at its address,
// the port that it dialled from doesn't say which it is: then they all get what was
// new, and ignore what they know.
func (p *PeerServer) relayTxs(txs, added []json.RawMessage, from netip.Addr) {
	others := p.allClients()
	if sources := p.clientsAt(from); len(sources) == 1 {
		sources[0].dropTxs(txs)
		others = slices.DeleteFunc(others, func(c *TCPClient) bool { return c == sources[0] })
	}

	for _, tx := range added {
		tx = bytes.Clone(tx) // while it waits, it must not hold the message it came in
		for _, c := range others {
			c.AddTx(tx)
		}
	}
}

// dropTxs takes transactions out of the queue because the peer has them, save those
// that may be on their way to it.
func (c *TCPClient) dropTxs(txs []json.RawMessage) {
	known := make(map[string]bool)
	for _, tx := range txs {
		known[string(tx)] = true
	}

	c.mu.Lock()
	defer c.mu.Unlock()
	c.queue = slices.DeleteFunc(c.queue, func(queued queuedTx) bool {
		drop := queued.tries == 0 && known[string(queued.tx)]
		if drop {
			c.queuedBytes -= len(queued.tx)
		}
		return drop
	})
}

// Peers tells how each peer stands, in the order of their addresses.
func (p *PeerServer) Peers() []PeerStatus {
	ours, err := p.Ledger.Status()
	if err != nil {
		ours = Status{Height: -1}
	}

	var peers []PeerStatus
	for _, c := range p.allClients() {
		peers = append(peers, c.peerStatus(ours))
	}
	slices.SortFunc(peers, func(a, b PeerStatus) int { return a.Addr.Compare(b.Addr) })
	return peers
}
