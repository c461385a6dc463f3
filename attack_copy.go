package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/boltdb/bolt"

	"gosimpleblockchain/network"
	"gosimpleblockchain/rpc"
)

// The attacks run against a copy of the student's chain. Where a node runs, its
// blocks are fetched as any peer would fetch them; where none runs, the file is
// copied. Neither is changed by that.

const (
	maxCopyBlocks = 20_000   // of a longer chain no copy is made: it would take too long
	maxCopyBytes  = 64 << 20 // of a file or, of a node, of the JSON of its blocks
	copyBatch     = 500      // blocks added at once
	copyTimeout   = 10 * time.Second
)

// errTooLong is a chain that is too long to be copied.
var errTooLong = errors.New("too long to be copied")

// copyChain copies the student's chain to a file at path, unless there is none,
// and returns a sentence that says which chain it is.
func (o *options) copyChain(ctx context.Context, path string) (origin string, err error) {
	var from string
	asked, named := o.rpc != defaultRPC, o.node.Data != defaultData
	if asked || !named {
		from, err = o.copyFromNode(ctx, path)
		found := from != ""
		if found || ctx.Err() != nil {
			return madeOf(from, err)
		}
		if asked && !named {
			return "", o.explain(err)
		}
	}

	file := filepath.Join(o.node.Data, "chain.db")
	err = copyFile(file, path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && named:
		return "", fmt.Errorf("there is no chain in %s: leave -data out to attack a fresh one", o.node.Data)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Sprintf("a fresh chain, since no node runs here and there is no %s", file), nil
	case errors.Is(err, ErrInUse):
		return "", fmt.Errorf("%w: give -rpc the address of its command port", err)
	}
	return madeOf(fmt.Sprintf("the file %s", file), err)
}

// madeOf says what is attacked, if a copy was to be made of something.
func madeOf(from string, err error) (origin string, _ error) {
	switch {
	case errors.Is(err, errTooLong):
		return fmt.Sprintf("a fresh chain, since that of %s is %v", from, err), nil
	case errors.Is(err, ErrNoBlock):
		return fmt.Sprintf("a fresh chain, since %s has none yet", from), nil
	case err != nil:
		return "", err
	}
	return fmt.Sprintf("a copy of the chain of %s", from), nil
}

// copyFromNode fetches the blocks of the running node as a peer of its. Without
// a node the name that it returns is "".
func (o *options) copyFromNode(ctx context.Context, path string) (name string, err error) {
	callCtx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var listen string
	if err := rpc.Call(callCtx, o.rpc, "Cli.Addr", "", &listen); err != nil {
		return "", err
	}

	name = fmt.Sprintf("the node on %s", o.rpc)
	addr, err := netip.ParseAddrPort(listen)
	if err != nil {
		return name, err
	}
	if addr.Addr().IsUnspecified() { // it listens on all addresses: this is one
		addr = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), addr.Port())
	}
	return name, fetchChain(ctx, addr, path)
}

// fetchChain fetches all blocks of the peer at an address into a file at path.
func fetchChain(ctx context.Context, peer netip.AddrPort, path string) error {
	conn, err := dialPeer(ctx, peer)
	if err != nil {
		return err
	}
	defer conn.Close()

	height, err := conn.askHeight()
	switch {
	case err != nil:
		return err
	case height < 0:
		return ErrNoBlock
	case height >= maxCopyBlocks:
		return fmt.Errorf("%w: it has %d blocks", errTooLong, height+1)
	}

	bc, err := OpenBlockchain(ctx, path, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	err = conn.fetchInto(ctx, bc, height)
	closeErr := bc.Close()
	if err == nil {
		return closeErr
	}
	os.Remove(path)
	return err
}

// fetchInto adds the peer's blocks, up to a height, to a chain.
func (c *peerConn) fetchInto(ctx context.Context, bc *Blockchain, height int) error {
	bc.db.NoSync = true // a copy need not survive a power cut
	var batch []json.RawMessage
	size := 0
	for h := range height + 1 {
		reply, err := c.ask(network.Msg{Code: network.GetBlockMsg, Data: fmt.Append(nil, h)})
		if err != nil {
			return err
		}
		size += len(reply.Data)
		if size > maxCopyBytes {
			return fmt.Errorf("%w: its blocks have more than %d MiB", errTooLong, maxCopyBytes>>20)
		}

		batch = append(batch, reply.Data)
		if len(batch) < copyBatch && h < height {
			continue
		}
		if err := bc.AddBlocks(ctx, batch); err != nil {
			return fmt.Errorf("copy the chain of %s: %w", c.RemoteAddr(), err)
		}
		batch = nil
	}
	return nil
}

// copyFile copies a chain's file that no node uses. It is opened for reading
// only, and keeps nodes out meanwhile.
func copyFile(from, to string) (err error) {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if info.Size() > maxCopyBytes {
		return fmt.Errorf("%w: the file has more than %d MiB", errTooLong, maxCopyBytes>>20)
	}

	defer recoverFault(from, &err)
	db, err := bolt.Open(from, 0o600, &bolt.Options{Timeout: lockWait, ReadOnly: true})
	if err != nil {
		return openError(from, err)
	}
	defer db.Close()
	return db.View(func(tx *bolt.Tx) error { return tx.CopyFile(to, 0o600) })
}

// A peerConn is a connection over which one asks a node as a peer.
type peerConn struct {
	net.Conn
	decoder *json.Decoder
	release func() bool // from the context that it was dialled with
}

// Close closes the connection.
func (c *peerConn) Close() error {
	c.release()
	return c.Conn.Close()
}

func dialPeer(ctx context.Context, addr netip.AddrPort) (*peerConn, error) {
	dialer := net.Dialer{Timeout: copyTimeout}
	conn, err := dialer.DialContext(ctx, "tcp", addr.String())
	if err != nil {
		return nil, err
	}

	// Closing the connection is what ends a question under way.
	release := context.AfterFunc(ctx, func() { conn.Close() })
	return &peerConn{conn, json.NewDecoder(io.LimitReader(conn, 2*maxCopyBytes)), release}, nil
}

// ask sends a message, and returns the reply.
func (c *peerConn) ask(m network.Msg) (reply network.Msg, err error) {
	if err := c.SetDeadline(time.Now().Add(copyTimeout)); err != nil {
		return reply, err
	}
	if _, err := c.Write(m.Append(nil)); err != nil {
		return reply, err
	}
	return reply, c.decoder.Decode(&reply)
}

// askHeight shakes hands, as a node without a chain does, and returns how high
// the peer's chain is.
func (c *peerConn) askHeight() (int, error) {
	reply, err := c.ask(network.Status{Height: -1}.Msg())
	if err != nil {
		return 0, err
	}

	status, err := network.ParseHandshake(reply.Data)
	if err != nil {
		return 0, fmt.Errorf("handshake of %s: %w", c.RemoteAddr(), err)
	}
	return status.Height, nil
}
