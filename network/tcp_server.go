package network

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"
)

// TCPServer answers the peers that dial us. Its fields are set before Serve
// and not changed after.
//
// When there are too many connections, a newcomer gets the place of one from the
// address that has most, so that nobody takes all alone. Bitcoin, too, looks at
// ping times and at who sent blocks of late.
//
// Article: TCPServer.
type TCPServer struct {
	Ledger Ledger
	Log    *slog.Logger

	// Ahead, if not nil, is told of each handshake that shows a chain higher
	// than ours, and where it came from. It must not block.
	Ahead func(peer netip.Addr)

	// Relay, if not nil, is given the transactions that a peer handed over
	// and that were new to us. It must not block.
	Relay func(txs []json.RawMessage, from netip.Addr)

	Timeout  time.Duration // for a message to arrive, idle time included, or to leave; 0: 30 s
	MaxConns int           // 0: 128; a quarter of them from one address

	quiet quietLog
	large chan struct{}             // the slots of connections
	mu    sync.Mutex                // guards conns and total
	conns map[netip.Addr][]net.Conn // oldest first
	total int
}

// Serve answers peers on ln until ctx is done, and then returns nil, or until
// ln is closed by someone else. When it returns, ln and every connection are
// closed and no goroutine it started is left.
func (s *TCPServer) Serve(ctx context.Context, ln net.Listener) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // runs before wg.Wait: it ends the connections
	defer closeWith(ctx, ln)()
	s.large = make(chan struct{}, maxLarge)
	var pause time.Duration
	for {
		nc, err := ln.Accept()
		switch {
		case err == nil:
			pause = 0
			s.accept(ctx, &wg, nc)
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		default: // out of file descriptors, say: that passes
			s.quiet.warn(s.Log, "cannot accept connections", "err", err)
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			sleep(ctx, pause)
		}
	}
}

// accept starts to serve nc, unless there are too many connections already.
func (s *TCPServer) accept(ctx context.Context, wg *sync.WaitGroup, nc net.Conn) {
	peer := remoteAddr(nc).Addr()
	if limit := s.enter(peer, nc); limit != "" {
		nc.Close()
		s.quiet.warn(s.Log, limit, "peer", peer)
		return
	}
	wg.Go(func() {
		defer s.leave(peer, nc)
		defer closeWith(ctx, nc)()
		c := newConn(nc, s.Log)
		c.in.slots = s.large
		s.converse(ctx, c)
	})
}

// converse answers one request after another until the peer hangs up, breaks
// a limit or stops making sense.
//
// Article: handle_loop, where bad input makes the server handle the message
// before it once more.
func (s *TCPServer) converse(ctx context.Context, c *conn) {
	timeout := s.Timeout
	if timeout == 0 {
		timeout = defaultTimeout
	}
	defer c.in.release()
	for {
		c.in.release() // not sooner: to handle a message takes more memory than to receive it
		reply := Msg{Code: NoneMsg}
		req, err := c.receive(timeout)
		if err == nil {
			reply = s.handle(ctx, c, req)
		}
		if err != nil && !errors.Is(err, ErrMsg) {
			s.end(ctx, c, err)
			return
		}
		if err := c.send(reply, timeout); err != nil {
			s.end(ctx, c, err)
			return
		}
	}
}

// end logs why a connection ends, and tells the peer if it sent no JSON.
func (s *TCPServer) end(ctx context.Context, c *conn, err error) {
	var syntax *json.SyntaxError
	switch {
	case ctx.Err() != nil, errors.Is(err, io.EOF):
		return
	case errors.As(err, &syntax):
		s.quiet.warn(s.Log, "connection closed: not JSON", "peer", c.peer, "err", err)
		if c.send(Msg{Code: NoneMsg}, time.Second) == nil {
			hangUp(c.Conn)
		}
	case errors.Is(err, errTooLong):
		s.quiet.warn(s.Log, "connection closed: message too long", "peer", c.peer)
	case errors.Is(err, errNoSlot):
		s.quiet.warn(s.Log, "connection closed: too many large messages at once", "peer", c.peer)
	case errors.Is(err, os.ErrDeadlineExceeded):
		s.quiet.warn(s.Log, "connection closed: peer too slow", "peer", c.peer)
	default:
		s.Log.Debug("connection closed", "peer", c.peer, "err", err)
	}
}

// handle returns the reply to a request. What we do not know, do not have or
// do not believe gets the reply that says nothing.
func (s *TCPServer) handle(ctx context.Context, c *conn, req Msg) Msg {
	reply, err := Msg{Code: NoneMsg}, error(nil)
	switch req.Code {
	case HandShakeMsg:
		reply, err = s.handleHandshake(c, req)
	case GetBlockMsg:
		reply, err = s.handleGetBlock(req)
	case TransactionMsg:
		err = s.handleTransaction(ctx, c, req)
	}
	if err != nil {
		s.Log.Debug("request refused", "peer", c.peer, "err", err)
		return Msg{Code: NoneMsg}
	}
	return reply
}

// handleHandshake compares heights. The article's server only answers; ours
// learns too, so that a new block spreads from the node that has it.
func (s *TCPServer) handleHandshake(c *conn, req Msg) (Msg, error) {
	theirs, err := parseHandshake(req.Data)
	if err != nil {
		return Msg{}, err
	}
	ours, err := s.Ledger.Status()
	if err != nil {
		s.quiet.warn(s.Log, "handshake without an answer: the ledger has no status", "err", err)
		return Msg{}, err
	}
	if s.Ahead != nil && ours.lags(theirs) {
		s.Ahead(c.peer.Addr())
	}
	return handshakeMsg(ours), nil
}

func (s *TCPServer) handleGetBlock(req Msg) (Msg, error) {
	height, ok := parseHeight(req.Data)
	if !ok {
		return Msg{}, ErrMsg
	}
	block, err := s.Ledger.Block(height)
	return Msg{Code: GetBlockMsg, Data: block}, err
}

func (s *TCPServer) handleTransaction(ctx context.Context, c *conn, req Msg) error {
	txs, err := parseTxs(req.Data)
	if err != nil {
		return err
	}
	added, err := s.Ledger.AddTransactions(ctx, txs)
	if s.Relay != nil && len(added) > 0 {
		s.Relay(added, c.peer.Addr())
	}
	return err
}
