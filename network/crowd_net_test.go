package network

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"
)

// A crowdNet is a network in memory for many nodes, UDP and TCP, each at an IP
// address of its own. In a synctest bubble its latency, 25 to 75 ms from each node
// to each, costs no real time. It counts what is sent over TCP.
type crowdNet struct {
	seed uint64

	mu        sync.Mutex // guards all below
	sockets   map[netip.AddrPort]*crowdSocket
	listeners map[netip.AddrPort]*fakeListener
	port      int // the last one that a dialler got
	sent      traffic
	watched   []string // news whose messages are noted
	noted     []crossing
}

// traffic is what was sent over TCP.
type traffic struct{ messages, bytes int }

func (t traffic) minus(u traffic) traffic {
	return traffic{t.messages - u.messages, t.bytes - u.bytes}
}

// A crossing is a message with news from one node to another.
type crossing struct {
	news          string
	from, to      netip.Addr
	sent, arrives time.Time
}

func newCrowdNet(seed uint64) *crowdNet {
	return &crowdNet{
		seed:      seed,
		sockets:   make(map[netip.AddrPort]*crowdSocket),
		listeners: make(map[netip.AddrPort]*fakeListener),
		port:      1024,
	}
}

// latency is how long everything takes from one node to another.
func (n *crowdNet) latency(from, to netip.Addr) time.Duration {
	a, b := from.As4(), to.As4()
	luck := rand.New(rand.NewPCG(n.seed, uint64(binary.BigEndian.Uint32(a[:]))<<32|uint64(binary.BigEndian.Uint32(b[:]))))
	return 25*time.Millisecond + time.Duration(luck.Int64N(int64(50*time.Millisecond)))
}

// watch notes which messages contain one of the texts, from now on.
func (n *crowdNet) watch(news ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.watched, n.noted = news, nil
}

// counter returns a function that counts a message from one node to another, and
// notes the news in it.
func (n *crowdNet) counter(from, to netip.AddrPort) func(msg []byte, sent, arrives time.Time) {
	return func(msg []byte, sent, arrives time.Time) {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.sent.messages++
		n.sent.bytes += len(msg)
		for _, news := range n.watched {
			if bytes.Contains(msg, []byte(news)) {
				n.noted = append(n.noted, crossing{news, from.Addr(), to.Addr(), sent, arrives})
			}
		}
	}
}

// traffic returns what has been sent so far.
func (n *crowdNet) traffic() traffic {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.sent
}

// crossings returns where one of the watched texts went, in the order in which it
// was sent.
func (n *crowdNet) crossings(news string) (found []crossing) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range n.noted {
		if c.news == news {
			found = append(found, c)
		}
	}
	return found
}

// A delayed queue is what is on its way to one reader.
type delayed[T any] struct {
	mu    sync.Mutex // guards items
	items []onItsWay[T]
	wake  chan struct{} // holds a token: there is something new
}

type onItsWay[T any] struct {
	item T
	due  time.Time
}

func newDelayed[T any]() *delayed[T] { return &delayed[T]{wake: make(chan struct{}, 1)} }

// put adds an item behind all that are due no later.
func (q *delayed[T]) put(item T, due time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := len(q.items)
	for i > 0 && q.items[i-1].due.After(due) {
		i--
	}
	q.items = slices.Insert(q.items, i, onItsWay[T]{item, due})
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// next takes the first item, if it is due, or returns how long that takes.
func (q *delayed[T]) next() (item T, wait time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.items) == 0 {
		return item, math.MaxInt64
	}
	if wait := time.Until(q.items[0].due); wait > 0 {
		return item, wait
	}
	item = q.items[0].item
	q.items = slices.Delete(q.items, 0, 1)
	return item, 0
}

// take waits for the next item, at most until the deadline, if there is one.
func (q *delayed[T]) take(deadline time.Time, closed <-chan struct{}) (item T, err error) {
	for {
		item, wait := q.next()
		if wait == 0 {
			return item, nil
		}
		if !deadline.IsZero() {
			wait = min(wait, time.Until(deadline))
		}
		if wait <= 0 {
			return item, os.ErrDeadlineExceeded
		}

		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-q.wake:
		case <-closed:
			timer.Stop()
			return item, net.ErrClosed
		}
		timer.Stop()
	}
}

