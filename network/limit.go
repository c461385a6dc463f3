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

// Time.
const (
	defaultTimeout = 30 * time.Second // for a request to come; a Python peer shakes hands every 10 s
	dialTimeout    = 5 * time.Second
	replyTimeout   = 10 * time.Second // for a whole request to leave, and again for its reply to come
	largeTimeout   = 5 * time.Second  // for a large request, from its turn on: who waits for it still has time

	firstRedial = time.Second // pause before the next try; doubles with each in vain
	lastRedial  = 30 * time.Second

	// gracePeriod is how long a peer stays ours after discovery has lost it and
	// its connection has broken.
	gracePeriod = 30 * time.Second

	// notTakenPause is how long blocks that the ledger has not taken, though no
	// liar made them, are not fetched again.
	notTakenPause = 30 * time.Second

	// idlePeriod is how long a peer may be out of reach until another may
	// have its place, when there are more peers than places.
	idlePeriod = time.Minute

	// silentPeriod is the same for a peer that dialled us and asks nothing.
	silentPeriod = 15 * time.Second
)

// Peers.
const (
	defaultMaxConns = 128 // that dialled us
	maxClients      = 64  // that we dial
	maxGuesses      = 16  // of them, at addresses that discovery does not list; a quarter in one network
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
	// or be handled at a time, and as many at the clients; a quarter of them
	// from one network. Those of honest peers are mostly far smaller, and
	// without the bound strangers could have us hold 2 MiB for each connection.
	maxLarge = 8

	// maxParts bounds the commas of a message: what it is made of. A block that
	// is valid has no more than 40,000, and of small parts the decoded form
	// takes twenty times the room of the text.
	maxParts = 1 << 16
)

// Blocks. A batch is added in one go, while the next one is fetched. It is full
// when it reaches one of the bounds or has a block of more than 64 KiB, which
// needs a turn.
const (
	maxBatchBlocks = 500
	maxBatchBytes  = 256 << 10

	// maxAhead is how many blocks are asked for before the first of them has come.
	maxAhead = 32
)

// Transactions.
const (
	maxTxs = 10_000 // in one message: as many as a block may hold

	// maxTxsMsg is the size, in bytes, up to which transactions share a message
	// that we send.
	maxTxsMsg = 4000

	// hostilePause is how long the next transactions of a network wait, for each
	// byte of a message that no honest node sends: a second for 100 kB, and no longer
	// for more. To refuse as much takes a processor a twentieth of that.
	hostilePause    = 10 * time.Microsecond
	maxHostilePause = time.Second

	// checkTimeout is how long transactions wait for those before them. Then they
	// are dropped, while their sender still waits for the reply.
	checkTimeout = replyTimeout / 2

	maxQueue      = 1000    // that wait for one peer
	maxQueueBytes = 2 << 20 // of their JSON
	maxTries      = 3       // connections on which we try to hand over one of them
)

var (
	errTooLong = errors.New("message longer than 2 MiB")
	errNoTurn  = errors.New("too many large messages at once")
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
	n, err := l.r.Read(p[:min(len(p), l.remaining, smallMsg)]) // not far into the next message
	l.remaining -= n
	return n, err
}

// NetworkOf returns what counts as one peer where places and turns are shared
// out: the /24 of an IPv4 address, the /64 of an IPv6 address, since one owner
// has all of it. At home and in a classroom, each address is a machine of its
// own.
func NetworkOf(ip netip.Addr) netip.Prefix {
	bits := 64
	switch {
	case ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast():
		bits = ip.BitLen()
	case ip.Is4():
		bits = 24
	}
	network, _ := ip.Prefix(bits) // none of what is no address
	return network
}

// turns is the one rule for what is scarce: so many may have a turn at a time,
// and so many of one network. Those who wait are served one network after another,
// so a crowd in one network does not hold up the others. Nil turns set no bound.
type turns struct {
	total, each int

	mu    sync.Mutex // guards all below
	taken int
	lines []*line // last the one whose network last gave a turn back
}

// line is those of one network that have a turn or wait for one.
type line struct {
	network netip.Prefix
	taken   int
	waiting []chan struct{} // closed when it is their turn; oldest first
}

