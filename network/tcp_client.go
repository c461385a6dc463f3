package network

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

const defaultHeartbeat = 5 * time.Second

// TCPClient keeps up the conversation with one peer that we dialled. It says
// all there is to say over one connection, request and reply in turn, and
// dials again when that breaks. Make one with [NewTCPClient]; its fields are
// set before Run and not changed after.
//
// Article: TCPClient, which shakes hands in shake_loop and dies with its
// first connection.
type TCPClient struct {
	Addr      netip.AddrPort
	Ledger    Ledger
	Log       *slog.Logger
	Dial      func(context.Context, netip.AddrPort) (net.Conn, error)
	Heartbeat time.Duration // between handshakes

	// Synced is called when blocks of this peer have moved our tip. It must
	// not block.
	Synced func()

	// FirstChain and GiveUp are those of [PeerServer].
	FirstChain func(peer netip.AddrPort, genesis string) error
	GiveUp     func(peer netip.AddrPort) (remedy string)

	wake   chan struct{}  // holds a token: there is something to do before the next heartbeat
	back   chan struct{}  // holds a token: the peer has called us, so dial it now
	adding *turns         // one client adds blocks at a time
	large  *turns         // for replies of more than 64 KiB
	jitter func() float64 // from 0 to 1, so that peers don't redial in step
	claims *window        // of a higher chain, unproven, that made us shake hands
	faults *faults
	quiet  *quietLog
	redial time.Duration // pause after the first try in vain; then it doubles

	mu          sync.Mutex // guards all below
	queue       []queuedTx // waits to be handed over
	queuedBytes int        // of JSON in it
	theirs      Status     // in the last handshake, without the genesis block
	objection   error      // why we take nothing of the peer's chain; nil: we do
	lastBlock   header     // that the peer served on this connection; height -1: none
	notTaken    error      // why the ledger does not take the peer's blocks now; nil: it does
	tryAgain    time.Time  // then
	moved       bool       // the peer did not serve the chain of its last handshake
	connected   bool       // and shaken hands
	python      bool       // the peer is a Python node: python.go
	lastAsked   time.Time  // when somebody at its IP address last shook hands with us: python.go
	sharesChain bool       // the peer has a chain, and it is ours
	toldWaiting bool       // on this connection, which of our transactions wait
	failure     error      // that ended the last conversation; nil: none has ended
	failing     time.Time  // since then, if not connected
	lastReply   time.Time  // or when Run began
}

// queuedTx is a transaction that waits to be handed over.
type queuedTx struct {
	tx    json.RawMessage
	tries int
}

// NewTCPClient returns a client of the peer at addr.
func NewTCPClient(addr netip.AddrPort, ledger Ledger, log *slog.Logger) *TCPClient {
	return &TCPClient{
		Addr:      addr,
		Ledger:    ledger,
		Log:       log,
		Dial:      dialTCP,
		Heartbeat: defaultHeartbeat,
		Synced:    func() {},

		FirstChain: func(netip.AddrPort, string) error { return nil },
		GiveUp:     func(netip.AddrPort) string { return "" },

		wake:   make(chan struct{}, 1),
		back:   make(chan struct{}, 1),
		adding: newTurns(1, 1),
		large:  newTurns(maxLarge, maxLarge/4),
		jitter: rand.Float64,
		redial: firstRedial,
		claims: newWindow(20, defaultHeartbeat),
		faults: new(faults),
		quiet:  new(quietLog),

		theirs:    Status{Height: -1},
		lastBlock: header{height: -1},
	}
}

func dialTCP(ctx context.Context, addr netip.AddrPort) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, "tcp", addr.String())
}

// Run talks to the peer until ctx is done. When it returns, the connection is
// closed and no goroutine it started is left.
func (c *TCPClient) Run(ctx context.Context) {
	c.recordReply()
	redial := c.redial

	// Discovery may have lost this peer, and found it again, while it was to
	// be left alone.
	pause, _ := c.faults.remainingPause(c.Addr)
	var back chan struct{} // ends the pause, unless the peer is to be left alone
	for sleep(ctx, pause, back) {
		began := time.Now()
		err := c.converse(ctx)
		wasConnected := c.recordDisconnect(ctx, err)
		if wasConnected && time.Since(began) > 2*c.Heartbeat {
			redial = firstRedial
		}

		// Leave a liar alone, for longer each time. Call again soon at whoever
		// is out of reach, but less and less often.
		var bad *badPeerError
		if errors.As(err, &bad) {
			pause = c.faults.record(c.Addr, bad.Error())
			back = nil
			c.Log.Warn("peer left alone", "peer", c.Addr, "for", pause, "err", err)
		} else {
			pause = redial/2 + time.Duration(c.jitter()*float64(redial/2))
			back = c.back
			redial = min(2*redial, lastRedial)
		}
	}
}

