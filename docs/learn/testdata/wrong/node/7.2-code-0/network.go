// dir: network

// The reply has code 0.
package network

import (
	"context"
	"encoding/json"
	"net/netip"
)

// PoolMsg asks for the txids of the pool; data: "". In the reply a list of them.
const PoolMsg = 4

// A poolLister is a [Ledger] that tells which transactions wait.
type poolLister interface {
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
	l, ok := s.Ledger.(poolLister)
	if !ok {
		return Msg{}, ErrMsg
	}
	txids := l.PoolIDs()
	if txids == nil {
		txids = []string{} // not null
	}
	data, err := json.Marshal(txids)
	return Msg{Code: NoneMsg, Data: data}, err
}
