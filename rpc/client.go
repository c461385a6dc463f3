package rpc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/rpc"
	"os"
	"sync/atomic"
	"time"
)

var (
	// ErrNoNode is an address at which nobody listens.
	ErrNoNode = errors.New("no node answers")

	// ErrNoGreeting is an address at which somebody listens, but says nothing:
	// a node that is stopped or has too much to do, or another program.
	ErrNoGreeting = errors.New("something listens, but does not answer")

	// ErrStranger is an address at which something else than a node's command
	// port answers, such as another program or a port for peers.
	ErrStranger = errors.New("not a node's command port")
)

// Call calls method ("Cli.Balance") of the node at addr, and waits for its
// reply until ctx is done. The error of a method comes back as its text, an
// rpc.ServerError; without a node it is an [ErrNoNode], [ErrNoGreeting] or
// [ErrStranger].
func Call(ctx context.Context, addr, method string, args, reply any) error {
	dialer := net.Dialer{Timeout: helloTimeout}
	nc, err := dialer.DialContext(ctx, "tcp", addr)
	if err != nil {
		return noNode(ctx, addr, ErrNoNode, err)
	}
	conn := &heardConn{Conn: nc}

	// Closing the connection is what ends a call under way.
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	client := rpc.NewClient(conn)
	defer client.Close()
	err = greet(conn, client)
	if errors.Is(err, os.ErrDeadlineExceeded) && !conn.heard.Load() {
		return noNode(ctx, addr, ErrNoGreeting, err)
	}
	if err != nil {
		return noNode(ctx, addr, ErrStranger, err)
	}

	err = client.Call(method, args, reply)
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// noNode returns the error of a node that is not there, or that of ctx if the
// caller has given up.
func noNode(ctx context.Context, addr string, kind, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("%w on %s: %w", kind, addr, err)
}

// heardConn notes whether anything came from the other end.
type heardConn struct {
	net.Conn
	heard atomic.Bool
}

func (c *heardConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.heard.Store(true)
	}
	return n, err
}

// The client first asks for a greeting, so that it learns soon whether a node
// is there at all; its call itself may take as long as the work takes.
const (
	helloName    = "Hello"
	helloMethod  = "Hello.Hello"
	helloText    = "gosimpleblockchain"
	helloTimeout = 2 * time.Second
)

// greet finds out whether a node is at the other end.
func greet(conn net.Conn, client *rpc.Client) error {
	if err := conn.SetDeadline(time.Now().Add(helloTimeout)); err != nil {
		return err
	}
	var text string
	if err := client.Call(helloMethod, struct{}{}, &text); err != nil {
		return err
	}
	if text != helloText {
		return errors.New("another program greets")
	}
	return conn.SetDeadline(time.Time{})
}

// hello is the service that greets.
type hello struct{}

// Hello sets text to the name of this program.
func (hello) Hello(_ struct{}, text *string) error {
	*text = helloText
	return nil
}
