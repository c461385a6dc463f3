package network

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

const (
	hashA = "b9f499a015c4f85d3f2934b10f0043f99824212810f406f58fa93b9f02814c03"
	hashB = "a9d02b72690398805fb83efd4680cb710ed4f3c67ea7926fe8faab256c1cad1c"
)

// wireGenesis is a genesis block as a Python node sends it.
const wireGenesis = `{"magic_no": 3166485692, "block_header": {"timestamp": "1700000012.0", "prev_block_hash": "", "hash": "` + hashA + `", "hash_merkle_root": "6c40abbdc3e4906b6c377f1ad5b6dffd61e0e3acc0a9d7774df0b4003ff0eac6", "height": 0, "nonce": null}, "transactions": []}`

// The texts were written by Python 3.11: json.dumps(Msg(code, data).__dict__).
func TestMsgAppend(t *testing.T) {
	tests := []struct {
		name string
		msg  Msg
		want string
	}{
		{"none", Msg{Code: NoneMsg}, `{"code": 0, "data": ""}`},
		{"get block", Msg{GetBlockMsg, json.RawMessage(`7`)}, `{"code": 2, "data": 7}`},
		{"handshake without a chain", Status{Height: -1}.Msg(),
			`{"code": 1, "data": {"last_height": -1, "genesis_block": ""}}`},
		{"handshake", Status{Height: 12, Genesis: json.RawMessage(wireGenesis)}.Msg(),
			`{"code": 1, "data": {"last_height": 12, "genesis_block": ` + wireGenesis + `}}`},
		{"no transactions", txsMsg(nil), `{"code": 3, "data": []}`},
		{"transactions", txsMsg([]json.RawMessage{testTx("a"), testTx("b")}),
			`{"code": 3, "data": [{"txid": "a", "vins": [], "vouts": []}, {"txid": "b", "vins": [], "vouts": []}]}`},
	}
	for _, test := range tests {
		if got := string(test.msg.Append(nil)); got != test.want {
			t.Errorf("%s:\ngot  %s\nwant %s", test.name, got, test.want)
		}
	}
}

func TestMsgUnmarshal(t *testing.T) {
	tests := []struct {
		name, in string
		code     int
		data     string // "": not a message
	}{
		{"as Python writes it", `{"code": 2, "data": 7}`, 2, `7`},
		{"without spaces", `{"code":2,"data":7}`, 2, `7`},
		{"other order", `{"data": [1, {"code": 9}], "code": 3}`, 3, `[1, {"code": 9}]`},
		{"spaces kept", "{\"code\" : 1 ,\n\t\"data\" : { \"a\" : \"b c\" } }", 1, `{ "a" : "b c" }`},
		{"unknown member", `{"code": 2, "id": {"data": 1}, "data": 7}`, 2, `7`},
		{"unknown code", `{"code": 99, "data": 7}`, 99, `7`},
		{"last of two", `{"code": 1, "code": 2, "data": 6, "data": 7}`, 2, `7`},
		{"escaped name", `{"c\u006fde": 2, "data": 7}`, 2, `7`},
		{"brackets in a text", `{"code": 2, "data": "}]\"\\"}`, 2, `"}]\"\\"`},
		{"name in another case", `{"Code": 2, "data": 7}`, 0, ""},
		{"no code", `{"data": 7}`, 0, ""},
		{"no data", `{"code": 2}`, 0, ""},
		{"null data", `{"code": 2, "data": null}`, 0, ""},
		{"null code", `{"code": null, "data": 7}`, 0, ""},
		{"text as code", `{"code": "2", "data": 7}`, 0, ""},
		{"fraction as code", `{"code": 2.0, "data": 7}`, 0, ""},
		{"exponent in code", `{"code": 2e0, "data": 7}`, 0, ""},
		{"huge code", `{"code": 18446744073709551618, "data": 7}`, 0, ""},
		{"null", `null`, 0, ""},
		{"a list", `[{"code": 2, "data": 7}]`, 0, ""},
		{"a number", `7`, 0, ""},
		{"a text", `"code"`, 0, ""},
		{"empty object", `{}`, 0, ""},
	}
	for _, test := range tests {
		var m Msg
		err := json.Unmarshal([]byte(test.in), &m)
		if test.data == "" {
			if !errors.Is(err, ErrMsg) {
				t.Errorf("%s: got error %v, want %v", test.name, err, ErrMsg)
			}
			continue
		}
		if err != nil || m.Code != test.code || string(m.Data) != test.data {
			t.Errorf("%s: got %d %s, %v, want %d %s", test.name, m.Code, m.Data, err, test.code, test.data)
		}
	}
}