func newTurns(total, each int) *turns { return &turns{total: total, each: each} }

// take waits for a turn, or until ctx is done.
func (t *turns) take(ctx context.Context, network netip.Prefix) error {
	if t == nil {
		return nil
	}
	turn := make(chan struct{})
	t.mu.Lock()
	l := t.lineOf(network)
	l.waiting = append(l.waiting, turn)
	t.giveOut()
	t.mu.Unlock()

	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}

	t.mu.Lock()
	defer t.mu.Unlock()
	if i := slices.Index(l.waiting, turn); i >= 0 {
		l.waiting = slices.Delete(l.waiting, i, i+1)
		t.dropEmpty()
	} else { // it came at the same moment
		t.passOn(network)
	}
	return ctx.Err()
}

func (t *turns) giveBack(network netip.Prefix) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.passOn(network)
}

// passOn takes a turn back from a network, which stands last from now on, and
// gives it to whoever is next. t.mu is held.
func (t *turns) passOn(network netip.Prefix) {
	l := t.lineOf(network)
	l.taken--
	t.taken--
	i := slices.Index(t.lines, l)
	t.lines = append(slices.Delete(t.lines, i, i+1), l)
	t.giveOut()
	t.dropEmpty()
}

// giveOut gives out the turns that are free, first to the networks that have
// fewest. t.mu is held.
func (t *turns) giveOut() {
	for t.taken < t.total {
		var first *line
		for _, l := range t.lines {
			if len(l.waiting) > 0 && l.taken < t.each && (first == nil || l.taken < first.taken) {
				first = l
			}
		}
		if first == nil {
			return
		}
		close(first.waiting[0])
		first.waiting = slices.Delete(first.waiting, 0, 1)
		first.taken++
		t.taken++
	}
}

// lineOf returns the line of a network, if need be a new one. t.mu is held.
func (t *turns) lineOf(network netip.Prefix) *line {
	i := slices.IndexFunc(t.lines, func(l *line) bool { return l.network == network })
	if i < 0 {
		i = len(t.lines)
		t.lines = append(t.lines, &line{network: network})
	}
	return t.lines[i]
}

// dropEmpty takes out the lines that nobody stands in. t.mu is held.
func (t *turns) dropEmpty() {
	t.lines = slices.DeleteFunc(t.lines, func(l *line) bool { return l.taken == 0 && len(l.waiting) == 0 })
}

// largeTurn is the turn of a large message, once it has taken one.
type largeTurn struct {
	turns   *turns // nil: no bound
	network netip.Prefix
	taken   bool
}

// take waits for a turn, if it has none yet. From then on the rest of the message
// has so long to arrive at nc: it is not the peer who was slow before.
func (l *largeTurn) take(ctx context.Context, nc net.Conn, timeout time.Duration) error {
	if l.taken || l.turns == nil {
		return nil
	}
	if err := l.turns.take(ctx, l.network); err != nil {
		return err
	}
	l.taken = true
	return nc.SetReadDeadline(time.Now().Add(timeout))
}

func (l *largeTurn) giveBack() {
	if l.taken {
		l.turns.giveBack(l.network)
		l.taken = false
	}
}

// handOver returns the turn, if there is one, to be given back by somebody else.
func (l *largeTurn) handOver() largeTurn {
	handed := *l
	l.taken = false
	return handed
}

// limitLarge makes large replies wait for their turn.
func (c *TCPClient) limitLarge(ctx context.Context, conn *msgConn) {
	conn.large.turns, conn.large.network = c.large, NetworkOf(c.Addr.Addr())
	conn.input.onLarge = func() error { return conn.large.take(ctx, conn, replyTimeout) }
}

// limitLarge makes a large request wait for its turn, as long as the peer does.
func (s *TCPServer) limitLarge(ctx context.Context, conn *msgConn, timeout time.Duration) *largeTurn {
	large := &largeTurn{turns: s.large, network: NetworkOf(conn.peer.Addr())}
	conn.input.onLarge = func() error {
		ctx, cancel := context.WithTimeout(ctx, replyTimeout)
		defer cancel()
		err := large.take(ctx, conn, min(timeout, largeTimeout))
		if errors.Is(err, context.DeadlineExceeded) {
			return errNoTurn
		}
		return err
	}
	return large
}