// converse dials, and shakes hands until something goes wrong.
//
// Article: shake_loop.
func (c *TCPClient) converse(ctx context.Context) error {
	conn, err := c.connect(ctx)
	if err != nil {
		return err
	}
	defer conn.end()

	if err := c.recognize(conn); err != nil {
		return err
	}
	heartbeat := time.NewTicker(c.Heartbeat)
	defer heartbeat.Stop()
	for {
		if err := c.shakeHands(ctx, conn); err != nil {
			return err
		}
		if err := c.handOverTxs(conn); err != nil {
			return err
		}

		select {
		case <-heartbeat.C:
		case <-c.wake:
		case <-ctx.Done():
			return ctx.Err()
		}

		// What woke us may be a transaction, and the handshake may lead to a
		// long sync.
		if err := c.handOverTxs(conn); err != nil {
			return err
		}
	}
}

// connect dials the peer. The caller must end the connection.
func (c *TCPClient) connect(ctx context.Context) (*msgConn, error) {
	dialCtx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	nc, err := c.Dial(dialCtx, c.Addr)
	if err != nil {
		return nil, err
	}

	conn := newMsgConn(nc, c.Log)
	conn.closeNow = closeWhenDone(ctx, nc)
	conn.peer = c.Addr
	conn.asks = true
	c.limitLarge(ctx, conn)
	return conn, nil
}

// RequestHandshake makes the next handshake happen now. It does not block.
func (c *TCPClient) RequestHandshake() {
	select {
	case c.wake <- struct{}{}:
	default: // one that comes is as good as two
	}
}

// redialNow ends the pause before the next dial, if the peer is out of reach:
// somebody at its address has called us. Anyone could, so this has the bound of
// false claims. It does not block.
func (c *TCPClient) redialNow() {
	if c.outOfReach() == 0 || !c.claims.allow() {
		return
	}
	select {
	case c.back <- struct{}{}:
	default:
	}
}

// shakeHands tells the peer how high our chain is, learns the same of its
// chain, and syncs until it is no longer ahead or nothing comes of it.
//
// Article: handle_shake.
func (c *TCPClient) shakeHands(ctx context.Context, conn *msgConn) error {
	for {
		ours, err := c.Ledger.Status()
		if err != nil {
			return err
		}
		reply, err := c.ask(conn, ours.Msg())
		if err != nil {
			return err
		}
		theirs, err := ParseHandshake(reply.Data)
		if err != nil {
			return err
		}
		objection := c.objectTo(ours, theirs)
		c.recordHandshake(ours, theirs, objection)
		switch {
		case objection != nil:
			return nil
		case ours.Height == theirs.Height:
			return c.learnTip(conn, theirs.Height)
		case !ours.isBehind(theirs) || c.isTooSoonToSync():
			return nil
		}

		rose, err := c.sync(ctx, conn, ours, theirs)
		if rose {
			c.claims.reset() // if there was one, it was true
			c.Synced()
		}
		if err != nil || !rose {
			return err
		}
	}
}

// errNone is the reply "none" to a request that has another.
var errNone = errors.New("peer has no answer")

// ask sends a request and returns the reply to it.
func (c *TCPClient) ask(conn *msgConn, req Msg) (Msg, error) {
	if err := c.passReplies(conn); err != nil {
		return Msg{}, err
	}
	if err := conn.request(req); err != nil {
		return Msg{}, err
	}
	return c.receiveReply(conn)
}

// passReplies receives the replies to what a sync that has ended early has asked
// for. Until then a Python node gets nothing else over the connection.
func (c *TCPClient) passReplies(conn *msgConn) error {
	for len(conn.asked) > 0 {
		if _, err := c.receiveReply(conn); err != nil && !errors.Is(err, errNone) {
			return err
		}
	}
	return nil
}

// receiveReply returns the reply to the oldest request that has none. It has the
// code of the request, save that nothing has the code "none".
func (c *TCPClient) receiveReply(conn *msgConn) (Msg, error) {
	code := conn.asked[0]
	conn.asked = conn.asked[1:]
	reply, err := conn.receive(replyTimeout)
	if err != nil {
		return Msg{}, err
	}
	c.recordReply()

	want := code
	if want == TransactionMsg {
		want = NoneMsg
	}
	switch {
	case reply.Code == want:
		return reply, nil
	case reply.Code == NoneMsg:
		return Msg{}, errNone
	}
	return Msg{}, fmt.Errorf("%w: a reply with code %d to a request with code %d", ErrMsg, reply.Code, code)
}

// AddTx queues a transaction to be handed over at once, or as soon as the
// peer can be reached. It does not block; when too many wait, tx is dropped.
//
// Article: add_tx.
func (c *TCPClient) AddTx(tx json.RawMessage) {
	if !c.enqueueTx(tx) {
		c.quiet.warn(c.Log, "transaction not handed over: too many wait", "peer", c.Addr)
		return
	}
	c.RequestHandshake()
}

// enqueueWaiting queues our own transactions that wait for a block, save those
// that are queued already.
func (c *TCPClient) enqueueWaiting() {
	waiting := c.Ledger.Waiting()
	c.mu.Lock()
	for _, queued := range c.queue {
		waiting = slices.DeleteFunc(waiting, func(tx json.RawMessage) bool { return bytes.Equal(tx, queued.tx) })
	}
	c.mu.Unlock()

	for _, tx := range waiting {
		c.enqueueTx(tx)
	}
}

