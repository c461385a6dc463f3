package network

import (
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

// Time.
const (
	defaultTimeout = 30 * time.Second // for a request to come; a Python peer shakes hands every 10 s
	dialTimeout    = 5 * time.Second
	replyTimeout   = 10 * time.Second // for a whole request and reply

	firstRedial = time.Second // pause before the next try; doubles with each in vain
	lastRedial  = 30 * time.Second

	// gracePeriod is how long a peer stays ours after discovery has lost it:
	// a lost datagram must not end a good connection.
	gracePeriod = 30 * time.Second

	// earlyPause is how long blocks that come too early for our clock are not
	// fetched again.
	earlyPause = 30 * time.Second

	// idlePeriod is how long a peer may be out of reach until another may
	// have its place, when there are more peers than places.
	idlePeriod = time.Minute
)

// Peers.
const (
	defaultMaxConns = 128 // that dialled us
	maxClients      = 64  // that we dial
)

// Messages.
const (
	// maxMsg is the size of the largest message we read, in bytes. A block is
	// at most 1 MiB.
	maxMsg = 2 << 20

	// smallMsg is the size, in bytes, up to which messages cost nothing worth
	// counting. Larger ones give their buffer back, or it would be held for as
	// long as the connection lives.
	smallMsg = 64 << 10

	// maxLarge is how many messages of more than 64 KiB may arrive at a server
	// or be handled at a time. Those that honest peers send to a server are far
	// smaller, and without the bound a stranger could have us hold 2 MiB for
	// each connection.
	maxLarge = 8

	// maxParts bounds the commas of a message: what it is made of. A block that
	// is valid has no more than 40,000, and of small parts the decoded form
	// takes twenty times the room of the text.
	maxParts = 1 << 16
)

// Blocks. A batch is added in one go, while the next one is fetched.
const (
	maxBatchBlocks = 500
	maxBatchBytes  = 1 << 20 // reached, a batch is full: with its last block it may hold twice that
)

// Transactions.
const (
	maxTxs = 10_000 // in one message: as many as a block may hold

	// maxTxsMsg is the size, in bytes, up to which transactions share a message
	// that we send. A Python node takes what one recv of 4096 bytes returns for
	// one message, so it stays well below that.
	maxTxsMsg = 4000

	maxQueue      = 1000    // that wait for one peer
	maxQueueBytes = 2 << 20 // of their JSON
	maxTries      = 3       // connections on which we try to hand over one of them
)

var (
	errTooLong = errors.New("message longer than 2 MiB")
	errNoSlot  = errors.New("too many large messages at once")
)

// limitedReader reads one message from r, of at most the remaining bytes. A
// message that turns out to be large must be allowed by onLarge, if there is
// such. (io.LimitedReader would end with io.EOF, as if the peer had hung up.)
type limitedReader struct {
	r         io.Reader
	remaining int
	onLarge   func() error // called before each read beyond smallMsg bytes
}

func (l *limitedReader) Read(p []byte) (int, error) {
	if l.remaining <= 0 {
		return 0, errTooLong
	}
	if l.remaining <= maxMsg-smallMsg && l.onLarge != nil {
		if err := l.onLarge(); err != nil {
			return 0, err
		}
	}
	n, err := l.r.Read(p[:min(len(p), l.remaining)])
	l.remaining -= n
	return n, err
}

// largeSlot is a large message's place among those that a server reads or
// handles at a time, once it has taken one.
type largeSlot struct {
	slots chan struct{} // of the server; nil: no bound
	taken bool
}

// take takes a slot, if it has none yet, or returns errNoSlot.
func (l *largeSlot) take() error {
	if l.taken || l.slots == nil {
		return nil
	}
	select {
	case l.slots <- struct{}{}:
		l.taken = true
		return nil
	default:
		return errNoSlot
	}
}

func (l *largeSlot) giveBack() {
	if l.taken {
		<-l.slots
		l.taken = false
	}
}

// connPlaces are the connections of a server, by the address of the peer.
type connPlaces struct {
	mu    sync.Mutex                // guards all below
	conns map[netip.Addr][]net.Conn // oldest first
	total int
}

// takePlace takes nc in, or says which limit forbids it.
func (s *TCPServer) takePlace(nc net.Conn) (refusal string) {
	maxConns := s.MaxConns
	if maxConns == 0 {
		maxConns = defaultMaxConns
	}
	evicted, refusal := s.places.take(nc, maxConns)
	if evicted != nil {
		s.quiet.warn(s.Log, "connection closed: a newcomer needs its place", "peer", remoteAddr(evicted).Addr())
		evicted.Close()
	}
	return refusal
}

// take takes nc in, in place of the connection that it returns, if there is no
// free one; or it says which limit forbids it.
func (p *connPlaces) take(nc net.Conn, maxConns int) (evicted net.Conn, refusal string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	peer := remoteAddr(nc).Addr()
	if len(p.conns[peer]) >= max(maxConns/4, 1) {
		return nil, "connection refused: too many from one address"
	}
	if p.total >= maxConns {
		evicted = p.evictFor(peer)
		if evicted == nil {
			return nil, "connection refused: too many connections"
		}
	}

	if p.conns == nil {
		p.conns = make(map[netip.Addr][]net.Conn)
	}
	p.conns[peer] = append(p.conns[peer], nc)
	p.total++
	return evicted, ""
}

// evictFor takes out the oldest connection of the address that has most, if
// the newcomer's address still has fewer then. p.mu is held.
func (p *connPlaces) evictFor(newcomer netip.Addr) net.Conn {
	var most netip.Addr
	for addr, conns := range p.conns {
		if len(conns) > len(p.conns[most]) {
			most = addr
		}
	}
	if len(p.conns[most]) < len(p.conns[newcomer])+2 {
		return nil
	}
	oldest := p.conns[most][0]
	p.remove(oldest)
	return oldest
}

// giveBack takes nc out, unless a newcomer has its place.
func (p *connPlaces) giveBack(nc net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.remove(nc)
}

// remove takes nc out, if it is still in. p.mu is held.
func (p *connPlaces) remove(nc net.Conn) {
	peer := remoteAddr(nc).Addr()
	i := slices.Index(p.conns[peer], nc)
	if i < 0 {
		return
	}
	p.conns[peer] = slices.Delete(p.conns[peer], i, i+1)
	if len(p.conns[peer]) == 0 {
		delete(p.conns, peer)
	}
	p.total--
}

// makeRoom reports whether there is a place for a peer at ip, if need be that
// of one out of reach. p.mu is held.
func (p *PeerServer) makeRoom(ip netip.Addr) bool {
	neighbours := 0
	for addr := range p.clients {
		if addr.Addr() == ip {
			neighbours++
		}
	}
	if neighbours >= maxClients/2 {
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

// outOfReach is for how long the peer has not answered; 0 while connected.
func (c *TCPClient) outOfReach() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.connected {
		return 0
	}
	return time.Since(c.lastReply)
}

// enqueueTx puts tx into the queue, unless that is full.
func (c *TCPClient) enqueueTx(tx json.RawMessage) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.queue) >= maxQueue || c.queuedBytes+len(tx) > maxQueueBytes {
		return false
	}
	c.queue = append(c.queue, queuedTx{tx: tx})
	c.queuedBytes += len(tx)
	return true
}