func TestParseHandshake(t *testing.T) {
	genesis := func(old, new string) string {
		return `{"last_height": 3, "genesis_block": ` + strings.Replace(wireGenesis, old, new, 1) + `}`
	}
	tests := []struct {
		name, in string
		height   int
		ok       bool
	}{
		{"chain", genesis("", ""), 3, true},
		{"no chain", `{"last_height": -1, "genesis_block": ""}`, -1, true},
		{"unknown member", `{"last_height": -1, "genesis_block": "", "version": 2}`, -1, true},
		{"highest", `{"last_height": 2147483647, "genesis_block": ` + wireGenesis + `}`, 1<<31 - 1, true},
		{"too high", `{"last_height": 2147483648, "genesis_block": ` + wireGenesis + `}`, 0, false},
		{"2^63-1", `{"last_height": 9223372036854775807, "genesis_block": ` + wireGenesis + `}`, 0, false},
		{"a thousand digits", `{"last_height": ` + strings.Repeat("9", 1000) + `, "genesis_block": ` + wireGenesis + `}`, 0, false},
		{"below -1", `{"last_height": -2, "genesis_block": ""}`, 0, false},
		{"text as height", `{"last_height": "3", "genesis_block": ` + wireGenesis + `}`, 0, false},
		{"null height", `{"last_height": null, "genesis_block": ` + wireGenesis + `}`, 0, false},
		{"no height", `{"genesis_block": ` + wireGenesis + `}`, 0, false},
		{"true as height", `{"last_height": true, "genesis_block": ` + wireGenesis + `}`, 0, false},
		{"height without a block", `{"last_height": 3, "genesis_block": ""}`, 0, false},
		{"block without a height", `{"last_height": -1, "genesis_block": ` + wireGenesis + `}`, 0, false},
		{"no block", `{"last_height": 3}`, 0, false},
		{"no block, no height", `{"last_height": -1}`, 0, false},
		{"null block", `{"last_height": 3, "genesis_block": null}`, 0, false},
		{"null block, no height", `{"last_height": -1, "genesis_block": null}`, 0, false},
		{"text as block", `{"last_height": 3, "genesis_block": "` + hashA + `"}`, 0, false},
		{"block 1 as genesis block", genesis(`"height": 0`, `"height": 1`), 0, false},
		{"short hash", genesis(hashA, hashA[1:]), 0, false},
		{"upper-case hash", genesis(hashA, strings.ToUpper(hashA)), 0, false},
		{"hash with an escape", genesis(hashA, `\u001b`+hashA[6:]), 0, false},
		{"null hash", genesis(`"`+hashA+`"`, `null`), 0, false},
		{"a list", `[]`, 0, false},
		{"a number", `3`, 0, false},
		{"empty text", `""`, 0, false},
	}
	for _, test := range tests {
		h, err := ParseHandshake([]byte(test.in))
		if !test.ok {
			if !errors.Is(err, ErrMsg) {
				t.Errorf("%s: got %+v, %v, want %v", test.name, h, err, ErrMsg)
			}
			continue
		}
		if err != nil || h.Height != test.height {
			t.Errorf("%s: got height %d, %v, want %d", test.name, h.Height, err, test.height)
		}
		if h.Height >= 0 && (h.GenesisHash != hashA || string(h.Genesis) != wireGenesis) {
			t.Errorf("%s: got genesis %s %s", test.name, h.GenesisHash, h.Genesis)
		}
	}
}

