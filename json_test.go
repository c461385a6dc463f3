package main

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// Every field of a block is spoiled in every way that JSON allows: null,
// another type, another number, another case of its name, or not there.
func TestMalformedBlocks(t *testing.T) {
	t.Parallel()
	v := newVictim(t)
	honest := string(v.block(t, v.tip).AppendJSON(nil))
	decoder := json.NewDecoder(strings.NewReader(honest))
	decoder.UseNumber()
	var block any
	if err := decoder.Decode(&block); err != nil {
		t.Fatal(err)
	}

	before, n := v.state(t), 0
	offer := func(t *testing.T, raw string) {
		t.Helper()
		n++
		v.refuses(t, ErrMalformed, before, json.RawMessage(raw))
	}

	members(block, "block", func(path string, object map[string]any, name string) {
		t.Run(path, func(t *testing.T) {
			old := object[name]
			for _, value := range spoiled(old) {
				object[name] = value
				offer(t, string(marshal(t, block)))
			}

			delete(object, name)
			offer(t, string(marshal(t, block)))

			for _, other := range []string{strings.ToUpper(name), strings.ToUpper(name[:1]) + name[1:], name + " ", strings.ReplaceAll(name, "txid", "TxID")} {
				if other != name {
					object[other] = old
					offer(t, string(marshal(t, block)))
					delete(object, other)
				}
			}
			object[name] = old
		})
	})

	for _, raw := range []string{
		"", " ", "null", "0", "[]", "{}", `""`, "[" + honest + "]", honest + "x", honest + honest, honest + "}",
		honest[:len(honest)-1], honest[1:], "\ufeff" + honest, strings.ReplaceAll(honest, `"`, `'`),
		strings.Replace(honest, "{", `{"more": NaN, `, 1), strings.Replace(honest, "{", `{"more": `+strings.Repeat("[", 20_000), 1),
		strings.Replace(honest, "{", `{"more": `+strings.Repeat("[", 20_000)+strings.Repeat("]", 20_000)+", ", 1),
		strings.Replace(honest, `"height": `, `"height": `+strings.Repeat("9", 1e6), 1),
		strings.Replace(honest, `"height": 2`, `"height": 02`, 1), strings.Replace(honest, `"height": `, `"height": +`, 1),
	} {
		offer(t, raw)
	}
	t.Logf("%d malformed blocks", n)
	add(t, v.bc, v.block(t, v.tip))
}

// members calls visit for each member of each object in a decoded JSON value.
func members(value any, path string, visit func(path string, object map[string]any, name string)) {
	switch value := value.(type) {
	case map[string]any:
		names := make([]string, 0, len(value))
		for name := range value {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			visit(path+"."+name, value, name)
			members(value[name], path+"."+name, visit)
		}
	case []any:
		for i, v := range value {
			members(v, fmt.Sprintf("%s[%d]", path, i), visit)
		}
	}
}

// spoiled returns values of other types than the old one.
func spoiled(old any) []any {
	wrong := []any{nil, true, map[string]any{}, json.Number("1.0"), json.Number("1e3"), json.Number("-1.5e-3"), json.Number("99999999999999999999")}
	switch old := old.(type) {
	case json.Number:
		return append(wrong, old.String(), []any{}, []any{old}, json.Number(old.String()+".0"), json.Number(old.String()+"e0"))
	case string:
		return append(wrong, json.Number("7"), []any{}, []any{old}, map[string]any{"text": old})
	case []any:
		return append(wrong, "", []any{nil}, []any{nil, nil}, []any{7}, []any{[]any{}}, append([]any{nil}, old...))
	case map[string]any:
		return append(wrong, "", []any{}, []any{old})
	}
	return wrong
}

