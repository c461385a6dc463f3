package network

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
)

// The codes of a [Msg].
const (
	NoneMsg        = 0 // nothing to say; data ""
	HandShakeMsg   = 1 // data: a [Status]
	GetBlockMsg    = 2 // data: a height; in the reply the block
	TransactionMsg = 3 // data: a list of transactions
)

// ErrMsg is JSON that is not a message, or whose data is not what its code
// asks for.
var ErrMsg = errors.New("not a message")

// noneData is the data of a message that says nothing: an empty text.
const noneData = `""`

// Msg is one request or reply: what it is, and what it carries, still
// encoded. On the wire it is {"code": C, "data": D}, one JSON value after
// another, with nothing between them.
type Msg struct {
	Code int
	Data json.RawMessage // empty means ""
}

// Append appends the message to dst with the bytes that Python's json.dumps
// writes for it: a space after each colon and comma. (json.Marshal would drop
// those spaces, inside Data too.)
func (m Msg) Append(dst []byte) []byte {
	dst = append(dst, `{"code": `...)
	dst = strconv.AppendInt(dst, int64(m.Code), 10)
	dst = append(dst, `, "data": `...)
	if len(m.Data) == 0 {
		dst = append(dst, noneData...)
	} else {
		dst = append(dst, m.Data...)
	}
	return append(dst, '}')
}

// UnmarshalJSON is what json.Decoder calls with one whole JSON value. Unknown
// members are ignored; a missing or null one, a code that is no integer and
// too many parts are an [ErrMsg]. Data is a copy of its bytes, spaces and all.
func (m *Msg) UnmarshalJSON(b []byte) error {
	if bytes.Count(b, []byte(",")) > maxParts {
		return fmt.Errorf("%w: more than %d parts", ErrMsg, maxParts)
	}
	members, err := decodeObject(b)
	if err != nil {
		return fmt.Errorf("%w: not an object", ErrMsg)
	}

	code, ok := decodeInt(members["code"])
	if !ok {
		return fmt.Errorf("%w: no code", ErrMsg)
	}
	data := members["data"]
	if data == nil || string(data) == "null" {
		return fmt.Errorf("%w: no data", ErrMsg)
	}
	m.Code, m.Data = code, data
	return nil
}

// sameChain reports whether both chains start with the same block. A chain
// that has not started yet may become any.
func (s Status) sameChain(other Status) bool {
	return s.Height < 0 || other.Height < 0 || s.GenesisHash == other.GenesisHash
}

// isBehind reports whether the other chain has blocks that we want.
func (s Status) isBehind(other Status) bool {
	return other.Height > s.Height && s.sameChain(other)
}

// Msg returns the message that tells how a chain stands, request and reply
// alike.
func (s Status) Msg() Msg {
	data := make([]byte, 0, len(s.Genesis)+64)
	data = append(data, `{"last_height": `...)
	data = strconv.AppendInt(data, int64(s.Height), 10)
	data = append(data, `, "genesis_block": `...)
	if s.Height < 0 {
		data = append(data, noneData...)
	} else {
		data = append(data, s.Genesis...)
	}
	return Msg{Code: HandShakeMsg, Data: append(data, '}')}
}

// ParseHandshake reads the data of a handshake. It refuses a height without a
// genesis block and the reverse. GenesisHash is the hash that the block claims
// to have.
func ParseHandshake(data []byte) (Status, error) {
	members, err := decodeObject(data)
	height, ok := decodeInt(members["last_height"])
	if err != nil || !ok || height < -1 {
		return Status{}, fmt.Errorf("%w: handshake without a height", ErrMsg)
	}

	// A chain and its genesis block come together or not at all.
	genesis := members["genesis_block"]
	if height == -1 {
		if string(genesis) != noneData {
			return Status{}, fmt.Errorf("%w: handshake without a chain, but with a genesis block", ErrMsg)
		}
		return Status{Height: -1}, nil
	}
	h, err := parseHeader(genesis)
	if err != nil || h.height != 0 {
		return Status{}, fmt.Errorf("%w: handshake without a genesis block", ErrMsg)
	}
	return Status{Height: height, Genesis: genesis, GenesisHash: h.hash}, nil
}

// header is what this package reads of a block. The hash is the one that the
// block claims: whether it is right, the ledger finds out.
type header struct {
	height int
	hash   string // 64 hex digits
	prev   string // the same, or "" in block 0
}

