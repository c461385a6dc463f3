// dir: network

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

// handle returns the reply to a request. What we do not know, do not have or
// do not believe gets the reply that says nothing.
func (s *TCPServer) handle(ctx context.Context, peer netip.AddrPort, req Msg) Msg {
	reply, err := Msg{Code: NoneMsg}, error(nil)
	switch req.Code {
	case HandShakeMsg:
		reply, err = s.handleHandshake(peer, req)
	case GetBlockMsg:
		reply, err = s.handleGetBlock(req)
	case TransactionMsg:
		err = s.handleTransaction(ctx, peer, req)
	case PoolMsg:
		reply, err = s.handlePool()
	}
	if err != nil {
		s.Log.Debug("request refused", "peer", peer, "err", err)
		return Msg{Code: NoneMsg}
	}
	return reply
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
	return Msg{Code: PoolMsg, Data: data}, err
}
