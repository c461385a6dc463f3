// dir: network

// It answers with the place in the list.
package network

import (
	"context"
	"encoding/json"
	"net/netip"
	"strconv"
)

// LocatorMsg asks where two chains part; data: hashes, highest block first. In the
// reply a height, or -1.
const LocatorMsg = 6

// maxLocator is how many hashes a locator has at most. Bitcoin's limit is the same.
const maxLocator = 101

// A locatingLedger is a [Ledger] that finds blocks by their hash.
type locatingLedger interface {
	// HeightOf returns the height of the chain's block with a hash, or -1.
	HeightOf(hash string) int
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
	case LocatorMsg:
		reply, err = s.handleLocator(req)
	}
	if err != nil {
		s.Log.Debug("request refused", "peer", peer, "err", err)
		return Msg{Code: NoneMsg}
	}
	return reply
}

// handleLocator answers with the height of the first block of a list that is on our
// chain.
func (s *TCPServer) handleLocator(req Msg) (Msg, error) {
	l, ok := s.Ledger.(locatingLedger)
	if !ok {
		return Msg{}, ErrMsg
	}
	var hashes []string
	if err := json.Unmarshal(req.Data, &hashes); err != nil || hashes == nil || len(hashes) > maxLocator {
		return Msg{}, ErrMsg
	}

	height := -1
	for i, hash := range hashes {
		if l.HeightOf(hash) >= 0 {
			height = i
			break
		}
	}
	return Msg{Code: LocatorMsg, Data: strconv.AppendInt(nil, int64(height), 10)}, nil
}
