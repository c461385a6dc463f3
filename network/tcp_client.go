package network

import (
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

	faults *faults
	quiet  *quietLog
	turn   chan struct{}  // holds a token while a client adds blocks
	jitter func() float64 // from 0 to 1, so that peers don't redial in step
	wake   chan struct{}  // holds one token: something to do before the next heartbeat

	mu        sync.Mutex // guards all below
	queue     []queuedTx
	queued    int // bytes in it
	hints     window
	connected bool      // and shaken hands
	theirs    Status    // what the peer said last, without its genesis block
	takesTxs  bool      // it has a chain, and that is ours
	failed    bool      // the last try to talk did
	answered  time.Time // when the peer last did, or Run began
}

// queuedTx is a transaction that waits to be handed over.
type queuedTx struct {
	tx    json.RawMessage
	tries int
}

// NewTCPClient returns a client of the peer at addr.
func NewTCPClient(addr netip.AddrPort, ledger Ledger, log *slog.Logger) *TCPClient {
	return &TCPClient{
		Addr: addr, Ledger: ledger, Log: log, Dial: dialTCP, Heartbeat: defaultHeartbeat, Synced: func() {},
		faults: new(faults), quiet: new(quietLog), turn: make(chan struct{}, 1), jitter: rand.Float64,
		wake:   make(chan struct{}, 1),
		theirs: Status{Height: -1},
		hints:  window{max: 20, span: defaultHeartbeat},
	}
}

func dialTCP(ctx context.Context, addr netip.AddrPort) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, "tcp", addr.String())
}

// AddTx queues a transaction to be handed over at once, or as soon as the
// peer can be reached. It does not block; when too many wait, tx is dropped.
//
// Article: add_tx.
func (c *TCPClient) AddTx(tx json.RawMessage) {
	c.mu.Lock()
	full := len(c.queue) >= maxQueue || c.queued+len(tx) > maxQueueBytes
	if !full {
		c.queue = append(c.queue, queuedTx{tx: tx})
		c.queued += len(tx)
	}
	c.mu.Unlock()
	if full {
		c.quiet.warn(c.Log, "transaction not handed over: too many wait", "peer", c.Addr)
		return
	}
	c.Shake()
}

// Shake makes the next handshake happen now. It does not block.
func (c *TCPClient) Shake() {
	select {
	case c.wake <- struct{}{}:
	default: // one that comes is as good as two
	}
}

// Run talks to the peer until ctx is done. When it returns, the connection is
// closed and no goroutine it started is left.
func (c *TCPClient) Run(ctx context.Context) {
	c.mu.Lock()
	c.answered = time.Now()
	c.mu.Unlock()
	pause := firstRedial
	for ctx.Err() == nil {
		if left, _ := c.faults.left(c.Addr); left > 0 {
			sleep(ctx, left)
			continue
		}
		began := time.Now()
		err := c.converse(ctx)
		if answered := c.lost(ctx, err); answered && time.Since(began) > 2*c.Heartbeat {
			pause = firstRedial
		}
		var bad *badPeerError
		if errors.As(err, &bad) {
			left := c.faults.add(c.Addr, bad.Error())
			c.Log.Warn("peer left alone", "peer", c.Addr, "for", left, "err", err)
			continue
		}
		sleep(ctx, pause/2+time.Duration(c.jitter()*float64(pause/2)))
		pause = min(2*pause, lastRedial)
	}
}

