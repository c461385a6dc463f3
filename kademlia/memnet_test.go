package kademlia

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"
)

// A memNet is a network in memory. In a synctest bubble its latency, 25 to
// 75 ms for each datagram, costs no real time. What becomes of a datagram
// depends on who sends it to whom and when, not on the order in which
// goroutines happen to run: a simulation comes out the same every time, but for
// what happens at the same instant.
type memNet struct {
	seed uint64

	mu    sync.Mutex // guards what follows
	loss  float64    // share of datagrams lost
	conns map[netip.AddrPort]*memConn
	cut   func(a, b netip.AddrPort) bool                 // whether nothing gets from a to b; nil: all does
	tap   func(from, to netip.AddrPort, datagram []byte) // see watch, may be nil
}

type memPacket struct {
	from netip.AddrPort
	data []byte
}

// A memConn is one socket of a memNet.
type memConn struct {
	net    *memNet
	addr   netip.AddrPort
	inbox  chan memPacket
	closed chan struct{}
	once   sync.Once
}

func newMemNet(seed uint64) *memNet {
	return &memNet{seed: seed, conns: make(map[netip.AddrPort]*memConn)}
}

// listen opens a socket at addr.
func (m *memNet) listen(addr netip.AddrPort) *memConn {
	c := &memConn{net: m, addr: addr, inbox: make(chan memPacket, 64), closed: make(chan struct{})}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.conns[addr] = c
	return c
}

// start starts the node n, until the test ends. This and listen, for real
// sockets, are the ways in which tests start nodes.
func (m *memNet) start(tb testing.TB, n Node, c Config) *Server {
	tb.Helper()
	c.ID = n.ID
	return serveOn(tb, m.listen(n.Addr), c)
}

// watch has f see each datagram that is sent from now on, one at a time.
func (m *memNet) watch(f func(from, to netip.AddrPort, datagram []byte)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tap = f
}

// setCut has the network lose whatever cut says, from now on.
func (m *memNet) setCut(cut func(a, b netip.AddrPort) bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cut = cut
}

// setLoss has the network lose a share of the datagrams.
func (m *memNet) setLoss(share float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.loss = share
}

// fate returns the random numbers for one datagram.
func (m *memNet) fate(from, to netip.AddrPort, datagram []byte) *rand.Rand {
	number := func(a netip.AddrPort) uint64 {
		b := a.Addr().As16()
		return uint64(binary.BigEndian.Uint32(b[12:]))<<16 | uint64(a.Port())
	}
	what := uint64(len(datagram)) << 1
	if len(datagram) > 0 {
		what |= uint64(datagram[0])
	}
	return rand.New(rand.NewPCG(
		m.seed^number(from)*0x9e3779b97f4a7c15^number(to),
		uint64(time.Now().UnixNano())^what<<40,
	))
}

func (c *memConn) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	select {
	case <-c.closed:
		return 0, net.ErrClosed
	default:
	}

	m := c.net
	p := memPacket{c.addr, slices.Clone(b)}
	rnd := m.fate(c.addr, to, b)
	latency := 25*time.Millisecond + time.Duration(rnd.Int64N(int64(50*time.Millisecond)))
	m.mu.Lock()
	lost := rnd.Float64() < m.loss || m.cut != nil && m.cut(c.addr, to)
	peer := m.conns[to]
	if m.tap != nil {
		m.tap(c.addr, to, p.data)
	}
	m.mu.Unlock()
	if peer != nil && !lost {
		time.AfterFunc(latency, func() {
			select {
			case peer.inbox <- p:
			default: // a full socket buffer
			}
		})
	}

	return len(b), nil
}

func (c *memConn) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	select {
	case p := <-c.inbox:
		return copy(b, p.data), p.from, nil
	case <-c.closed:
		return 0, netip.AddrPort{}, net.ErrClosed
	}
}

func (c *memConn) LocalAddr() net.Addr { return net.UDPAddrFromAddrPort(c.addr) }

func (c *memConn) Close() error {
	c.once.Do(func() {
		c.net.mu.Lock()
		defer c.net.mu.Unlock()
		if c.net.conns[c.addr] == c {
			delete(c.net.conns, c.addr)
		}
		close(c.closed)
	})
	return nil
}

// A peer is a node whose answers the test makes up.
type peer struct {
	*memConn
	Node
}

// An answer is what a peer sends back for a request: datagrams, most often one.
type answer func(from netip.AddrPort, id messageID, q request) [][]byte

// peer starts a peer at n. It answers until the test ends.
func (m *memNet) peer(tb testing.TB, n Node, a answer) *peer {
	p := &peer{m.listen(n.Addr), n}
	var reading sync.WaitGroup
	reading.Go(func() {
		buf := make([]byte, 1<<16)
		for {
			size, from, err := p.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			kind, id, payload, err := splitDatagram(buf[:size])
			if err != nil || kind != requestByte {
				continue // the test looks at responses with tap
			}
			q, err := decodeRequest(payload)
			if err != nil {
				tb.Errorf("peer got a malformed request: %x", payload)
				continue
			}
			for _, datagram := range a(from, id, q) {
				p.send(tb, from, datagram)
			}
		}
	})

	tb.Cleanup(func() { p.Close(); reading.Wait() })
	return p
}

func (p *peer) send(tb testing.TB, to netip.AddrPort, datagram []byte) {
	if _, err := p.WriteToUDPAddrPort(datagram, to); err != nil && !errors.Is(err, net.ErrClosed) {
		tb.Error(err)
	}
}

// honest answers as a node with this ID that knows these nodes.
func honest(id ID, nodes ...Node) answer {
	return func(_ netip.AddrPort, mid messageID, q request) [][]byte {
		p := response{kind: nodesReply, nodes: nodes}
		switch q.method {
		case ping:
			p = response{kind: idReply, id: id}
		case store:
			p = response{kind: storedReply}
		}
		return [][]byte{p.encode(mid)}
	}
}

func silent(netip.AddrPort, messageID, request) [][]byte { return nil }
