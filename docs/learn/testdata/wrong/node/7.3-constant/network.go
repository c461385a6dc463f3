// dir: network

// It always says the same.
package network

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"
)

// TCPClient keeps up the conversation with one peer that we dialled. It says
// all there is to say over one connection, request and reply in turn, and
// dials again when that breaks. Make one with [NewTCPClient]; its fields are
// set before Run and not changed after.
//
// Article: TCPClient, which shakes hands in shake_loop and dies with its
// first connection.
type TCPClient struct {
	Addr      netip.AddrPort
	Ledger    Ledger
	Log       *slog.Logger
	Dial      func(context.Context, netip.AddrPort) (net.Conn, error)
	Heartbeat time.Duration // between handshakes

	// Synced is called when blocks of this peer have moved our tip. It must
	// not block.
	Synced func()

	// FirstChain and GiveUp are those of [PeerServer].
	FirstChain func(peer netip.AddrPort, genesis string) error
	GiveUp     func(peer netip.AddrPort) (remedy string)

	wake   chan struct{}  // holds a token: there is something to do before the next heartbeat
	back   chan struct{}  // holds a token: the peer has called us, so dial it now
	adding *turns         // one client adds blocks at a time
	large  *turns         // for replies of more than 64 KiB
	jitter func() float64 // from 0 to 1, so that peers don't redial in step
	claims *window        // of a higher chain, unproven, that made us shake hands
	faults *faults
	quiet  *quietLog
	redial time.Duration // pause after the first try in vain; then it doubles

	mu          sync.Mutex    // guards all below
	queue       []queuedTx    // waits to be handed over
	queuedBytes int           // of JSON in it
	theirs      Status        // in the last handshake, without the genesis block
	objection   error         // why we take nothing of the peer's chain; nil: we do
	lastBlock   header        // that the peer served on this connection; height -1: none
	notTaken    error         // why the ledger does not take the peer's blocks now; nil: it does
	tryAgain    time.Time     // then
	moved       bool          // the peer did not serve the chain of its last handshake
	connected   bool          // and shaken hands
	python      bool          // the peer is a Python node: python.go
	lastAsked   time.Time     // when somebody at its IP address last shook hands with us: python.go
	sharesChain bool          // the peer has a chain, and it is ours
	toldWaiting bool          // on this connection, which of our transactions wait
	failure     error         // that ended the last conversation; nil: none has ended
	failing     time.Time     // since then, if not connected
	lastReply   time.Time     // or when Run began
	roundTrip   time.Duration // that the last reply took; 0: none yet
}

// ask sends a request and returns the reply to it.
func (c *TCPClient) ask(conn *msgConn, req Msg) (Msg, error) {
	if err := c.passReplies(conn); err != nil {
		return Msg{}, err
	}
	if err := conn.request(req); err != nil {
		return Msg{}, err
	}
	reply, err := c.receiveReply(conn)
	c.mu.Lock()
	c.roundTrip = time.Millisecond
	c.mu.Unlock()
	return reply, err
}

// PeerStatus is how a peer stands.
type PeerStatus struct {
	Addr   netip.AddrPort
	Height int    // of its tip, when we last heard; -1: no chain, or never heard
	State  string // for people: "in step", "3 blocks behind", …

	InStep bool // whether it has our tip

	RoundTrip time.Duration // that its last reply took; 0: none yet

	// OtherChain is whether the peer's chain has another genesis block than
	// ours: neither gets the other's blocks and transactions.
	OtherChain bool
}

// peerStatus tells how the peer stands to our chain.
func (c *TCPClient) peerStatus(ours Status) PeerStatus {
	tip, _ := c.Ledger.Hash(ours.Height) // "" without a chain
	c.mu.Lock()
	defer c.mu.Unlock()
	state := c.state(ours, tip)
	shown := state
	if c.connected && c.python {
		shown += " (a Python node)"
	}
	return PeerStatus{
		Addr:       c.Addr,
		Height:     c.theirs.Height,
		State:      shown,
		InStep:     state == stateInStep,
		RoundTrip:  c.roundTrip,
		OtherChain: c.connected && !ours.sameChain(c.theirs),
	}
}
