package rpc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/rpc"
	"time"
)

// Call calls method ("Cli.Balance") of the node at addr, and waits for its
// reply until ctx is done. The error of a method comes back as its text, an
// rpc.ServerError; without a node it is an [ErrNoNode].
func Call(ctx context.Context, addr, method string, args, reply any) error {
	dialer := net.Dialer{Timeout: helloTimeout}
	conn, err := dialer.DialContext(ctx, "tcp", addr)
	if err != nil {
		return noNode(ctx, addr, err)
	}
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	client := rpc.NewClient(conn)
	defer client.Close()
	if err := greet(conn, client); err != nil {
		return noNode(ctx, addr, err)
	}
	err = client.Call(method, args, reply)
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

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

// noNode tells a missing node from a caller that gave up.
func noNode(ctx context.Context, addr string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("%w on %s: %w", ErrNoNode, addr, err)
}
