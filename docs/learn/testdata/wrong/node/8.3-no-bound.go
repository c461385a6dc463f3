// dir: network

// Any number of headers may go into a reply.
package network

import (
	"context"
	"encoding/json"
	"net/netip"
)

// HeadersMsg asks for headers; data: [from, count]. In the reply a list of them.
const HeadersMsg = 5

// maxHeaders is how many headers a reply has at most. Bitcoin's limit is the same.
const maxHeaders = 2000

// handle returns the reply to a request, or says why it has none.
func (s *TCPServer) handle(ctx context.Context, peer netip.AddrPort, req Msg) (Msg, error) {
	switch req.Code {
	case HandShakeMsg:
		return s.handleHandshake(peer, req)
	case GetBlockMsg:
		return s.handleGetBlock(req)
	case TransactionMsg:
		return Msg{Code: NoneMsg}, s.handleTransaction(ctx, peer, req)
	case HeadersMsg:
		return s.handleHeaders(req)
	}
	return Msg{Code: NoneMsg}, nil
}

// handleHeaders answers with the headers of some of our blocks.
func (s *TCPServer) handleHeaders(req Msg) (Msg, error) {
	var numbers []json.RawMessage
	if err := json.Unmarshal(req.Data, &numbers); err != nil || len(numbers) != 2 {
		return Msg{}, ErrMsg
	}
	from, okFrom := decodeInt(numbers[0])
	count, okCount := decodeInt(numbers[1])
	if !okFrom || !okCount || from < 0 || count < 0 {
		return Msg{}, ErrMsg
	}

	data := []byte("[")
	for i := range count {
		block, err := s.Ledger.Block(from + i)
		if err != nil {
			break // no more blocks
		}
		if i > 0 {
			data = append(data, ", "...)
		}
		data = append(data, findMember(block, "block_header")...)
	}
	return Msg{Code: HeadersMsg, Data: append(data, ']')}, nil
}