// A Python node adds fields to transactions that it relays: they are ignored,
// and neither kept nor handed on. Of two fields with one name the last counts,
// as it does in Python.
func TestUnknownFields(t *testing.T) {
	v := newVictim(t)
	b := v.block(t, v.tip)
	canonical := string(b.AppendJSON(nil))
	more := strings.ReplaceAll(canonical, "{", `{"_id": "x", "_rev": null, "TXID": [{"a": 1e400}], "height": "0", "value": null, "txid": 7, `)
	if err := v.bc.AddBlocks(context.Background(), []json.RawMessage{json.RawMessage(more)}); err != nil {
		t.Fatal(err)
	}
	got, err := v.bc.Block(b.Header.Height)
	if err != nil || string(got) != canonical {
		t.Errorf("kept %s, want %s (error %v)", got, canonical, err)
	}
	tx := pay(t, v.alice, v.bob.Address(), 9, v.coins[7])
	raw := strings.Replace(string(tx.AppendJSON(nil)), "{", `{"index": 0, `, 1)
	added, err := v.pool.AddTransactions(context.Background(), []json.RawMessage{json.RawMessage(raw)})
	if err != nil || len(added) != 1 || string(added[0]) != string(tx.AppendJSON(nil)) {
		t.Errorf("handed on %s, want %s (error %v)", added, tx.AppendJSON(nil), err)
	}
}

// A wireBlock is a block as a liar's program writes it: any text passes.
type wireBlock struct {
	MagicNo      int64      `json:"magic_no"`
	Header       wireHeader `json:"block_header"`
	Transactions []wireTx   `json:"transactions"`
}

type wireHeader struct {
	Timestamp      string `json:"timestamp"`
	PrevBlockHash  string `json:"prev_block_hash"`
	Hash           string `json:"hash"`
	HashMerkleRoot string `json:"hash_merkle_root"`
	Height         int    `json:"height"`
	Nonce          *int64 `json:"nonce"`
}

type wireTx struct {
	TxID  string       `json:"txid"`
	Vins  []wireInput  `json:"vins"`
	Vouts []wireOutput `json:"vouts"`
}

type wireInput struct {
	TxID      string `json:"txid"`
	Vout      int    `json:"vout"`
	Signature string `json:"signature"`
	PubKey    string `json:"pub_key"`
}

type wireOutput struct {
	Value      int64  `json:"value"`
	PubKeyHash string `json:"pub_key_hash"`
}

func marshal(t testing.TB, v any) json.RawMessage {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func toWire(tx *Transaction) wireTx {
	w := wireTx{tx.TxID, []wireInput{}, []wireOutput{}}
	for _, in := range tx.Vins {
		w.Vins = append(w.Vins, wireInput(in))
	}
	for _, out := range tx.Vouts {
		w.Vouts = append(w.Vouts, wireOutput(out))
	}
	return w
}

func rawTx(t testing.TB, tx *Transaction) json.RawMessage { return marshal(t, toWire(tx)) }

func rawBlock(t testing.TB, b *Block) json.RawMessage {
	w := wireBlock{MagicNo: b.MagicNo, Transactions: []wireTx{}}
	w.Header = wireHeader{b.Header.Timestamp, b.Header.PrevBlockHash, b.Header.Hash, b.Header.HashMerkleRoot, b.Header.Height, nil}
	if b.Header.Height != 0 {
		w.Header.Nonce = &b.Header.Nonce
	}
	for _, tx := range b.Transactions {
		w.Transactions = append(w.Transactions, toWire(tx))
	}
	return marshal(t, w)
}

// A block in our own form is read in one pass, any other by package json. Whichever
// byte is changed, doubled or left out, both ways read the same block, or the first
// leaves it to the other. (Below height 0 the strict way refuses at once what the
// rules refuse later.)
func TestOwnFormIsReadAsStrictly(t *testing.T) {
	t.Parallel()
	v := newVictim(t)
	genesis := must(v.bc.BlockAt(0))(t)
	for _, b := range []*Block{genesis, v.block(t, v.tip), {Transactions: []*Transaction{{}}}, {Header: BlockHeader{Height: -1}}} {
		raw := b.AppendJSON(nil)
		if got := decodeOwnForm(raw); got == nil || !reflect.DeepEqual(got, b) {
			t.Errorf("%s is read as %+v", raw, got)
		}

		for i := range raw {
			for _, piece := range []string{"", " ", "-", "0", "7", "-0", `"`, `\`, "\n", "\x7f", "é", "\xff", "]", "}", strings.Repeat(string(raw[i:i+1]), 2)} {
				changed := slices.Concat(raw[:i], []byte(piece), raw[i+1:])
				var want Block
				err := want.decode(changed)
				if got := decodeOwnForm(changed); got != nil && b.Header.Height >= 0 && (err != nil || !reflect.DeepEqual(got, &want)) {
					t.Fatalf("%s is read as %+v, want %+v, %v", changed, got, want, err)
				}
			}
		}
	}
}
