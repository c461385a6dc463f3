// Package network is how nodes talk: who is asked, what is said, and what is
// believed of the answer.
//
// A node is a server and a client at once. [TCPServer] answers the peers that
// dial us. [TCPClient] asks one peer that we dialled: it shakes hands every
// few seconds, hands over transactions, and fetches the blocks we lack.
// [PeerServer] runs the server and one client for each peer that a
// [Discovery] knows, or that has dialled us.
//
// Three requests are the whole protocol, each a [Msg]:
//
//	handshake      how high is your chain, and where does it start?
//	get block      give me the block at this height
//	transaction    here are transactions for your pool
//
// A heartbeat is a handshake: whoever sees in one that the other chain is
// higher fetches what is missing. Bitcoin has about thirty messages; its
// version, inv, getheaders, getdata and tx do the work of these three.
//
// Blocks and transactions are opaque JSON here. What makes one valid, and
// which chain wins, is the business of the [Ledger].
//
// # Reading the source
//
// The files in the order in which they explain each other: this one has what
// the package needs of others, msg.go what is said, tcp_server.go the answers,
// tcp_client.go the questions, sync.go how a node catches up, and peer_server.go
// how many conversations make a network. conn.go sends and receives messages,
// json.go decodes them, and peer_status.go tells people how a peer stands. On a
// first reading skip python.go, which is what we do for peers that run the
// article's Python program, and limit.go: it has every bound, and what keeps a
// hostile peer from costing us much. Without it, honest peers would notice no
// difference.
package network

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
)

// Status is what a handshake says of a chain.
type Status struct {
	Height      int             // of the tip; -1: no chain
	Genesis     json.RawMessage // block 0; nil: no chain
	GenesisHash string          // of block 0, 64 hex digits; "": no chain
}

// Ledger is the chain and the pool as a peer sees them. Blocks and
// transactions are JSON in the form that crosses the wire, and are put into
// messages as they are. Methods are called from many goroutines.
type Ledger interface {
	Status() (Status, error)

	// Hash returns the hash of the chain's block at height, 64 hex digits, from
	// an index: no block is read for it. Any error means that there is no such
	// block.
	Hash(height int) (string, error)

	// Block returns the block at height. Any error means that there is none
	// to serve.
	Block(height int) (json.RawMessage, error)

	// AddBlocks takes consecutive blocks, lowest first. They may fork off
	// below the tip; a branch that is not yet longer than the chain is kept
	// aside until later calls make it longer; blocks that the ledger has are
	// ignored. An error other than ctx's, [ErrNotYet] and [ErrTooDeep] means that
	// one of the blocks is bad. The blocks before it are kept, and none after it.
	AddBlocks(ctx context.Context, blocks []json.RawMessage) error

	// AddTransactions pools transactions and returns those that were valid
	// and new, which are worth handing on. The error says what was wrong
	// with the others, and is an [ErrHostile] if that is the peer's fault.
	AddTransactions(ctx context.Context, txs []json.RawMessage) (added []json.RawMessage, err error)

	// Waiting returns the node's own transactions that no block has confirmed
	// yet. They are handed to each peer that connects, save Python nodes: it may
	// have been away when they were made.
	Waiting() []json.RawMessage
}

// ErrLedger is an error of a [Ledger] that is nobody else's fault: its disk is
// full, say, or damaged.
var ErrLedger = errors.New("this node cannot store or read its chain")

// ErrNotYet is an error of a [Ledger] about a block that will be valid later.
// A peer whose clock is ahead of ours is no liar.
var ErrNotYet = errors.New("not yet")

// ErrTooDeep is an error of a [Ledger] about a branch that would take more blocks
// off the chain than the ledger gives up for now. A peer that has such a chain may
// be as honest as we are.
var ErrTooDeep = errors.New("too many to take back now")

// ErrHostile is an error of a [Ledger] about a transaction that would break a rule
// on any chain. An honest peer would have refused it, too.
var ErrHostile = errors.New("no honest node sends this")

// Discovery lists the peers known right now, without ourselves. It is asked
// every second; its methods must not block.
type Discovery interface {
	Peers() []netip.AddrPort

	// Meet tells of a peer at addr that talks to us, but is not listed: now and
	// then, for as long as that stays so.
	Meet(addr netip.AddrPort)
}