// converse dials, and shakes hands until something goes wrong.
//
// Article: shake_loop.
func (c *TCPClient) converse(ctx context.Context) error {
	dialCtx, cancel := context.WithTimeout(ctx, dialTimeout)
	nc, err := c.Dial(dialCtx, c.Addr)
	cancel()
	if err != nil {
		return err
	}
	defer closeWith(ctx, nc)()
	conn := newConn(nc, c.Log)
	conn.peer = c.Addr
	heartbeat := time.NewTicker(c.Heartbeat)
	defer heartbeat.Stop()
	for {
		if err := c.shake(ctx, conn); err != nil {
			return err
		}
		if err := c.handOver(conn); err != nil {
			return err
		}
		select {
		case <-heartbeat.C:
		case <-c.wake:
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := c.handOver(conn); err != nil { // before a handshake that may lead to a long sync
			return err
		}
	}
}

// shake tells the peer how high our chain is, learns the same of its chain,
// and syncs until it is no longer ahead or nothing comes of it.
//
// Article: handle_shake.
func (c *TCPClient) shake(ctx context.Context, conn *conn) error {
	for {
		ours, err := c.Ledger.Status()
		if err != nil {
			return err
		}
		reply, err := c.ask(conn, handshakeMsg(ours))
		if err != nil {
			return err
		}
		theirs, err := parseHandshake(reply.Data)
		if err != nil {
			return err
		}
		c.note(ours, theirs)
		if !ours.lags(theirs) {
			return nil
		}
		moved, err := c.sync(ctx, conn, ours, theirs)
		if moved {
			c.mu.Lock()
			c.hints.reset() // if there was one, it was true
			c.mu.Unlock()
			c.Synced()
		}
		if err != nil || !moved {
			return err
		}
	}
}

// ask sends a request and returns the reply, which has the code of the
// request, save that nothing has the code "none".
func (c *TCPClient) ask(conn *conn, req Msg) (Msg, error) {
	began := time.Now()
	if err := conn.send(req, replyTimeout); err != nil {
		return Msg{}, err
	}
	reply, err := conn.receive(replyTimeout - time.Since(began))
	if err != nil {
		return Msg{}, err
	}
	c.mu.Lock()
	c.answered = time.Now()
	c.mu.Unlock()
	want := req.Code
	if want == TransactionMsg {
		want = NoneMsg
	}
	switch {
	case reply.Code == want:
		return reply, nil
	case reply.Code == NoneMsg:
		return Msg{}, errNone
	}
	return Msg{}, fmt.Errorf("%w: a reply with code %d to a request with code %d", ErrMsg, reply.Code, req.Code)
}

// errNone is the reply "none" to a request that has another.
var errNone = errors.New("peer has no answer")

// handOver gives the peer the transactions that wait for it. Not before a
// handshake has shown that it has our chain: to another, or to none, their
// inputs do not exist, and a Python node that pools such a transaction never
// mines again.
//
// A transaction leaves the queue when the reply comes. If it does not, the
// peer may have it or not, and is given it again on the next connection, but
// not for ever: to a peer that dies of it, it would come back each time.
func (c *TCPClient) handOver(conn *conn) error {
	for {
		txs := c.nextTxs()
		if len(txs) == 0 {
			return nil
		}
		if _, err := c.ask(conn, txsMsg(txs)); err != nil {
			return err
		}
		c.mu.Lock()
		c.unqueue(len(txs))
		c.mu.Unlock()
	}
}

// unqueue takes the first n transactions out of the queue. c.mu is held.
func (c *TCPClient) unqueue(n int) {
	for _, q := range c.queue[:n] {
		c.queued -= len(q.tx)
	}
	c.queue = slices.Delete(c.queue, 0, n) // a slice of the rest would hold them in memory
}

// nextTxs returns the transactions for one message, and leaves them queued.
func (c *TCPClient) nextTxs() []json.RawMessage {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.takesTxs {
		return nil
	}
	for len(c.queue) > 0 && c.queue[0].tries >= maxTries {
		c.quiet.warn(c.Log, "transaction not handed over: no reply to it", "peer", c.Addr)
		c.unqueue(1)
	}
	var txs []json.RawMessage
	size := 0
	for i := range c.queue {
		q := &c.queue[i]
		if size += len(q.tx) + len(", "); i > 0 && size > maxTxsMsg {
			break
		}
		q.tries++
		txs = append(txs, q.tx)
	}
	return txs
}

// note keeps what a handshake said, but not the genesis block: it may be as
// long as a message, and its hash is enough.
func (c *TCPClient) note(ours, theirs Status) {
	theirs.Genesis = nil
	c.mu.Lock()
	first := !c.connected
	c.connected, c.theirs = true, theirs
	c.takesTxs = theirs.Height >= 0 && ours.sameChain(theirs)
	c.mu.Unlock()
	if first {
		c.Log.Info("peer connected", "peer", c.Addr, "height", theirs.Height)
	}
}

// lost notes that the connection is gone, and reports whether the peer ever
// shook hands on it.
func (c *TCPClient) lost(ctx context.Context, err error) (answered bool) {
	c.mu.Lock()
	answered = c.connected
	c.connected, c.failed = false, true
	c.mu.Unlock()
	switch {
	case ctx.Err() != nil:
	case answered:
		c.Log.Info("peer lost", "peer", c.Addr, "err", err)
	default:
		c.Log.Debug("peer does not answer", "peer", c.Addr, "err", err)
	}
	return answered
}
