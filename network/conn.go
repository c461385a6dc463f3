package network

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"time"
)

// msgConn sends and receives messages on a connection. One goroutine uses it.
type msgConn struct {
	net.Conn
	peer    netip.AddrPort // the other end
	asks    bool           // the requests are ours, and the replies the peer's
	asked   []int          // codes of our requests that have no reply yet, oldest first
	log     *slog.Logger
	input   limitedReader
	large   largeTurn // of the reply that arrives, or of the batch that it belongs to
	inBatch bool
	more    []*msgConn // to the same peer: python.go
	decoder *json.Decoder
	out     []byte // reused

	closeNow func() // nil: somebody else closes it
}

func newMsgConn(nc net.Conn, log *slog.Logger) *msgConn {
	conn := &msgConn{Conn: nc, peer: remoteAddr(nc), log: log, input: limitedReader{r: nc}}
	conn.decoder = json.NewDecoder(&conn.input)
	return conn
}

// end closes a connection that we dialled, and those that belong to it.
func (conn *msgConn) end() {
	for _, more := range conn.more {
		more.closeNow()
	}
	conn.closeNow()
}

// receive reads one message. After an [ErrMsg] the next message can be read;
// after any other error nothing can.
func (conn *msgConn) receive(timeout time.Duration) (Msg, error) {
	var m Msg
	if err := conn.decode(&m, timeout); err != nil {
		return Msg{}, err
	}

	if conn.tells() {
		conn.tell("message received", m.Describe(conn.asks))
	}
	return m, nil
}

// decode reads one JSON value into v. All of it must arrive within timeout, so
// that a peer cannot hold us by sending a byte now and then.
func (conn *msgConn) decode(v any, timeout time.Duration) error {
	if err := conn.SetReadDeadline(time.Now().Add(timeout)); err != nil {
		return err
	}
	conn.input.remaining = maxMsg
	if !conn.inBatch { // which keeps its turn until it is added
		defer conn.large.giveBack()
	}

	err := conn.decoder.Decode(v)
	if errors.Is(err, os.ErrDeadlineExceeded) && !conn.hasBegun() {
		return errSilent
	}
	if err != nil && !errors.Is(err, ErrMsg) {
		return err
	}

	if maxMsg-conn.input.remaining >= smallMsg {
		conn.shrink()
	}
	return err
}

// shrink gives the large buffer of the decoder back: a new decoder goes on with
// what the old one has read of the next messages, which is 64 KiB at most.
func (conn *msgConn) shrink() {
	rest, _ := io.ReadAll(conn.decoder.Buffered())
	conn.decoder = json.NewDecoder(io.MultiReader(bytes.NewReader(rest), &conn.input))
}

// errSilent is a peer that was to send a message and did not even begin.
var errSilent = errors.New("nothing heard in time")

// hasBegun reports whether a part of the next message is there.
func (conn *msgConn) hasBegun() bool {
	start, _ := io.ReadAll(io.LimitReader(conn.decoder.Buffered(), 64))
	return len(bytes.TrimSpace(start)) > 0
}

// request sends a request, whose reply is to be received.
func (conn *msgConn) request(req Msg) error {
	if err := conn.send(req, replyTimeout); err != nil {
		return err
	}
	conn.asked = append(conn.asked, req.Code)
	return nil
}

// send writes one message with one Write, so that a Python peer, which takes
// what one recv returns for one message, gets a short one whole.
func (conn *msgConn) send(m Msg, timeout time.Duration) error {
	if err := conn.SetWriteDeadline(time.Now().Add(timeout)); err != nil {
		return err
	}
	conn.out = m.Append(conn.out[:0])
	var facts []slog.Attr
	if conn.tells() {
		facts = m.Describe(!conn.asks)
	}
	m.Data = nil // a peer that does not read must not make us hold it twice

	if _, err := conn.Write(conn.out); err != nil {
		return err
	}
	if cap(conn.out) > smallMsg {
		conn.out = nil
	}
	if facts != nil {
		conn.tell("message sent", facts)
	}
	return nil
}

// tells reports whether anyone wants to know of each message. If not, none is
// looked into.
func (conn *msgConn) tells() bool {
	return conn.log.Enabled(context.Background(), slog.LevelDebug)
}

func (conn *msgConn) tell(line string, facts []slog.Attr) {
	facts = append([]slog.Attr{slog.Any("peer", conn.peer)}, facts...)
	conn.log.LogAttrs(context.Background(), slog.LevelDebug, line, facts...)
}

// hangUp ends a conversation so that the peer gets our last message: to close
// a socket with input unread would make the kernel drop what it still has to
// send.
func hangUp(nc net.Conn) {
	half, ok := nc.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	if nc.SetReadDeadline(time.Now().Add(time.Second)) == nil {
		io.CopyN(io.Discard, nc, maxMsg)
	}
}

// closeWhenDone closes c when ctx is done, which is what ends a blocked read.
// The function it returns closes c now; then no goroutine is left.
func closeWhenDone(ctx context.Context, c io.Closer) (closeNow func()) {
	closed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(closed)
		c.Close()
	})
	return func() {
		if !stop() {
			<-closed
		}
		c.Close()
	}
}

// remoteAddr is the address at the other end; the zero one if it is no IP
// address.
func remoteAddr(nc net.Conn) netip.AddrPort {
	tcp, ok := nc.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	return unmap(tcp.AddrPort())
}

// unmap gives an IPv4 address one form, whichever socket it came by.
func unmap(addr netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())
}

// sleep waits for d, or until something is in wake, which may be nil. It reports
// whether ctx is still not done.
func sleep(ctx context.Context, d time.Duration, wake <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-wake:
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}
