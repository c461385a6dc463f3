package network

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math"
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
// network that has most, so that nobody takes all, or else of one that asks
// nothing. Bitcoin also looks at ping times, and at who has sent blocks lately.
//
// Article: TCPServer.
type TCPServer struct {
	Ledger Ledger
	Log    *slog.Logger

	// Heard, if not nil, is told where each handshake came from, and says how long
	// the reply has to wait: 0, save for Python nodes. It must not block.
	Heard func(peer netip.Addr) (pause time.Duration)

	// Ahead, if not nil, is told of each handshake that shows a chain higher
	// than ours, and where it came from. It must not block.
	Ahead func(peer netip.Addr)

	// Relay, if not nil, is given the transactions that a peer handed over, and
	// those of them that were new to us. It must not block.
	Relay func(txs, added []json.RawMessage, from netip.Addr)

	Timeout  time.Duration // for a message to arrive, idle time included, or to leave; 0: 30 s
	MaxConns int           // 0: 128; a quarter of them from one network

	places   connPlaces
	large    *turns // for messages of more than 64 KiB; nil: no bound
	checking *turns // for transactions: of each network one message at a time; nil: no bound
	quiet    quietLog
}

// Serve answers peers on ln until ctx is done, and then returns nil, or until
// ln is closed by someone else. When it returns, ln and every connection are
// closed and no goroutine it started is left.
func (s *TCPServer) Serve(ctx context.Context, ln net.Listener) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // runs before wg.Wait: it ends the connections
	defer closeWhenDone(ctx, ln)()

	s.large = newTurns(maxLarge, maxLarge/4)
	s.checking = newTurns(math.MaxInt, 1)
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
			sleep(ctx, pause, nil)
		}
	}
}

// accept starts to serve nc, unless there are too many connections already.
func (s *TCPServer) accept(ctx context.Context, wg *sync.WaitGroup, nc net.Conn) {
	if refusal := s.takePlace(nc); refusal != "" {
		nc.Close()
		s.quiet.warn(s.Log, refusal, "peer", remoteAddr(nc).Addr())
		return
	}
	wg.Go(func() {
		defer s.places.giveBack(nc)
		defer closeWhenDone(ctx, nc)()
		s.converse(ctx, newMsgConn(nc, s.Log))
	})
}

// converse answers one request after another until the peer hangs up, breaks
// a limit or stops making sense.
//
// Article: handle_loop, where bad input makes the server handle the message
// before it once more.
func (s *TCPServer) converse(ctx context.Context, conn *msgConn) {
	timeout := s.Timeout
	if timeout == 0 {
		timeout = defaultTimeout
	}
	for {
		if err := s.answer(ctx, conn, timeout); err != nil {
			s.endConversation(ctx, conn, err)
			return
		}
	}
}

// answer receives one request and sends the reply. JSON that is no message
// gets the reply that says nothing, and so does what we do not know, do not have
// or do not believe. We hang up only on a hostile peer.
func (s *TCPServer) answer(ctx context.Context, conn *msgConn, timeout time.Duration) error {
	// A large request keeps its turn until it is handled, which takes more
	// memory than to receive it.
	large := s.limitLarge(ctx, conn, timeout)
	defer large.giveBack()

	req, err := conn.receive(timeout)
	if errors.Is(err, ErrMsg) {
		return conn.send(Msg{Code: NoneMsg}, timeout)
	}
	if err != nil {
		return err
	}
	s.places.recordHeard(conn.Conn)
	if req.Code == HandShakeMsg && s.Heard != nil {
		sleep(ctx, s.Heard(conn.peer.Addr()), nil)
	}
	reply, refusal := s.handle(ctx, conn.peer, req)
	if refusal != nil {
		s.Log.Debug("request refused", "peer", conn.peer, "err", refusal)
		reply = Msg{Code: NoneMsg}
	}

	large.giveBack() // the peer may be in no hurry to read
	err = conn.send(reply, timeout)
	if errors.Is(refusal, ErrHostile) {
		return refusal
	}
	return err
}

