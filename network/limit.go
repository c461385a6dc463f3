package network

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// maxMsg is the size of the largest message we read, in bytes. A block is at
// most 1 MiB.
const maxMsg = 2 << 20

// smallMsg is the size, in bytes, up to which messages cost nothing worth
// counting. Larger ones give their buffer back, or it would be held for as
// long as the connection lives.
const smallMsg = 64 << 10

var (
	errTooLong = errors.New("message longer than 2 MiB")
	errNoSlot  = errors.New("too many large messages at once")
)

// maxTxs bounds the transactions of one message: as many as a block may hold.
const maxTxs = 10_000

// maxParts bounds the commas of a message: what it is made of. A block that is
// valid has no more than 40,000, and of small parts the decoded form takes
// twenty times the room of the text.
const maxParts = 1 << 16

// limitedReader reads one message from r: as much as left, and more than
// smallMsg only with one of the slots, if there are such: whoever handles the
// message gives it back.
// (io.LimitedReader would end with io.EOF, as if the peer had hung up.)
type limitedReader struct {
	r     io.Reader
	left  int
	slots chan struct{} // of a server: takes a token for each large message; nil: no bound
	slot  bool          // we have put one in
}

func (l *limitedReader) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errTooLong
	}
	if l.left <= maxMsg-smallMsg && l.slots != nil && !l.slot {
		select {
		case l.slots <- struct{}{}:
			l.slot = true
		default:
			return 0, errNoSlot
		}
	}
	n, err := l.r.Read(p[:min(len(p), l.left)])
	l.left -= n
	return n, err
}

// release gives the slot back.
func (l *limitedReader) release() {
	if l.slot {
		<-l.slots
		l.slot = false
	}
}

const (
	defaultTimeout  = 30 * time.Second // a Python peer shakes hands every 10 s
	defaultMaxConns = 128

	// maxLarge is how many messages of more than 64 KiB may arrive or be handled
	// at a time. Those that honest peers send to a server are far smaller, and
	// without the bound a stranger could have us hold 2 MiB for each connection.
	maxLarge = 8
)

// enter takes a connection in, or says which limit forbids it.
func (s *TCPServer) enter(peer netip.Addr, nc net.Conn) (limit string) {
	maxConns := s.MaxConns
	if maxConns == 0 {
		maxConns = defaultMaxConns
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case len(s.conns[peer]) >= max(maxConns/4, 1):
		return "connection refused: too many from one address"
	case s.total >= maxConns && !s.makeRoom(peer):
		return "connection refused: too many connections"
	case s.conns == nil:
		s.conns = make(map[netip.Addr][]net.Conn)
	}
	s.conns[peer] = append(s.conns[peer], nc)
	s.total++
	return ""
}

// makeRoom closes the oldest connection of the address that has most, if the
// newcomer's address still has fewer then. s.mu is held.
func (s *TCPServer) makeRoom(newcomer netip.Addr) bool {
	var most netip.Addr
	for addr, conns := range s.conns {
		if len(conns) > len(s.conns[most]) {
			most = addr
		}
	}
	if len(s.conns[most]) < len(s.conns[newcomer])+2 {
		return false
	}
	s.quiet.warn(s.Log, "connection closed: a newcomer needs its place", "peer", most)
	oldest := s.conns[most][0]
	oldest.Close()
	s.remove(most, oldest)
	return true
}

func (s *TCPServer) leave(peer netip.Addr, nc net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(peer, nc)
}

// remove takes a connection out, unless makeRoom did. s.mu is held.
func (s *TCPServer) remove(peer netip.Addr, nc net.Conn) {
	i := slices.Index(s.conns[peer], nc)
	if i < 0 {
		return
	}
	s.total--
	if s.conns[peer] = slices.Delete(s.conns[peer], i, i+1); len(s.conns[peer]) == 0 {
		delete(s.conns, peer)
	}
}

const (
	dialTimeout  = 5 * time.Second
	replyTimeout = 10 * time.Second // for a whole request and reply

	firstRedial = time.Second // doubles with each try in vain
	lastRedial  = 30 * time.Second

	maxQueue      = 1000    // transactions that wait for one peer
	maxQueueBytes = 2 << 20 // of their JSON
	maxTries      = 3       // connections on which we try to hand over one transaction

	// A Python node takes what one recv of 4096 bytes returns for one
	// message. Transactions share a message only as long as it stays well
	// below that.
	maxTxsMsg = 4000
)

// hint is Shake because somebody was heard to have a higher chain. Hints in
// vain have a bound.
func (c *TCPClient) hint() {
	c.mu.Lock()
	ok := c.hints.allow()
	c.mu.Unlock()
	if ok {
		c.Shake()
	}
}

