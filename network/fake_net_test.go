package network

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// fakeNet connects the nodes of a synctest bubble with pipes.
type fakeNet struct {
	mu        sync.Mutex // guards all below
	listeners map[netip.AddrPort]*fakeListener
	dialed    map[netip.AddrPort][]time.Time // every try
	port      int                            // the last one that a dialler got

	delay time.Duration // of what is sent, one way
}

func newFakeNet() *fakeNet {
	return &fakeNet{
		listeners: make(map[netip.AddrPort]*fakeListener),
		dialed:    make(map[netip.AddrPort][]time.Time),
		port:      40000,
	}
}

// dialer is the Dial of the node at ip.
func (n *fakeNet) dialer(ip netip.Addr) func(context.Context, netip.AddrPort) (net.Conn, error) {
	return func(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
		n.mu.Lock()
		n.dialed[to] = append(n.dialed[to], time.Now())
		ln := n.listeners[to]
		n.port++
		from := &net.TCPAddr{IP: ip.AsSlice(), Port: n.port}
		n.mu.Unlock()
		if ln == nil {
			return nil, syscall.ECONNREFUSED
		}
		near, far := longPipe(n.delay, n.delay)
		if err := ln.connect(ctx, &fakeConn{far, from}); err != nil {
			return nil, err
		}
		return &fakeConn{near, net.TCPAddrFromAddrPort(to)}, nil
	}
}

// tries returns when somebody dialled addr.
func (n *fakeNet) tries(addr netip.AddrPort) []time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]time.Time(nil), n.dialed[addr]...)
}

func (n *fakeNet) listen(addr netip.AddrPort) net.Listener {
	ln := newFakeListener(addr)
	ln.onClose = func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		if n.listeners[addr] == ln {
			delete(n.listeners, addr)
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.listeners[addr] = ln
	return ln
}

type fakeListener struct {
	addr    netip.AddrPort
	conns   chan net.Conn
	once    sync.Once
	closed  chan struct{}
	onClose func()
}

func newFakeListener(addr netip.AddrPort) *fakeListener {
	return &fakeListener{addr: addr, conns: make(chan net.Conn), closed: make(chan struct{}), onClose: func() {}}
}

// connect hands one end of a new connection to whoever accepts.
func (ln *fakeListener) connect(ctx context.Context, nc net.Conn) error {
	select {
	case ln.conns <- nc:
		return nil
	case <-ln.closed:
		return syscall.ECONNREFUSED
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (ln *fakeListener) Accept() (net.Conn, error) {
	select {
	case c := <-ln.conns:
		return c, nil
	case <-ln.closed:
		return nil, net.ErrClosed
	}
}

func (ln *fakeListener) Close() error {
	ln.once.Do(func() {
		close(ln.closed)
		ln.onClose()
	})
	return nil
}

func (ln *fakeListener) Addr() net.Addr { return net.TCPAddrFromAddrPort(ln.addr) }

// fakeConn is a pipe with an address.
type fakeConn struct {
	net.Conn
	remote *net.TCPAddr
}

func (c *fakeConn) RemoteAddr() net.Addr { return c.remote }

// testNode is a PeerServer in a bubble.
type testNode struct {
	*PeerServer
	ledger *fakeLedger
	disc   *fakeDiscovery
	addr   netip.AddrPort
	stop   func() // and wait for the end
}

// startNode runs a node at addr that knows peers, until the test ends or it is
// stopped.
func (n *fakeNet) startNode(t *testing.T, addr string, l *fakeLedger, peers ...*testNode) *testNode {
	t.Helper()
	return n.nodeWith(t, func(*PeerServer) {}, addr, l, peers...)
}

// nodeWith is node with fields of a test's choice.
func (n *fakeNet) nodeWith(t *testing.T, set func(*PeerServer), addr string, l *fakeLedger, peers ...*testNode) *testNode {
	t.Helper()
	at := netip.MustParseAddrPort(addr)
	node := &testNode{ledger: l, disc: new(fakeDiscovery), addr: at}
	for _, peer := range peers {
		node.disc.peers = append(node.disc.peers, peer.addr)
	}
	node.PeerServer = &PeerServer{Ledger: l, Discovery: node.disc, Log: testLog(t), Dial: n.dialer(at.Addr())}
	set(node.PeerServer)
	node.stop = startOn(t, n.listen(at), node.Run)
	return node
}

// newClient returns a client of the peer at addr.
func (n *fakeNet) newClient(t *testing.T, addr netip.AddrPort, l Ledger) *TCPClient {
	c := NewTCPClient(addr, l, testLog(t))
	c.Dial = n.dialer(netip.MustParseAddr("10.0.0.99"))
	return c
}

// startClient runs a client of the peer at addr until the test ends.
func (n *fakeNet) startClient(t *testing.T, addr netip.AddrPort, l Ledger) *TCPClient {
	c := n.newClient(t, addr, l)
	runClient(t, c)
	return c
}

// knows makes both nodes know each other.
func (node *testNode) knows(others ...*testNode) {
	for _, other := range others {
		node.disc.set(append(node.disc.Peers(), other.addr)...)
		other.disc.set(append(other.disc.Peers(), node.addr)...)
	}
}

// state is how node sees its only peer.
func (node *testNode) state(t *testing.T) string {
	t.Helper()
	peers := node.Peers()
	if len(peers) != 1 {
		t.Fatalf("%s has %d peers, want 1", node.addr, len(peers))
	}
	return peers[0].State
}

// pass lets time go by and everything that is due happen.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// startScript runs a peer that answers as a test says, in a bubble: reply is called
// with each request; a nil reply hangs up, an empty one stays silent.
func (n *fakeNet) startScript(t *testing.T, addr string, reply func(req Msg) []byte) netip.AddrPort {
	t.Helper()
	at := netip.MustParseAddrPort(addr)
	ln := n.listen(at)
	var wg sync.WaitGroup
	serve := func(nc net.Conn) {
		defer nc.Close()
		c := newMsgConn(nc, testLog(t))
		for {
			req, err := c.receive(time.Hour)
			if err != nil {
				return
			}
			out := reply(req)
			if out == nil {
				return
			}
			if _, err := nc.Write(out); err != nil {
				return
			}
		}
	}
	wg.Go(func() {
		for {
			nc, err := ln.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			wg.Go(func() { serve(nc) })
		}
	})
	t.Cleanup(func() {
		ln.Close()
		wg.Wait()
	})
	return at
}
