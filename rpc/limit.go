package rpc

import (
	"bufio"
	"context"
	"encoding/gob"
	"io"
	"net"
	"net/rpc"
	"time"
)

// What one client can take from the others.
const (
	maxConns = 32 // at a time

	// maxInput is how many bytes a connection takes in all: a greeting and a
	// call need some hundred. Gob lets a client define types, which are kept for
	// as long as the connection lives, and take the more memory the more fields
	// they have and the deeper these are: 0.5 MiB for a definition of 4 KiB, but
	// 370 MiB for one of 125 KB.
	maxInput = 4 << 10

	requestTimeout = time.Second      // for a request to arrive: less than a newcomer waits for its greeting
	replyTimeout   = 30 * time.Second // for a reply to leave
	grace          = 700 * time.Millisecond
)

// addConn counts a connection in. If there are too many, it waits until one
// ends. It reports false when ctx is done.
func (s *server) addConn(ctx context.Context, conn net.Conn) bool {
	select {
	case s.places <- struct{}{}:
	case <-ctx.Done():
		return false
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns[conn] = true
	return true
}

// removeConn closes a connection, and tells shutDown if it was the last.
func (s *server) removeConn(conn net.Conn) {
	conn.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, conn)
	<-s.places
	if s.closing && len(s.conns) == 0 {
		s.drained <- struct{}{}
	}
}

// allowRequest gives the next request its time to arrive, unless the server
// is closing.
func (s *server) allowRequest(conn net.Conn) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return net.ErrClosed
	}

	return conn.SetReadDeadline(time.Now().Add(requestTimeout))
}

// A codec is net/rpc's gob encoding with bounds on what it reads. One goroutine
// uses it.
type codec struct {
	conn   net.Conn
	server *server
	dec    *gob.Decoder
	out    *bufio.Writer
	enc    *gob.Encoder
}

func newCodec(conn net.Conn, s *server) *codec {
	c := &codec{conn: conn, server: s}
	c.dec = gob.NewDecoder(io.LimitReader(conn, maxInput))
	c.out = bufio.NewWriter(conn)
	c.enc = gob.NewEncoder(c.out)
	return c
}

func (c *codec) ReadRequestHeader(r *rpc.Request) error {
	if err := c.server.allowRequest(c.conn); err != nil {
		return err
	}
	return c.dec.Decode(r)
}

func (c *codec) ReadRequestBody(args any) error { return c.dec.Decode(args) }

// WriteResponse is called with one response at a time, since the calls of a
// connection are.
func (c *codec) WriteResponse(r *rpc.Response, reply any) error {
	if err := c.conn.SetWriteDeadline(time.Now().Add(replyTimeout)); err != nil {
		return err
	}
	if err := c.write(r, reply); err != nil {
		c.conn.Close() // the client could not tell what is missing
		return err
	}
	return nil
}

func (c *codec) write(r *rpc.Response, reply any) error {
	if err := c.enc.Encode(r); err != nil {
		return err
	}
	if err := c.enc.Encode(reply); err != nil {
		return err
	}
	return c.out.Flush()
}

func (c *codec) Close() error { return c.conn.Close() }