// A longConn is one end of a connection over a long line: what is written takes a
// while to arrive, and whoever writes doesn't wait for that.
type longConn struct {
	net.Conn // of which nothing else is called
	latency  time.Duration
	onWrite  func(b []byte, sent, arrives time.Time)
	inbox    *delayed[[]byte]
	outbox   *delayed[[]byte] // the other end's inbox
	once     sync.Once
	closed   chan struct{}

	rest     []byte    // that has arrived and is not read
	ended    bool      // the other end has hung up
	deadline time.Time // of reading
}

// longPipe returns both ends of a line that takes so long, there and back.
func longPipe(nearToFar, farToNear time.Duration) (near, far *longConn) {
	a, b := newDelayed[[]byte](), newDelayed[[]byte]()
	end := func(latency time.Duration, inbox, outbox *delayed[[]byte]) *longConn {
		return &longConn{
			latency: latency, onWrite: func([]byte, time.Time, time.Time) {},
			inbox: inbox, outbox: outbox, closed: make(chan struct{}),
		}
	}
	return end(nearToFar, a, b), end(farToNear, b, a)
}

// Write sends one message: that is what msgConn.send writes at a time.
func (c *longConn) Write(b []byte) (int, error) {
	select {
	case <-c.closed:
		return 0, net.ErrClosed
	default:
	}
	now := time.Now()
	arrives := now.Add(c.latency)
	c.onWrite(b, now, arrives)
	c.outbox.put(bytes.Clone(b), arrives)
	return len(b), nil
}

func (c *longConn) Read(b []byte) (int, error) {
	if len(c.rest) == 0 && !c.ended {
		text, err := c.inbox.take(c.deadline, c.closed)
		if err != nil {
			return 0, err
		}
		c.rest, c.ended = text, text == nil
	}
	if c.ended {
		return 0, io.EOF
	}
	n := copy(b, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

func (c *longConn) SetReadDeadline(t time.Time) error {
	c.deadline = t
	return nil
}

// SetWriteDeadline does nothing: a Write never waits.
func (c *longConn) SetWriteDeadline(time.Time) error { return nil }

func (c *longConn) Close() error {
	c.once.Do(func() {
		close(c.closed)
		c.outbox.put(nil, time.Now().Add(c.latency)) // the end
	})
	return nil
}

func (n *crowdNet) listen(addr netip.AddrPort) net.Listener {
	ln := newFakeListener(addr)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.listeners[addr] = ln
	return ln
}

// dialer is the Dial of the node at ip. It takes a round trip.
func (n *crowdNet) dialer(ip netip.Addr) func(context.Context, netip.AddrPort) (net.Conn, error) {
	return func(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
		n.mu.Lock()
		ln := n.listeners[to]
		n.port++
		from := netip.AddrPortFrom(ip, uint16(n.port))
		n.mu.Unlock()

		there, back := n.latency(ip, to.Addr()), n.latency(to.Addr(), ip)
		if ln == nil || !sleep(ctx, there+back, nil) {
			return nil, syscall.ECONNREFUSED
		}
		near, far := longPipe(there, back)
		near.onWrite, far.onWrite = n.counter(from, to), n.counter(to, from)
		if err := ln.connect(ctx, &fakeConn{far, net.TCPAddrFromAddrPort(from)}); err != nil {
			return nil, err
		}
		return &fakeConn{near, net.TCPAddrFromAddrPort(to)}, nil
	}
}

// A crowdSocket is a socket for UDP, as package kademlia wants it.
type crowdSocket struct {
	network *crowdNet
	addr    netip.AddrPort
	inbox   *delayed[datagram]
	once    sync.Once
	closed  chan struct{}
}

type datagram struct {
	from netip.AddrPort
	text []byte
}

func (n *crowdNet) listenUDP(addr netip.AddrPort) *crowdSocket {
	s := &crowdSocket{network: n, addr: addr, inbox: newDelayed[datagram](), closed: make(chan struct{})}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.sockets[addr] = s
	return s
}

func (s *crowdSocket) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	s.network.mu.Lock()
	peer := s.network.sockets[to]
	s.network.mu.Unlock()
	if peer != nil {
		latency := s.network.latency(s.addr.Addr(), to.Addr())
		peer.inbox.put(datagram{s.addr, bytes.Clone(b)}, time.Now().Add(latency))
	}
	return len(b), nil
}

func (s *crowdSocket) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	d, err := s.inbox.take(time.Time{}, s.closed)
	return copy(b, d.text), d.from, err
}

func (s *crowdSocket) LocalAddr() net.Addr { return net.UDPAddrFromAddrPort(s.addr) }
func (s *crowdSocket) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}
