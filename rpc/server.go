package rpc

import (
	"bufio"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/rpc"
	"sync"
	"time"
)

// Listen listens on a loopback address such as "127.0.0.1:9999" or
// "localhost:0". Any other, and ":9999", which means every address of this
// machine, is an [ErrNotLoopback].
func Listen(addr string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	ip, err := netip.ParseAddr(host)
	if err != nil && host != "" { // a name
		resolved, err := net.ResolveIPAddr("ip", host)
		if err != nil {
			return nil, err
		}
		ip, _ = netip.AddrFromSlice(resolved.IP)
	}
	if ip = ip.Unmap(); !ip.IsLoopback() {
		return nil, fmt.Errorf("listen on %s: %w", addr, ErrNotLoopback)
	}
	return net.Listen("tcp", net.JoinHostPort(ip.String(), port))
}

// Serve answers calls to the methods of rcvr that net/rpc accepts, under the
// name [Name], each connection on its own and one call after another. (It
// also answers the greeting that [Call] begins with, and nothing else.) When
// ctx is done it closes ln and every idle connection, gives running calls 0.7 s
// to end, and returns nil. No goroutine it started is left then, but for
// methods of rcvr that run longer: the error says how many.
func Serve(ctx context.Context, ln net.Listener, rcvr any) error {
	defer closeWith(ctx, ln)()
	methods := rpc.NewServer()
	if err := methods.RegisterName(Name, rcvr); err != nil {
		return err
	}
	if err := methods.RegisterName(helloName, hello{}); err != nil {
		return err
	}
	s := &server{methods: methods, conns: make(map[net.Conn]bool), none: make(chan struct{}, 1)}
	err := s.accept(ctx, ln)
	if running := s.shutDown(); running > 0 {
		return errors.Join(err, fmt.Errorf("%d calls still run", running))
	}
	return err
}

// closeWith closes ln when ctx is done. The function it returns closes ln now,
// and returns when its port is free: a second Close alone would not wait for
// the first.
func closeWith(ctx context.Context, ln net.Listener) (closeNow func()) {
	closed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(closed)
		ln.Close()
	})
	return func() {
		if !stop() {
			<-closed
		}
		ln.Close()
	}
}

// server is what Serve keeps.
type server struct {
	methods *rpc.Server

	mu      sync.Mutex        // guards all below
	conns   map[net.Conn]bool // a call may be running on each
	closing bool
	none    chan struct{} // gets a token when the last of conns ends
}

func (s *server) accept(ctx context.Context, ln net.Listener) error {
	for {
		conn, err := ln.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				conn.Close()
			}
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		case err != nil: // out of file descriptors, say: that passes
			time.Sleep(10 * time.Millisecond)
		case !s.enter(conn):
			conn.Close()
		default:
			go func() {
				defer s.leave(conn)
				s.converse(conn)
			}()
		}
	}
}

// converse answers the calls of one connection in turn. (rpc.ServeConn would
// start a goroutine for each request that a client cares to send.)
func (s *server) converse(conn net.Conn) {
	c := &codec{conn: conn, server: s, left: maxRequest}
	c.dec = gob.NewDecoder(bufio.NewReader(c))
	c.out = bufio.NewWriter(conn)
	c.enc = gob.NewEncoder(c.out)
	for s.methods.ServeRequest(c) == nil {
	}
}
