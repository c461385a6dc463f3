// dir: network

// The interface has one method more, and the ledgers of the tests have not.
package network

import (
	"context"
	"encoding/json"
	"net/netip"
)

// PoolMsg asks for the txids of the pool; data: "". In the reply a list of them.
const PoolMsg = 4

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
	// ignored. An error other than ctx's and [ErrNotYet] means that one of the
	// blocks is bad. The blocks before it are kept, and none after it.
	AddBlocks(ctx context.Context, blocks []json.RawMessage) error

	// AddTransactions pools transactions and returns those that were valid
	// and new, which are worth handing on. The error says what was wrong
	// with the others.
	AddTransactions(ctx context.Context, txs []json.RawMessage) (added []json.RawMessage, err error)

	// Waiting returns the node's own transactions that no block has confirmed
	// yet. They are handed to each peer that connects: it may have been away
	// when they were made.
	Waiting() []json.RawMessage

	// PoolIDs returns the txids of the pool, in order.
	PoolIDs() []string
}

// handle returns the reply to a request, or says why it has none.
func (s *TCPServer) handle(ctx context.Context, peer netip.AddrPort, req Msg) (Msg, error) {
	switch req.Code {
	case HandShakeMsg:
		return s.handleHandshake(peer, req)
	case GetBlockMsg:
		return s.handleGetBlock(req)
	case TransactionMsg:
		return Msg{Code: NoneMsg}, s.handleTransaction(ctx, peer, req)
	case PoolMsg:
		return s.handlePool()
	}
	return Msg{Code: NoneMsg}, nil
}

// handlePool answers with the txids of the pool, if the ledger has one to tell of.
func (s *TCPServer) handlePool() (Msg, error) {
	txids := s.Ledger.PoolIDs()
	if txids == nil {
		txids = []string{} // not null
	}
	data, err := json.Marshal(txids)
	return Msg{Code: PoolMsg, Data: data}, err
}
