package kademlia

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// Figures of the paper: the size of a bucket, and how many requests of a
// lookup are under way at a time. Python's are the same.
const (
	defaultK     = 20
	defaultAlpha = 3
)

// Errors of a [Server]'s calls, to be tested with [errors.Is].
var (
	ErrClosed     = errors.New("kademlia: server closed")
	ErrTimeout    = errors.New("kademlia: no answer")
	ErrNoContacts = errors.New("kademlia: no other node answers")
)

// A Conn is what a Server needs of a UDP socket. *net.UDPConn is one.
type Conn interface {
	ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error)
	WriteToUDPAddrPort(b []byte, addr netip.AddrPort) (int, error)
	LocalAddr() net.Addr
	Close() error
}

// A Config configures a Server. The zero value works.
type Config struct {
	ID      ID               // of this node; zero means a random one, as it should be
	K       int              // size of a bucket and of a reply; 20 if zero
	Alpha   int              // requests of a lookup under way at a time; 3 if zero
	Earlier []netip.AddrPort // where nodes answered once: asked like seeds, but trusted no more than strangers
	Rand    io.Reader        // crypto/rand if nil
	Log     *slog.Logger     // nothing is logged if nil
}

// A Server is one node of the network: it answers other nodes and keeps the
// table of those it knows. Its methods are safe for use by several goroutines.
type Server struct {
	conn  Conn
	id    ID
	k     int
	alpha int
	log   *slog.Logger
	done  chan struct{}  // closed by Close
	wake  chan struct{}  // tells maintain that there is something to do
	wg    sync.WaitGroup // every goroutine but those of the callers

	mu      sync.Mutex // guards what follows
	closed  bool
	rand    io.Reader
	table   *Table
	pending map[callKey]chan<- result // calls under way
	values  *cache[ID, []byte]        // MessagePack scalars by key
	lookups int                       // begun so far
	seeds   []netip.AddrPort
	earlier []netip.AddrPort // asked besides the seeds
	proofs  proofs           // which addresses are real: trust.go
	sent    valueBudget      // trust.go
	logged  logLimit         // what others made us log: trust.go
}

// Listen opens a UDP socket at addr and serves on it until Close. Port 0 picks
// a free port; an AddrPort without an IP means all addresses of the machine,
// IPv4 and IPv6.
func Listen(addr netip.AddrPort, c Config) (*Server, error) {
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(addr))
	if err != nil {
		return nil, fmt.Errorf("kademlia: %w", err)
	}
	s, err := Serve(conn, c)
	if err != nil {
		conn.Close()
	}
	return s, err
}

// Serve starts a node on conn, which it owns from then on: Close closes it.
// The only error is that of c.Rand.
func Serve(conn Conn, c Config) (*Server, error) {
	if c.K <= 0 {
		c.K = defaultK
	}
	if c.Alpha <= 0 {
		c.Alpha = defaultAlpha
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.ID == (ID{}) {
		if _, err := io.ReadFull(c.Rand, c.ID[:]); err != nil {
			return nil, fmt.Errorf("kademlia: choose an ID: %w", err)
		}
	}

	s := &Server{
		conn: conn, id: c.ID, k: c.K, alpha: c.Alpha, log: c.Log, rand: c.Rand,
		done:    make(chan struct{}),
		wake:    make(chan struct{}, 1),
		table:   NewTable(c.ID, c.K),
		pending: make(map[callKey]chan<- result),
		values:  newCache[ID, []byte](maxValues, valueTTL),
		earlier: c.Earlier,
		proofs:  newProofs(),
		logged:  logLimit{warnings: make(map[string]time.Time)},
	}
	s.table.isSeed = func(addr netip.AddrPort) bool { return slices.Contains(s.seeds, addr) }
	s.table.added = func(n Node) { s.logChange("peer found", n) }
	s.table.removed = func(n Node) {
		s.logChange("peer lost", n)
		s.proofs.known.remove(n.Addr) // its next request makes us look for it again
	}

	s.wg.Go(s.read)
	s.wg.Go(s.maintain)
	return s, nil
}

// Close stops the node. Calls under way return [ErrClosed] at once. When Close
// returns, no goroutine of the node is left. To close again does nothing.
func (s *Server) Close() error {
	s.mu.Lock()
	first := !s.closed
	s.closed = true
	s.mu.Unlock()

	var err error
	if first {
		close(s.done)
		err = s.conn.Close() // ends read
	}
	s.wg.Wait()
	return err
}

// Self returns the node's ID and the address its socket is bound to, which may
// be a wildcard.
func (s *Server) Self() Node {
	n := Node{ID: s.id}
	if a, ok := s.conn.LocalAddr().(*net.UDPAddr); ok {
		n.Addr = unmap(a.AddrPort())
	}
	return n
}

// Nodes returns a copy of the routing table's contacts: other nodes only, each
// of which has answered from its address with its ID, and not long ago.
func (s *Server) Nodes() []Node {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.table.Nodes()
}

// A Contact is a node of the routing table, as it stands. With five strikes it is
// stale: kept until another node wants its place, and not among [Server.Nodes].
type Contact struct {
	Node
	Bucket     int // the table's bucket: as many leading bits of the ID are ours
	Strikes    int // requests unanswered since the last answer
	LastAnswer time.Time
}

// Contacts returns a copy of the routing table, farthest bucket first.
func (s *Server) Contacts() (contacts []Contact) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.table.buckets {
		for _, c := range s.table.buckets[i].contacts {
			contacts = append(contacts, Contact{c.Node, i, c.strikes, c.lastAnswer})
		}
	}
	return contacts
}

