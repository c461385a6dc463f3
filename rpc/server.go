package rpc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/rpc"
	"sync"
	"time"
)

// Name is the name under which the methods are called: "Cli.Balance".
const Name = "Cli"

// ErrNotLoopback is an address that others than this machine could reach.
var ErrNotLoopback = errors.New("not a loopback address")

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

	s := newServer(methods)
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

// A server is what Serve keeps.
type server struct {
	methods *rpc.Server

	places chan struct{} // holds a token for each of conns

	mu      sync.Mutex // guards what follows
	conns   map[net.Conn]bool
	closing bool
	drained chan struct{} // gets a token when the last of conns ends after closing
}

func newServer(methods *rpc.Server) *server {
	return &server{
		methods: methods,
		places:  make(chan struct{}, maxConns),
		conns:   make(map[net.Conn]bool),
		drained: make(chan struct{}, 1),
	}
}

// accept starts a goroutine for each connection until ctx is done. Its error
// is that of a listener that somebody else has closed.
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

		case !s.addConn(ctx, conn):
			conn.Close()

		default:
			go func() {
				defer s.removeConn(conn)
				s.answerCalls(conn)
			}()
		}
	}
}

// answerCalls answers the calls of one connection in turn. (rpc.ServeConn would
// start a goroutine for each request that a client cares to send.)
func (s *server) answerCalls(conn net.Conn) {
	c := newCodec(conn, s)
	for s.methods.ServeRequest(c) == nil {
	}
}

// shutDown ends the connections, and returns how many calls do not end.
func (s *server) shutDown() (running int) {
	// Those that wait for a request end at once. Calls may still reply.
	s.mu.Lock()
	s.closing = true
	for conn := range s.conns {
		conn.SetReadDeadline(time.Now())
	}
	open := len(s.conns)
	s.mu.Unlock()
	if open == 0 {
		return 0
	}

	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-s.drained:
	case <-timer.C:
	}

	// What is left are calls that hang. Their replies have nowhere to go.
	s.mu.Lock()
	defer s.mu.Unlock()
	for conn := range s.conns {
		conn.Close()
	}
	return len(s.conns)
}