// outOfReach is for how long the peer has not answered; 0 while connected.
func (c *TCPClient) outOfReach() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.connected {
		return 0
	}
	return time.Since(c.answered)
}

// A batch of blocks is added in one go, while the next one is fetched.
const (
	maxBatchBlocks = 500
	maxBatchBytes  = 1 << 20 // reached, a batch is full: with its last block it may hold twice that
)

// handIn passes a batch on when it is our turn. To decode and check blocks
// takes all processors, and several times the memory of their text: of all
// peers, some of them hostile, one at a time may cause that.
func (c *TCPClient) handIn(ctx context.Context, batch []json.RawMessage, batches chan<- []json.RawMessage) error {
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case batches <- batch:
		return nil
	case <-ctx.Done():
		<-c.turn
		return ctx.Err()
	}
}

const (
	// gracePeriod is how long a peer stays ours after discovery has lost it:
	// a lost datagram must not end a good connection.
	gracePeriod = 30 * time.Second

	maxClients = 64

	// idlePeriod is how long a peer may be out of reach until another may
	// have its place, when there are more peers than places.
	idlePeriod = time.Minute
)

// makeRoom reports whether there is a place for a peer at ip, if need be that
// of one out of reach. p.mu is held.
func (p *PeerServer) makeRoom(ip netip.Addr) bool {
	if len(p.at(ip)) >= maxClients/2 {
		return false
	}
	if len(p.clients) < maxClients {
		return true
	}
	for addr, c := range p.clients {
		if c.outOfReach() > idlePeriod {
			p.stopClient(addr)
			return true
		}
	}
	return false
}

// quietLog writes each line at most once a minute, however often a peer
// causes it. Lines are told apart by their message, a constant, so that a
// peer cannot make up new ones.
type quietLog struct {
	mu    sync.Mutex // guards lines
	lines map[string]*quietLine
}

type quietLine struct {
	written time.Time
	kept    int // lines kept back since
}

func (q *quietLog) warn(log *slog.Logger, msg string, args ...any) {
	q.mu.Lock()
	if q.lines == nil {
		q.lines = make(map[string]*quietLine)
	}
	line, seen := q.lines[msg]
	if seen && time.Since(line.written) < time.Minute {
		line.kept++
		q.mu.Unlock()
		return
	}
	if seen && line.kept > 0 {
		args = append(args, "repeated", line.kept)
	}
	q.lines[msg] = &quietLine{written: time.Now()}
	q.mu.Unlock()
	log.Warn(msg, args...)
}

// window allows max events in each span of time. The zero value allows none.
type window struct {
	max   int
	span  time.Duration
	began time.Time
	n     int
}

func (w *window) allow() bool {
	if now := time.Now(); now.Sub(w.began) >= w.span {
		w.began, w.n = now, 0
	}
	w.n++
	return w.n <= w.max
}

func (w *window) reset() { w.n = 0 }

const (
	firstPause = 10 * time.Second // after the first fault
	lastPause  = 10 * time.Minute
	maxFaults  = 1024 // peers remembered
)

// faults remembers which peers served what they should not, and how long to
// leave each alone. It outlives the clients, so that a peer gains nothing by
// leaving discovery and coming back.
type faults struct {
	mu    sync.Mutex // guards peers
	peers map[netip.AddrPort]fault
}

type fault struct {
	reason string
	pause  time.Duration
	until  time.Time
}

// forgotten reports whether a peer has been left alone and then behaved for
// as long as the longest pause.
func (f fault) forgotten() bool { return time.Since(f.until) > lastPause }

// add notes a fault of peer and returns how long to leave it alone: twice as
// long as after the one before.
func (fs *faults) add(peer netip.AddrPort, reason string) time.Duration {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if fs.peers == nil {
		fs.peers = make(map[netip.AddrPort]fault)
	}
	f, seen := fs.peers[peer]
	switch {
	case !seen || f.forgotten():
		f.pause = firstPause
	default:
		f.pause = min(2*f.pause, lastPause)
	}
	f.reason, f.until = reason, time.Now().Add(f.pause)
	if !seen && len(fs.peers) >= maxFaults {
		fs.evict()
	}
	fs.peers[peer] = f
	return f.pause
}

// evict drops the entry that ends first. fs.mu is held.
func (fs *faults) evict() {
	var first netip.AddrPort
	for peer, f := range fs.peers {
		if !first.IsValid() || f.until.Before(fs.peers[first].until) {
			first = peer
		}
	}
	delete(fs.peers, first)
}

// left returns how long peer is still to be left alone, and why.
func (fs *faults) left(peer netip.AddrPort) (time.Duration, string) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	f, seen := fs.peers[peer]
	if !seen {
		return 0, ""
	}
	return max(0, time.Until(f.until)), f.reason
}