// connPlaces are the connections of a server, oldest first.
type connPlaces struct {
	mu     sync.Mutex // guards all below
	places []connPlace
}

type connPlace struct {
	nc      net.Conn
	network netip.Prefix
	heard   time.Time // when the peer last asked something, or dialled
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
	network := NetworkOf(remoteAddr(nc).Addr())
	if p.count(network) >= max(maxConns/4, 1) {
		return nil, "connection refused: too many from one address"
	}
	if len(p.places) >= maxConns {
		i := p.evictFor(network)
		if i < 0 {
			return nil, "connection refused: too many connections"
		}
		evicted = p.places[i].nc
		p.places = slices.Delete(p.places, i, i+1)
	}
	p.places = append(p.places, connPlace{nc, network, time.Now()})
	return evicted, ""
}

// count returns how many connections a network has. p.mu is held.
func (p *connPlaces) count(network netip.Prefix) (n int) {
	for _, place := range p.places {
		if place.network == network {
			n++
		}
	}
	return n
}

// evictFor returns the oldest place of the network that has most, if the
// newcomer's still has fewer then; otherwise that of whoever has been silent for
// longest, if that is too long; or -1. p.mu is held.
func (p *connPlaces) evictFor(newcomer netip.Prefix) int {
	richest, most := -1, p.count(newcomer)+1
	silent, since := -1, time.Now().Add(-silentPeriod)
	for i, place := range p.places {
		if n := p.count(place.network); n > most {
			richest, most = i, n
		}
		if place.heard.Before(since) {
			silent, since = i, place.heard
		}
	}
	if richest >= 0 {
		return richest
	}
	return silent
}

// recordHeard keeps that the peer at the other end of nc asked something.
func (p *connPlaces) recordHeard(nc net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := p.index(nc); i >= 0 {
		p.places[i].heard = time.Now()
	}
}

// giveBack takes nc out, unless a newcomer has its place.
func (p *connPlaces) giveBack(nc net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := p.index(nc); i >= 0 {
		p.places = slices.Delete(p.places, i, i+1)
	}
}

// index returns the place of nc, or -1. p.mu is held.
func (p *connPlaces) index(nc net.Conn) int {
	return slices.IndexFunc(p.places, func(place connPlace) bool { return place.nc == nc })
}

// makeRoom reports whether there is a place for a peer at ip. If need be that is
// the place of a guess, of a peer out of reach, or of one in the network that has
// most, if the newcomer's has fewer even then. p.mu is held.
func (p *PeerServer) makeRoom(ip netip.Addr) bool {
	counts := make(map[netip.Prefix]int, len(p.clients))
	for addr := range p.clients {
		counts[NetworkOf(addr.Addr())]++
	}
	neighbours := counts[NetworkOf(ip)]
	if neighbours >= maxClients/2 {
		return false
	}
	if len(p.clients) < maxClients {
		return true
	}

	var crowded netip.AddrPort
	most := neighbours + 1
	for addr, c := range p.clients {
		if c.outOfReach() > idlePeriod || c.isGuess() {
			p.stopClient(addr)
			return true
		}
		if count := counts[NetworkOf(addr.Addr())]; count > most {
			crowded, most = addr, count
		}
	}
	if !crowded.IsValid() {
		return false
	}
	p.stopClient(crowded)
	return true
}

// hasRoomToGuess reports whether there is a place for a peer at ip that
// discovery does not list. p.mu is held.
func (p *PeerServer) hasRoomToGuess(ip netip.Addr) bool {
	unlisted, neighbours := 0, 0
	for addr, c := range p.clients {
		if c.listed.Equal(p.looked) {
			continue
		}
		unlisted++
		if NetworkOf(addr.Addr()) == NetworkOf(ip) {
			neighbours++
		}
	}
	return unlisted < maxGuesses && neighbours < maxGuesses/4 && len(p.clients) < maxClients
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