func TestParseTxs(t *testing.T) {
	many := func(n int) string { return "[{}" + strings.Repeat(", {}", n-1) + "]" }
	tests := []struct {
		name, in string
		want     int // -1: refused
	}{
		{"none", `[]`, 0},
		{"none, spaced", `[ ]`, 0},
		{"one", `[{"txid": "a"}]`, 1},
		{"two", `[{"txid": "a"} , {"txid": "[,]"}]`, 2},
		{"as many as a block holds", many(maxTxs), maxTxs},
		{"one more", many(maxTxs + 1), -1},
		{"not a list", `{"txid": "a"}`, -1},
		{"empty text", `""`, -1},
		{"numbers", `[1, 2]`, -1},
		{"null among them", `[{"txid": "a"}, null]`, -1},
		{"nested list", `[[{"txid": "a"}]]`, -1},
	}
	for _, test := range tests {
		txs, err := parseTxs(json.RawMessage(test.in))
		if test.want < 0 {
			if !errors.Is(err, ErrMsg) {
				t.Errorf("%s: got %d transactions, %v, want %v", test.name, len(txs), err, ErrMsg)
			}
		} else if err != nil || len(txs) != test.want {
			t.Errorf("%s: got %d transactions, %v, want %d", test.name, len(txs), err, test.want)
		}
	}
}

// Messages have no frame. The article's server takes what one recv returns for
// one message: a longer one does not fit, and two that come together end its
// thread.
func TestStreamOfMessages(t *testing.T) {
	block := testBlock(1, hashA, "a")
	want := []Msg{
		{GetBlockMsg, json.RawMessage("7")},
		{NoneMsg, json.RawMessage(`""`)},
		{GetBlockMsg, block},
		txsMsg([]json.RawMessage{testTx(strings.Repeat("x", 5000)), testTx("y")}),
		{NoneMsg, json.RawMessage(`""`)},
	}
	var wire []byte
	for _, m := range want {
		wire = m.Append(wire)
	}
	readers := map[string]io.Reader{
		"one segment":    bytes.NewReader(wire),
		"single bytes":   iotest.OneByteReader(bytes.NewReader(wire)),
		"halves":         iotest.HalfReader(bytes.NewReader(wire)),
		"data with EOF":  iotest.DataErrReader(bytes.NewReader(wire)),
		"line per value": strings.NewReader(strings.ReplaceAll(string(wire), "}{", "}\r\n{")),
	}
	for name, r := range readers {
		c := stream(r)
		for i, w := range want {
			got, err := c.receive(time.Minute)
			if err != nil || got.Code != w.Code || !bytes.Equal(got.Data, w.Data) {
				t.Fatalf("%s: message %d: got %d %.60s, %v", name, i, got.Code, got.Data, err)
			}
		}
		if _, err := c.receive(time.Minute); err != io.EOF {
			t.Errorf("%s: after the last message: got %v, want EOF", name, err)
		}
	}
}

// JSON that is no message is answered for what it is, and what is not JSON ends
// the stream. The article's server then handles the message before it again.
func TestStreamAfterBadMessage(t *testing.T) {
	c := stream(strings.NewReader(`{"code": 2, "data": 7}[1]{"code": 2, "data": 8}oops{"code": 2, "data": 9}`))
	if m, err := c.receive(time.Minute); err != nil || string(m.Data) != "7" {
		t.Errorf("first: got %s, %v", m.Data, err)
	}
	if m, err := c.receive(time.Minute); !errors.Is(err, ErrMsg) || m.Data != nil {
		t.Errorf("JSON that is no message: got %s, %v", m.Data, err)
	}
	if m, err := c.receive(time.Minute); err != nil || string(m.Data) != "8" {
		t.Errorf("message after it: got %s, %v", m.Data, err)
	}
	for range 2 {
		if m, err := c.receive(time.Minute); err == nil || errors.Is(err, ErrMsg) || m.Data != nil {
			t.Errorf("no JSON: got %s, %v", m.Data, err)
		}
	}
}

func TestMessageSize(t *testing.T) {
	frame := len(`{"code": 3, "data": ""}`)
	sized := func(n int) string { return `{"code": 3, "data": "` + strings.Repeat("x", n-frame) + `"}` }
	tests := []struct {
		name, in string
		want     error
	}{
		{"largest", sized(maxMsg), nil},
		{"one byte more", sized(maxMsg + 1), errTooLong},
		{"endless text", `{"code": 3, "data": "` + strings.Repeat("x", 2*maxMsg), errTooLong},
		{"endless space", strings.Repeat(" ", 2*maxMsg), errTooLong},
		{"endless number", `{"code": ` + strings.Repeat("1", 2*maxMsg), errTooLong},
	}
	for _, test := range tests {
		c := stream(strings.NewReader(test.in))
		if _, err := c.receive(time.Minute); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, err, test.want)
		}
	}
}

