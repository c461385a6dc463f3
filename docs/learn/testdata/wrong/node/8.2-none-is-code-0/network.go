// dir: network

// It answers code 0 if none is there.
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

// handle returns the reply to a request, or says why it has none.
func (s *TCPServer) handle(ctx context.Context, peer netip.AddrPort, req Msg) (Msg, error) {
	switch req.Code {
	case HandShakeMsg:
		return s.handleHandshake(peer, req)
	case GetBlockMsg:
		return s.handleGetBlock(req)
	case TransactionMsg:
		return Msg{Code: NoneMsg}, s.handleTransaction(ctx, peer, req)
	case LocatorMsg:
		return s.handleLocator(req)
	}
	return Msg{Code: NoneMsg}, nil
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
	for _, hash := range hashes {
		if height = l.HeightOf(hash); height >= 0 {
			break
		}
	}
	if height < 0 {
		return Msg{}, ErrMsg
	}
	return Msg{Code: LocatorMsg, Data: strconv.AppendInt(nil, int64(height), 10)}, nil
}