// parseHeader reads the header of a block, and nothing of what comes after it:
// all nodes write the header before the transactions. To decode the whole block
// only to drop a megabyte of transactions would take 7 ms.
func parseHeader(block []byte) (header, error) {
	members, err := decodeObject(findMember(block, "block_header"))
	height, okHeight := parseHeight(members["height"])
	hash, okHash := decodeHash(members["hash"])
	prev, okPrev := decodeHash(members["prev_block_hash"])
	if height == 0 && string(members["prev_block_hash"]) == `""` {
		okPrev = true // the genesis block follows none
	}
	if err != nil || !okHeight || !okHash || !okPrev {
		return header{}, fmt.Errorf("%w: a block needs a header with height, hash and prev_block_hash", ErrMsg)
	}
	return header{height, hash, prev}, nil
}

// parseHeight reads a height from 0 to 2^31-1: one block a second would take
// 68 years to get there.
func parseHeight(value []byte) (height int, ok bool) {
	n, ok := decodeInt(value)
	return n, ok && n >= 0
}

// parseTxs reads the data of a transaction message: a list of objects.
func parseTxs(data json.RawMessage) ([]json.RawMessage, error) {
	var txs []json.RawMessage
	if err := json.Unmarshal(data, &txs); err != nil || txs == nil {
		return nil, fmt.Errorf("%w: transactions must be a list", ErrMsg)
	}
	if len(txs) > maxTxs {
		return nil, fmt.Errorf("%w: more than %d transactions", ErrMsg, maxTxs)
	}
	for i, tx := range txs {
		if tx[0] != '{' {
			return nil, fmt.Errorf("%w: transaction %d is not an object", ErrMsg, i)
		}
	}
	return txs, nil
}

// txsMsg is the message that hands over txs.
func txsMsg(txs []json.RawMessage) Msg {
	data := []byte("[")
	for i, tx := range txs {
		if i > 0 {
			data = append(data, ", "...)
		}
		data = append(data, tx...)
	}
	return Msg{Code: TransactionMsg, Data: append(data, ']')}
}

// Describe returns what a message is, for a log: its kind, and what matters
// of its data. What a peer wrote is told only as a number or as 64 hex digits,
// and left out if it is none; and no more is read than the beginning of a large
// message, so that one costs as little as another.
func (m Msg) Describe(isReply bool) []slog.Attr {
	data := m.Data[:min(len(m.Data), smallMsg)]
	var facts []slog.Attr
	switch m.Code {
	case NoneMsg:
		facts = []slog.Attr{slog.String("kind", "none")}

	case HandShakeMsg:
		facts = []slog.Attr{slog.String("kind", "handshake")}
		if height, ok := decodeInt(findMember(data, "last_height")); ok && height >= -1 {
			facts = append(facts, slog.Int("height", height))
		}

	case GetBlockMsg:
		facts = describeBlock(data, isReply)

	case TransactionMsg:
		facts = describeTxs(data)

	default:
		facts = []slog.Attr{slog.String("kind", "unknown"), slog.Int("code", m.Code)}
	}

	if isReply {
		facts = append(facts, slog.Bool("reply", true))
	}
	return facts
}

// describeBlock describes a block, or the request for one, which is a height.
func describeBlock(data []byte, isReply bool) []slog.Attr {
	if !isReply {
		facts := []slog.Attr{slog.String("kind", "get block")}
		if height, ok := parseHeight(data); ok {
			facts = append(facts, slog.Int("height", height))
		}
		return facts
	}

	facts := []slog.Attr{slog.String("kind", "block")}
	if h, err := parseHeader(data); err == nil {
		facts = append(facts, slog.Int("height", h.height), slog.String("hash", h.hash))
	}
	return facts
}

// describeTxs describes a list of transactions: how many there are, unless it
// is cut off, and the first.
func describeTxs(data []byte) []slog.Attr {
	facts := []slog.Attr{slog.String("kind", "transactions")}
	dec := json.NewDecoder(bytes.NewReader(data))
	if start, err := dec.Token(); err != nil || start != json.Delim('[') {
		return facts
	}

	count := 0
	for dec.More() {
		var tx json.RawMessage
		if dec.Decode(&tx) != nil {
			return facts
		}
		if count == 0 {
			if txid, ok := decodeHash(findMember(tx, "txid")); ok {
				facts = append(facts, slog.String("tx", txid))
			}
		}
		count++
	}
	if _, err := dec.Token(); err != nil {
		return facts
	}
	return append(facts, slog.Int("count", count))
}