// Several messages that together exceed the bound are each within it, and
// none gets lost, whatever was read ahead.
func TestMessageSizeIsPerMessage(t *testing.T) {
	sizes := []int{1, maxMsg / 2, smallMsg + 1, smallMsg + 2, smallMsg + 3, 10, smallMsg + 4, smallMsg - 1, maxMsg - 100, maxMsg / 3, 2}
	var reads []io.Reader // each has the rest of a message, and the beginning of the next
	var begun []byte
	for i, size := range sizes {
		wire := Msg{TransactionMsg, fmt.Appendf(nil, `"%02d%s"`, i, strings.Repeat("x", size))}.Append(nil)
		reads = append(reads, bytes.NewReader(append(begun, wire[:10]...)))
		begun = wire[10:]
	}
	c := stream(io.MultiReader(append(reads, bytes.NewReader(begun))...))
	for i, size := range sizes {
		m, err := c.receive(time.Minute)
		if want := fmt.Sprintf(`"%02d`, i); err != nil || !strings.HasPrefix(string(m.Data), want) || len(m.Data) != size+4 {
			t.Fatalf("message %d: got %d bytes %.5s, %v, want %d bytes %s", i, len(m.Data), m.Data, err, size+4, want)
		}
	}
	if _, err := c.receive(time.Minute); err != io.EOF {
		t.Errorf("after the last message: got %v, want EOF", err)
	}
}

// What a message and a header cost in allocations depends on neither the
// length nor the parts of the block.
func TestMessageAllocs(t *testing.T) {
	allocs := func(block json.RawMessage) (message, header float64) {
		msg := Msg{GetBlockMsg, block}.Append(nil)
		r := bytes.NewReader(nil)
		c := stream(r)
		message = testing.AllocsPerRun(100, func() {
			r.Reset(msg)
			if m, err := c.receive(time.Minute); err != nil || len(m.Data) == 0 {
				t.Fatal(err)
			}
		})
		header = testing.AllocsPerRun(100, func() {
			if _, err := parseHeader(block); err != nil {
				t.Fatal(err)
			}
		})
		return message, header
	}
	small := testBlock(1, hashA, "a")
	large := bytes.Replace(small, []byte(`"transactions": [`), []byte(`"transactions": [`+strings.Repeat("{}, ", smallMsg/8)), 1)
	smallMessage, smallHeader := allocs(small)
	largeMessage, largeHeader := allocs(large)
	if largeMessage > smallMessage || largeHeader > smallHeader {
		t.Errorf("got %v and %v allocations for a large block, %v and %v for a small one",
			largeMessage, largeHeader, smallMessage, smallHeader)
	}
	h := Status{Height: 12, Genesis: json.RawMessage(wireGenesis)}
	out := make([]byte, 0, 4096)
	if got := testing.AllocsPerRun(1000, func() { out = h.Msg().Append(out[:0]) }); got > 1 {
		t.Errorf("handshake: got %v allocations, want at most 1", got)
	}
}

// A header is found wherever it stands in the block; of several, and of names
// in another case, the first with the exact name counts.
func TestParseHeader(t *testing.T) {
	header := `{"height": 7, "hash": "` + hashA + `", "prev_block_hash": "` + hashB + `"}`
	other := `{"height": 8, "hash": "` + hashB + `", "prev_block_hash": "` + hashA + `"}`
	tests := []struct {
		name, in string
		ok       bool
	}{
		{"only", `{"block_header": ` + header + `}`, true},
		{"last", `{"transactions": [{"block_header": ` + other + `}], "magic_no": 3, "block_header": ` + header + `}`, true},
		{"name as a value", `{"a": "block_header", "block_header": ` + header + `}`, true},
		{"first of two", `{"block_header": ` + header + `, "block_header": ` + other + `}`, true},
		{"other case", `{"Block_Header": ` + other + `, "block_header": ` + header + `}`, true},
		{"only other case", `{"Block_Header": ` + header + `}`, false},
		{"other case within", `{"block_header": ` + strings.Replace(header, "hash", "Hash", 1) + `}`, false},
		{"deeper", `{"a": {"block_header": ` + header + `}}`, false},
		{"in a list", `["block_header", ` + header + `]`, false},
		{"null", `{"block_header": null}`, false},
		{"a text", `{"block_header": "x"}`, false},
		{"height 7.0", `{"block_header": ` + strings.Replace(header, "7", "7.0", 1) + `}`, false},
		{"height 7e0", `{"block_header": ` + strings.Replace(header, "7", "7e0", 1) + `}`, false},
		{"height null", `{"block_header": ` + strings.Replace(header, "7", "null", 1) + `}`, false},
		{"height -1", `{"block_header": ` + strings.Replace(header, "7", "-1", 1) + `}`, false},
		{"no parent", `{"block_header": ` + strings.Replace(header, hashB, "", 1) + `}`, false},
	}
	for _, test := range tests {
		h, err := parseHeader([]byte(test.in))
		if !test.ok {
			if !errors.Is(err, ErrMsg) {
				t.Errorf("%s: got %+v, %v, want %v", test.name, h, err, ErrMsg)
			}
		} else if err != nil || h.height != 7 || h.hash != hashA || h.prev != hashB {
			t.Errorf("%s: got %+v, %v", test.name, h, err)
		}
	}
}

