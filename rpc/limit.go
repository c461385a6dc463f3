package rpc

import (
	"bufio"
	"context"
	"encoding/gob"
	"fmt"
	"net"
	"net/rpc"
	"time"
)

// What one client can take from the others.
const (
	maxConns    = 32               // at a time
	maxRequest  = 1 << 20          // bytes
	idle        = 30 * time.Second // for a request to arrive, or a reply to leave
	idleCrowded = time.Second      // for a request, while another connection waits for a place
	grace       = 700 * time.Millisecond
)

// addConn counts a connection in. If there are too many, it waits until one
// ends, and those without a call get less time for their next request. It
// reports false when ctx is done.
func (s *server) addConn(ctx context.Context, conn net.Conn) bool {
	select {
	case s.places <- struct{}{}:
	default:
		s.setCrowded(true)
		defer s.setCrowded(false)
		select {
		case s.places <- struct{}{}:
		case <-ctx.Done():
			return false
		}
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns[conn] = time.Time{}
	return true
}

// setCrowded notes whether a connection waits for a place. If so, requests that
// are on their way have to hurry, too.
func (s *server) setCrowded(crowded bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.crowded = crowded
	if !crowded {
		return
	}

	soon := time.Now().Add(idleCrowded)
	for conn, deadline := range s.conns {
		if soon.Before(deadline) {
			s.conns[conn] = soon
			conn.SetReadDeadline(soon)
		}
	}
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

	limit := idle
	if s.crowded {
		limit = idleCrowded
	}
	s.conns[conn] = time.Now().Add(limit)
	return conn.SetReadDeadline(s.conns[conn])
}

// A codec is net/rpc's gob encoding with bounds on what it reads. One goroutine
// uses it.
type codec struct {
	conn   net.Conn
	server *server
	left   int // bytes that this request may still take
	dec    *gob.Decoder
	out    *bufio.Writer
	enc    *gob.Encoder
}

func newCodec(conn net.Conn, s *server) *codec {
	c := &codec{conn: conn, server: s, left: maxRequest}
	c.dec = gob.NewDecoder(bufio.NewReader(c))
	c.out = bufio.NewWriter(conn)
	c.enc = gob.NewEncoder(c.out)
	return c
}

// Read is what dec reads from.
func (c *codec) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, fmt.Errorf("request longer than %d bytes", maxRequest)
	}
	n, err := c.conn.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, err
}

func (c *codec) ReadRequestHeader(r *rpc.Request) error {
	if err := c.server.allowRequest(c.conn); err != nil {
		return err
	}
	c.left = maxRequest
	return c.dec.Decode(r)
}

func (c *codec) ReadRequestBody(args any) error { return c.dec.Decode(args) }

// WriteResponse is called with one response at a time, since the calls of a
// connection are.
func (c *codec) WriteResponse(r *rpc.Response, reply any) error {
	if err := c.conn.SetWriteDeadline(time.Now().Add(idle)); err != nil {
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