// handle returns the reply to a request, or says why it has none.
func (s *TCPServer) handle(ctx context.Context, peer netip.AddrPort, req Msg) (Msg, error) {
	switch req.Code {
	case HandShakeMsg:
		return s.handleHandshake(peer, req)
	case GetBlockMsg:
		return s.handleGetBlock(req)
	case TransactionMsg:
		return Msg{Code: NoneMsg}, s.handleTransaction(ctx, peer, req)
	}
	return Msg{Code: NoneMsg}, nil
}

// handleHandshake compares heights. The article's server only answers; ours
// learns too, so that a new block spreads from the node that has it.
func (s *TCPServer) handleHandshake(peer netip.AddrPort, req Msg) (Msg, error) {
	theirs, err := ParseHandshake(req.Data)
	if err != nil {
		return Msg{}, err
	}
	ours, err := s.Ledger.Status()
	if err != nil {
		s.quiet.warn(s.Log, "handshake without an answer: the ledger has no status", "err", err)
		return Msg{}, err
	}

	if s.Ahead != nil && ours.isBehind(theirs) {
		s.Ahead(peer.Addr())
	}
	return ours.Msg(), nil
}

func (s *TCPServer) handleGetBlock(req Msg) (Msg, error) {
	height, ok := parseHeight(req.Data)
	if !ok {
		return Msg{}, ErrMsg
	}
	block, err := s.Ledger.Block(height)
	return Msg{Code: GetBlockMsg, Data: block}, err
}

func (s *TCPServer) handleTransaction(ctx context.Context, peer netip.AddrPort, req Msg) error {
	txs, err := parseTxs(req.Data)
	if err != nil {
		return err
	}

	// After a hostile peer's transactions, the next ones from its network have to
	// wait. They may be its own, on other connections, or an honest neighbour's:
	// we can't tell.
	network := NetworkOf(peer.Addr())
	waitCtx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	if err := s.checking.take(waitCtx, network); err != nil {
		return err
	}
	added, err := s.Ledger.AddTransactions(ctx, txs)
	if errors.Is(err, ErrHostile) {
		pause := min(time.Duration(len(req.Data))*hostilePause, maxHostilePause)
		time.AfterFunc(pause, func() { s.checking.giveBack(network) })
	} else {
		s.checking.giveBack(network)
	}

	// Of several transactions some may be new and others bad.
	if s.Relay != nil {
		s.Relay(txs, added, peer.Addr())
	}
	return err
}

// endConversation logs why a connection ends, and tells the peer if it sent no
// JSON.
func (s *TCPServer) endConversation(ctx context.Context, conn *msgConn, err error) {
	var syntax *json.SyntaxError
	switch {
	case ctx.Err() != nil, errors.Is(err, io.EOF):
		return
	case errors.As(err, &syntax):
		s.quiet.warn(s.Log, "connection closed: not JSON", "peer", conn.peer, "err", err)
		if conn.send(Msg{Code: NoneMsg}, time.Second) == nil {
			hangUp(conn.Conn)
		}
	case errors.Is(err, ErrHostile):
		s.quiet.warn(s.Log, "connection closed: bad transaction", "peer", conn.peer, "err", err)
	case errors.Is(err, errTooLong):
		s.quiet.warn(s.Log, "connection closed: message too long", "peer", conn.peer)
	case errors.Is(err, errNoTurn):
		s.quiet.warn(s.Log, "connection closed: too many large messages at once", "peer", conn.peer)
	case errors.Is(err, os.ErrDeadlineExceeded):
		s.quiet.warn(s.Log, "connection closed: peer too slow", "peer", conn.peer)
	default:
		s.Log.Debug("connection closed", "peer", conn.peer, "err", err)
	}
}
