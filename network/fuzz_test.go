package network

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"testing"
	"time"
)

// seeds are messages of every kind, and what is none.
var seeds = []string{
	`{"code": 0, "data": ""}`,
	`{"code": 1, "data": {"last_height": -1, "genesis_block": ""}}`,
	`{"code": 1, "data": {"last_height": 12, "genesis_block": ` + wireGenesis + `}}`,
	`{"code": 1, "data": {"last_height": 9223372036854775807, "genesis_block": ` + wireGenesis + `}}`,
	`{"code": 2, "data": 1}`,
	`{"code": 2, "data": -1}`,
	`{"code": 3, "data": [{"txid": "a", "vins": [], "vouts": []}, {}]}`,
	`{"code": 3, "data": [null, 1, "\u0022]"]}`,
	`{"c\u006fde": 1e0, "data": {"a": "}"}, "data": null}`,
	`[[[[[[[["`, `addr`, "\x00\xff", `{"code": 2, "data": 1}{"code": 2,`, ``,
}

// What is decoded, encoded and decoded again stays the same.
func FuzzMsg(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var m Msg
		if json.Unmarshal(in, &m) != nil {
			return
		}
		out := m.Append(nil)
		var again Msg
		if err := json.Unmarshal(out, &again); err != nil {
			t.Fatalf("%q became %q: %v", in, out, err)
		}
		if again.Code != m.Code || !bytes.Equal(again.Data, m.Data) {
			t.Fatalf("%q: got %d %q, want %d %q", in, again.Code, again.Data, m.Code, m.Data)
		}
		if h, err := ParseHandshake(m.Data); err == nil {
			again, err := ParseHandshake(h.Msg().Data)
			if err != nil || again.Height != h.Height || again.GenesisHash != h.GenesisHash {
				t.Fatalf("handshake %q: got %+v, %v, want %+v", m.Data, again, err, h)
			}
		}
		if txs, err := parseTxs(m.Data); err == nil {
			again, err := parseTxs(txsMsg(txs).Data)
			if err != nil || len(again) != len(txs) {
				t.Fatalf("transactions %q: got %d, %v, want %d", m.Data, len(again), err, len(txs))
			}
		}
	})
}

// Whatever a message holds, the log tells of it only numbers, and hashes that
// are some.
func FuzzDescribe(f *testing.F) {
	for _, test := range describeTests {
		if len(test.msg.Data) < 1000 {
			f.Add(test.msg.Code, []byte(test.msg.Data), test.reply)
		}
	}
	kinds := []string{"none", "handshake", "get block", "block", "transactions", "unknown"}
	f.Fuzz(func(t *testing.T, code int, data []byte, isReply bool) {
		facts := Msg{code, data}.Describe(isReply)
		for i, fact := range facts {
			v := fact.Value
			var ok bool
			switch fact.Key {
			case "kind":
				ok = i == 0 && slices.Contains(kinds, v.String())
			case "height":
				ok = v.Int64() >= -1
			case "count":
				ok = v.Int64() >= 0
			case "hash", "tx":
				_, ok = decodeHash(strconv.AppendQuote(nil, v.String()))
			case "code":
				ok = v.Int64() == int64(code)
			case "reply":
				ok = v.Bool() && isReply
			}
			if !ok {
				t.Errorf("%d %q: %v", code, data, facts)
			}
		}
	})
}

// Whatever a peer sends, it gets messages, and the conversation ends.
func FuzzServer(f *testing.F) {
	for i, s := range seeds {
		f.Add([]byte(s))
		f.Add([]byte(s + seeds[(i+1)%len(seeds)]))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		c := stream(bytes.NewReader(in))
		s := &TCPServer{Ledger: newLedger(2, "a"), Log: c.log}
		s.converse(t.Context(), c)
		replies := stream(&c.Conn.(*readConn).written)
		for {
			_, err := replies.receive(time.Minute)
			if err == io.EOF {
				return
			}
			if err != nil {
				t.Fatalf("%q: replied %v", in, err)
			}
		}
	})
}