// BucketSize returns how many contacts a bucket of the table holds.
func (s *Server) BucketSize() int { return s.k }

// Peers returns the addresses of [Server.Nodes].
func (s *Server) Peers() []netip.AddrPort {
	nodes := s.Nodes()
	addrs := make([]netip.AddrPort, len(nodes))
	for i, n := range nodes {
		addrs[i] = n.Addr
	}
	return addrs
}

// read handles datagrams until the server is closed. It ends on nothing else:
// Windows reports here that some earlier datagram did not arrive.
func (s *Server) read() {
	buf := make([]byte, 1<<16) // no datagram is longer
	failures := 0
	for {
		n, from, err := s.conn.ReadFromUDPAddrPort(buf)
		if err == nil {
			failures = 0
			s.handle(unmap(from), buf[:n])
			continue
		}

		if errors.Is(err, net.ErrClosed) {
			return
		}
		s.log.Debug("read", "err", err)
		failures = min(failures+1, 10)
		if !s.sleep(time.Duration(failures) * time.Millisecond) {
			return
		}
	}
}

// sleep waits for d and reports whether the server still runs.
func (s *Server) sleep(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.done:
		return false
	}
}

// unmap returns addr with an IPv4 address as such: an IPv6 socket reports it
// as ::ffff:1.2.3.4.
func unmap(addr netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())
}

// handle takes in one datagram. It never blocks.
func (s *Server) handle(from netip.AddrPort, datagram []byte) {
	if !usable(from) {
		s.logIgnored("address of no node", from)
		return
	}
	kind, id, payload, err := splitDatagram(datagram)
	if err != nil {
		s.logIgnored("not a message", from)
		return
	}

	if kind == responseByte {
		s.handleResponse(from, id, payload)
		return
	}
	q, err := decodeRequest(payload)
	if err != nil {
		s.logIgnored("malformed request", from)
		return
	}
	s.tellRequest("datagram received", from, q)
	if s.mayAnswer(from, id, q) {
		s.answer(from, id, q)
	}
}

// answer carries q out and sends the response.
func (s *Server) answer(to netip.AddrPort, id messageID, q request) {
	p, ok := s.carryOut(to, q)
	if !ok {
		s.logIgnored("too many values asked for", to)
		return
	}
	s.tellResponse("datagram sent", to, p)
	if _, err := s.conn.WriteToUDPAddrPort(p.encode(id), to); err != nil {
		s.log.Debug("datagram not sent", "peer", to, "err", err)
	}
}

// carryOut does what the node at from asks for, and returns the response. If it is
// not ok, there is none: the node has asked for too many values.
func (s *Server) carryOut(from netip.AddrPort, q request) (p response, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch q.method {
	case ping:
		return response{kind: idReply, id: s.id}, true

	case store:
		s.values.put(q.target, q.value, time.Now())
		return response{kind: storedReply}, true

	case stun:
		return response{kind: addrReply, addr: from}, true

	case findValue:
		if value, ok := s.values.get(q.target, time.Now()); ok {
			return response{kind: valueReply, value: value}, s.sent.take(from.Addr(), len(value), time.Now())
		}
	}

	// A find_node, or a find_value for a key whose value is not here. We name
	// only contacts that answered our last request, and not the caller itself.
	nodes := s.table.closest(q.target, s.k, func(c *contact) bool {
		return c.strikes == 0 && c.Addr != from && relayable(from.Addr(), c.Addr.Addr())
	})
	return response{kind: nodesReply, nodes: nodes}, true
}
