package rpc

import (
	"bufio"
	"encoding/gob"
	"errors"
	"fmt"
	"net"
	"net/rpc"
	"time"
)

const (
	maxConns   = 32               // at a time
	maxRequest = 1 << 20          // bytes
	idle       = 30 * time.Second // for a request to arrive, or a reply to leave
	grace      = 700 * time.Millisecond
)

// enter notes a connection unless there are too many.
func (s *server) enter(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.conns) >= maxConns {
		return false
	}
	s.conns[conn] = true
	return true
}

func (s *server) leave(conn net.Conn) {
	conn.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, conn)
	if s.closing && len(s.conns) == 0 {
		s.none <- struct{}{}
	}
}

// shutDown ends the connections, and returns how many calls do not end.
func (s *server) shutDown() (running int) {
	s.mu.Lock()
	s.closing = true
	for conn := range s.conns {
		conn.SetReadDeadline(time.Now()) // those that wait for a request; calls may still reply
	}
	open := len(s.conns)
	s.mu.Unlock()
	if open == 0 {
		return 0
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-s.none:
	case <-timer.C:
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for conn := range s.conns {
		conn.Close()
	}
	return len(s.conns)
}

// awaitRequest gives the next request its time to arrive, unless the server
// is closing.
func (s *server) awaitRequest(conn net.Conn) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return net.ErrClosed
	}
	return conn.SetReadDeadline(time.Now().Add(idle))
}

// codec is net/rpc's gob encoding with bounds on what it reads. One goroutine
// uses it.
type codec struct {
	conn   net.Conn
	server *server
	left   int // bytes that this request may still take
	dec    *gob.Decoder
	out    *bufio.Writer
	enc    *gob.Encoder
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
	if err := c.server.awaitRequest(c.conn); err != nil {
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
	err := errors.Join(c.enc.Encode(r), c.enc.Encode(reply), c.out.Flush())
	if err != nil {
		c.conn.Close() // the client could not tell what is missing
	}
	return err
}

func (c *codec) Close() error { return c.conn.Close() }