// What the log tells of a message: only numbers, and hashes that are some.
var describeTests = []struct {
	name  string
	msg   Msg
	reply bool
	want  string
}{
	{"none", Msg{NoneMsg, nil}, true, "kind=none reply=true"},
	{"none with data", Msg{NoneMsg, json.RawMessage(`"\u001b[2J"`)}, false, "kind=none"},
	{"handshake", Status{Height: 12, Genesis: json.RawMessage(wireGenesis)}.Msg(), false, "kind=handshake height=12"},
	{"handshake without a chain", Status{Height: -1}.Msg(), true, "kind=handshake height=-1 reply=true"},
	{"handshake, height too low", Msg{HandShakeMsg, json.RawMessage(`{"last_height": -2}`)}, false, "kind=handshake"},
	{"handshake, height a text", Msg{HandShakeMsg, json.RawMessage(`{"last_height": "\u001b[2J"}`)}, false, "kind=handshake"},
	{"handshake, height after much else", Msg{HandShakeMsg, json.RawMessage(`{"genesis_block": "` + strings.Repeat("x", smallMsg) + `", "last_height": 1}`)}, false, "kind=handshake"},
	{"get block", Msg{GetBlockMsg, json.RawMessage(`4`)}, false, "kind=get block height=4"},
	{"get block, no height", Msg{GetBlockMsg, json.RawMessage(`-1`)}, false, "kind=get block"},
	{"block", Msg{GetBlockMsg, json.RawMessage(wireGenesis)}, true, "kind=block height=0 hash=" + hashA + " reply=true"},
	{"large block", Msg{GetBlockMsg, json.RawMessage(strings.Replace(wireGenesis, "[]", "["+strings.Repeat("{}, ", smallMsg)+"{}]", 1))}, true,
		"kind=block height=0 hash=" + hashA + " reply=true"},
	{"block, no header", Msg{GetBlockMsg, json.RawMessage(`{"block_header": {"hash": "\u001b[2J"}}`)}, true, "kind=block reply=true"},
	{"transactions", txsMsg([]json.RawMessage{testTx(hashA), testTx("b"), testTx("c")}), false, "kind=transactions tx=" + hashA + " count=3"},
	{"no transactions", txsMsg(nil), false, "kind=transactions count=0"},
	{"transaction with no txid", txsMsg([]json.RawMessage{testTx(`\u001b[2J`)}), false, "kind=transactions count=1"},
	{"many transactions", txsMsg(slices.Repeat([]json.RawMessage{testTx(hashA)}, smallMsg/64)), false, "kind=transactions tx=" + hashA},
	{"transactions, no list", Msg{TransactionMsg, json.RawMessage(`{"a": 1}`)}, false, "kind=transactions"},
	{"unknown", Msg{99, json.RawMessage(`7`)}, false, "kind=unknown code=99"},
}

func TestDescribe(t *testing.T) {
	for _, test := range describeTests {
		var facts []string
		for _, fact := range test.msg.Describe(test.reply) {
			facts = append(facts, fact.String())
		}
		if got := strings.Join(facts, " "); got != test.want {
			t.Errorf("%s:\ngot  %s\nwant %s", test.name, got, test.want)
		}
	}
}
