package network

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"time"
)

// conn sends and receives messages on a connection. One goroutine uses it.
type conn struct {
	net.Conn
	peer netip.AddrPort // the other end
	log  *slog.Logger
	in   limitedReader
	src  io.Reader // what an earlier decoder has read too much, then in
	dec  *json.Decoder
	out  []byte // reused
}

func newConn(nc net.Conn, log *slog.Logger) *conn {
	c := &conn{Conn: nc, peer: remoteAddr(nc), log: log, in: limitedReader{r: nc}}
	c.src = &c.in
	c.dec = json.NewDecoder(c.src)
	return c
}

// receive reads one message. All of it must arrive within timeout, so that a
// peer cannot hold us by sending a byte now and then. After an [ErrMsg] the
// next message can be read; after any other error nothing can.
func (c *conn) receive(timeout time.Duration) (Msg, error) {
	if err := c.SetReadDeadline(time.Now().Add(timeout)); err != nil {
		return Msg{}, err
	}
	c.in.left = maxMsg
	var m Msg
	if err := c.dec.Decode(&m); err != nil {
		return Msg{}, err
	}
	if len(m.Data) > smallMsg {
		c.src = io.MultiReader(c.dec.Buffered(), c.src)
		c.dec = json.NewDecoder(c.src)
	}
	c.trace("message received", m.Code, len(m.Data))
	return m, nil
}

// send writes one message with one Write, so that a Python peer, which takes
// what one recv returns for one message, gets a short one whole.
func (c *conn) send(m Msg, timeout time.Duration) error {
	if err := c.SetWriteDeadline(time.Now().Add(timeout)); err != nil {
		return err
	}
	c.out = m.Append(c.out[:0])
	size := len(m.Data)
	m.Data = nil // a peer that does not read must not make us hold it twice
	if _, err := c.Write(c.out); err != nil {
		return err
	}
	if cap(c.out) > smallMsg {
		c.out = nil
	}
	c.trace("message sent", m.Code, size)
	return nil
}

func (c *conn) trace(line string, code, size int) {
	if ctx := context.Background(); c.log.Enabled(ctx, slog.LevelDebug) {
		c.log.LogAttrs(ctx, slog.LevelDebug, line, slog.Any("peer", c.peer),
			slog.Int("code", code), slog.Int("bytes", size))
	}
}

// closeWith closes c when ctx is done, which is what ends a blocked read. The
// function it returns closes c now; then no goroutine is left.
func closeWith(ctx context.Context, c io.Closer) (closeNow func()) {
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
func unmap(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

// sleep waits for d or until ctx is done.
func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