// checkClaim is RequestHandshake because somebody claimed that the peer's
// chain is higher than ours. False claims have a bound.
func (c *TCPClient) checkClaim() {
	if c.claims.allow() {
		c.RequestHandshake()
	}
}

// window allows so many events in each span of time.
type window struct {
	max  int
	span time.Duration

	mu     sync.Mutex // guards all below
	began  time.Time
	events int
}

func newWindow(max int, span time.Duration) *window {
	return &window{max: max, span: span}
}

// allow counts one more event, and reports whether it is within the bound.
func (w *window) allow() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if now := time.Now(); now.Sub(w.began) >= w.span {
		w.began, w.events = now, 0
	}
	w.events++
	return w.events <= w.max
}

// reset forgets the events so far.
func (w *window) reset() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = 0
}

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

// expired reports whether a peer has been left alone and then behaved for as
// long as the longest pause.
func (f fault) expired() bool { return time.Since(f.until) > lastPause }

// record adds a fault of peer and returns how long to leave it alone: twice as
// long as after the one before.
func (fs *faults) record(peer netip.AddrPort, reason string) time.Duration {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if fs.peers == nil {
		fs.peers = make(map[netip.AddrPort]fault)
	}

	f, seen := fs.peers[peer]
	if !seen || f.expired() {
		f.pause = firstPause
	} else {
		f.pause = min(2*f.pause, lastPause)
	}
	f.reason = reason
	f.until = time.Now().Add(f.pause)

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

// remainingPause returns how long peer is still to be left alone, and why.
func (fs *faults) remainingPause(peer netip.AddrPort) (pause time.Duration, reason string) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	f, seen := fs.peers[peer]
	if !seen {
		return 0, ""
	}
	return max(0, time.Until(f.until)), f.reason
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
	repeated, due := q.count(msg)
	if !due {
		return
	}
	if repeated > 0 {
		args = append(args, "repeated", repeated)
	}
	log.Warn(msg, args...)
}

// count reports whether the line is due and, if so, how many like it were kept
// back.
func (q *quietLog) count(msg string) (repeated int, due bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	line, seen := q.lines[msg]
	if seen && time.Since(line.written) < time.Minute {
		line.kept++
		return 0, false
	}
	if seen {
		repeated = line.kept
	}

	if q.lines == nil {
		q.lines = make(map[string]*quietLine)
	}
	q.lines[msg] = &quietLine{written: time.Now()}
	return repeated, true
}
