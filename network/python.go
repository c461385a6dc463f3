package network

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// This file is about peers that run the article's Python program. They speak the
// same protocol, and trust everything: a Python node pools a transaction as often
// as it gets it, mines at once whenever two stand in its pool, and keeps there
// what other nodes have confirmed. If it gets a payment twice, or one that another
// node mines, it makes a block that splits the network. So it gets no transactions
// from us, only blocks.

// pythonNone is how a Python node says that it doesn't know a request. In its
// other replies, and in all of ours, a space follows the second colon, too.
const pythonNone = `{"code": 0, "data":""}`

// pythonSilence is how long a Python node, which shakes hands every 10 s, may go
// without doing so. After that, we take its thread that did for dead.
const pythonSilence = 25 * time.Second

// maxPythonPause bounds how long a Python node waits for the reply to a handshake.
// It has a thread for each node that it dials. They begin at the same moment, and
// keep step; but when two of them store the same block at once, half of it is
// missing from then on, and the node is stuck there. Replies that come at random
// moments take them out of step.
const maxPythonPause = time.Second

// Many blocks of a Python node are fetched over several connections, since it
// answers only one request at a time on each. That's kinder to it, too: while it
// looks up a block, its other threads may find no database and die, so the sooner
// we're done, the fewer it loses. Eight connections gain little over four.
const (
	pythonConns  = 4
	pythonBlocks = 16 // beyond which they are many
)

// recognize finds out, once a connection, whether the peer is a Python node. The
// question is a message that says nothing: a Python node answers it as it
// answers whatever it doesn't know.
func (c *TCPClient) recognize(conn *msgConn) error {
	if err := conn.send(Msg{Code: NoneMsg}, replyTimeout); err != nil {
		return err
	}
	var reply json.RawMessage
	if err := conn.decode(&reply, replyTimeout); err != nil {
		return err
	}
	c.recordReply()
	if conn.tells() {
		conn.tell("message received", Msg{Code: NoneMsg}.Describe(true))
	}

	c.mu.Lock()
	c.python = string(reply) == pythonNone
	c.lastAsked = time.Now() // its time to ask begins
	c.mu.Unlock()
	return nil
}

// isPython reports whether the peer was a Python node when we last heard of it.
func (c *TCPClient) isPython() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.python
}

// blockConns returns the connections over which the blocks from … to are fetched.
// All of them stay open as long as conn: whenever one is closed, a thread of the
// Python node ends in a traceback.
func (c *TCPClient) blockConns(ctx context.Context, conn *msgConn, from, to int) ([]*msgConn, error) {
	if !c.isPython() || to-from < pythonBlocks {
		return []*msgConn{conn}, nil
	}

	for len(conn.more) < pythonConns-1 {
		more, err := c.connect(ctx)
		if err != nil {
			return nil, err
		}
		conn.more = append(conn.more, more)
	}

	for _, more := range conn.more {
		if err := c.passReplies(more); err != nil {
			return nil, err
		}
	}
	return append([]*msgConn{conn}, conn.more...), nil
}

// maxRequests returns how many requests may be on their way over one connection. A
// Python node takes what one recv returns for one message.
func (c *TCPClient) maxRequests() int {
	if c.isPython() {
		return 1
	}
	return maxAhead
}

// toleratesFault reports whether err, about blocks of the peer, is no reason to
// leave it alone. A Python node that was taken in by an invalid block is no liar,
// and takes a valid chain as soon as that is higher.
func (c *TCPClient) toleratesFault(err error) bool {
	var bad *badPeerError
	return errors.As(err, &bad) && c.isPython()
}

// rival returns the height of a Python peer's chain, if that isn't ours, and the
// peer keeps it because it only takes a higher one. tip is the hash of our last
// block.
func (c *TCPClient) rival(ours Status, tip string) (height int, found bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.connected || !c.python || c.objection != nil {
		return 0, false
	}

	theirs := c.theirs.Height
	otherTip := theirs == ours.Height && c.lastBlock.height == theirs && c.lastBlock.hash != tip
	refused := theirs > ours.Height && c.notTaken != nil
	return theirs, otherTip || refused
}

// PythonPeers returns how many peers run the article's Python program, and may
// have our chain.
func (p *PeerServer) PythonPeers() (n int) {
	for _, c := range p.allClients() {
		if c.isPython() && !c.objects() {
			n++
		}
	}
	return n
}

// objects reports whether we take nothing of the peer's chain.
func (c *TCPClient) objects() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.objection != nil
}

// recordAsked notes that the peer, or another at its IP address, has shaken hands
// with our server.
func (c *TCPClient) recordAsked() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lastAsked = time.Now()
}

// knock has discovery show this node under a new ID to each Python peer that we
// reach, but that no longer shakes hands with us. It dials each ID once, and when
// the thread that did so has died, never again.
func (p *PeerServer) knock() {
	if p.Knock == nil {
		return
	}
	for _, c := range p.allClients() {
		if c.hasStoppedAsking() {
			c.recordAsked() // so that it has as much time again
			p.Log.Info("Python peer no longer asks", "peer", c.Addr)
			p.Knock(c.Addr)
		}
	}
}

// hasStoppedAsking reports whether the peer is a Python node that we reach, but
// that no longer asks us.
func (c *TCPClient) hasStoppedAsking() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.connected && c.python && time.Since(c.lastAsked) >= pythonSilence
}

// reportRivals tells how high the highest chain is that a Python peer keeps
// instead of ours.
func (p *PeerServer) reportRivals() {
	if p.Rival == nil || p.PythonPeers() == 0 {
		return
	}
	ours, err := p.Ledger.Status()
	if err != nil {
		return
	}
	tip, err := p.Ledger.Hash(ours.Height)
	if err != nil {
		return
	}

	highest := -1
	for _, c := range p.allClients() {
		if height, found := c.rival(ours, tip); found {
			highest = max(highest, height)
		}
	}
	if highest >= 0 {
		p.Rival(highest)
	}
}