// handOverTxs gives the peer the transactions that wait for it. Not before a
// handshake has shown that it has our chain: on another, or on none, their
// inputs do not exist.
//
// A transaction leaves the queue when the reply comes. If it does not, the
// peer may have it or not, and is given it again on the next connection, but
// not for ever: to a peer that dies of it, it would come back each time.
func (c *TCPClient) handOverTxs(conn *msgConn) error {
	for {
		txs := c.nextTxs()
		if len(txs) == 0 {
			return nil
		}
		if _, err := c.ask(conn, txsMsg(txs)); err != nil {
			return err
		}
		c.mu.Lock()
		c.dequeueTxs(len(txs))
		c.mu.Unlock()
	}
}

// nextTxs returns the transactions for one message, and leaves them queued. A
// Python node gets none: python.go.
func (c *TCPClient) nextTxs() []json.RawMessage {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.python {
		c.dequeueTxs(len(c.queue))
	}
	if !c.sharesChain {
		return nil
	}

	for len(c.queue) > 0 && c.queue[0].tries >= maxTries {
		c.quiet.warn(c.Log, "transaction not handed over: no reply to it", "peer", c.Addr)
		c.dequeueTxs(1)
	}

	// The first goes whatever its size, and others as long as they fit.
	var txs []json.RawMessage
	size := 0
	for i := range c.queue {
		queued := &c.queue[i]
		size += len(queued.tx) + len(", ")
		if i > 0 && size > maxTxsMsg {
			break
		}
		queued.tries++
		txs = append(txs, queued.tx)
	}
	return txs
}

// dequeueTxs takes the first n transactions out of the queue. c.mu is held.
func (c *TCPClient) dequeueTxs(n int) {
	for _, queued := range c.queue[:n] {
		c.queuedBytes -= len(queued.tx)
	}
	c.queue = slices.Delete(c.queue, 0, n) // a slice of the rest would hold them in memory
}

// objectTo returns why we take nothing of the peer's chain, or nil.
func (c *TCPClient) objectTo(ours, theirs Status) error {
	switch {
	case theirs.Height < 0:
		return nil
	case ours.Height < 0:
		return c.FirstChain(c.Addr, theirs.GenesisHash)
	case ours.sameChain(theirs):
		return nil
	}

	objection := fmt.Sprintf("other genesis block %s", short(theirs.GenesisHash))
	if remedy := c.GiveUp(c.Addr); remedy != "" {
		objection += ": " + remedy
	}
	return errors.New(objection)
}

// recordHandshake keeps what a handshake said, but not the genesis block: it
// may be as long as a message, and its hash is enough.
func (c *TCPClient) recordHandshake(ours, theirs Status, objection error) {
	theirs.Genesis = nil
	c.mu.Lock()
	first := !c.connected
	c.connected = true
	c.theirs = theirs
	newObjection := objection != nil && (c.objection == nil || objection.Error() != c.objection.Error())
	c.objection = objection
	if !ours.isBehind(theirs) {
		c.notTaken, c.moved = nil, false
	}
	c.sharesChain = theirs.Height >= 0 && objection == nil
	inStep := c.sharesChain && theirs.Height >= ours.Height // a peer that is behind lacks their inputs
	tell := inStep && !c.toldWaiting
	c.toldWaiting = c.toldWaiting || tell
	c.mu.Unlock()

	if tell {
		c.enqueueWaiting()
	}

	if first {
		c.Log.Info("peer connected", "peer", c.Addr, "height", theirs.Height)
	}
	if newObjection {
		c.Log.Warn("chain of peer not taken", "peer", c.Addr, "err", objection)
	}
}

// recordReply keeps the time at which the peer was heard.
func (c *TCPClient) recordReply() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lastReply = time.Now()
}

// recordDisconnect keeps that a conversation ended, and reports whether the
// peer ever shook hands in it.
func (c *TCPClient) recordDisconnect(ctx context.Context, err error) (wasConnected bool) {
	c.mu.Lock()
	wasConnected = c.connected
	c.connected = false
	c.toldWaiting = false
	c.lastBlock = header{height: -1} // another node may be there next time
	if wasConnected || c.failure == nil {
		c.failing = time.Now()
	}
	c.failure = err
	c.mu.Unlock()

	switch {
	case ctx.Err() != nil: // it is us who hung up
	case wasConnected:
		c.Log.Info("peer disconnected", "peer", c.Addr, "err", err)
	default:
		c.Log.Debug("peer does not answer", "peer", c.Addr, "err", err)
	}
	return wasConnected
}

// isConnected reports whether we are in conversation with the peer.
func (c *TCPClient) isConnected() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.connected
}

// hasFailed reports whether a conversation with the peer has ended.
func (c *TCPClient) hasFailed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failure != nil
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
