package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A decoder's error must say whose fault it is, in a line that a log can bear.
func checkDecodeError(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, ErrMalformed) || len(err.Error()) > 1000 {
		t.Errorf("error of %d bytes: %.500v, want ErrMalformed", len(err.Error()), err)
	}
}

// FuzzBlock: what decodes, decodes again from either of our encodings, into
// the same block with the same hash. What is valid is so in its canonical form,
// which hides nothing: any JSON reader finds the same values in it.
func FuzzBlock(f *testing.F) {
	for _, raw := range readVectors(f).Blocks {
		f.Add([]byte(raw))
	}
	for _, b := range vectorBlocks(f)[:4] {
		f.Add(b.AppendJSON(nil))
	}
	v := newVictim(f)
	f.Add(mine(f, nil, v.alice, 0).AppendJSON(nil))
	f.Add(bytes.ReplaceAll(v.block(f, v.tip).AppendJSON(nil), []byte(`"txid"`), []byte(`"TxID": 7, "\u0074xid"`)))

	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := DecodeBlock(raw)
		again, err2 := DecodeBlock(append(raw[:len(raw):len(raw)], '\n')) // never in the form that we write
		if (err == nil) != (err2 == nil) || !reflect.DeepEqual(b, again) {
			t.Fatalf("a line feed changes %+v (%v) to %+v (%v)", b, err, again, err2)
		}
		if err != nil {
			checkDecodeError(t, err)
			return
		}

		again, err = DecodeBlock(rawBlock(t, b))
		if err != nil || b.Header != again.Header || again.Header.hash() != b.Header.hash() || !bytes.Equal(again.AppendJSON(nil), b.AppendJSON(nil)) {
			t.Fatalf("decoded, encoded, decoded: %+v, want %+v; error %v", again, b, err)
		}
		checkNames(t, raw, b)

		if err := b.Check(context.Background(), vectorTime); err != nil && len(err.Error()) > 1000 {
			t.Errorf("error of %d bytes: %.500v", len(err.Error()), err)
		}

		// Make the block pass the first rules, so that others are reached.
		for _, tx := range b.Transactions {
			tx.TxID = tx.ID()
		}
		if len(raw) < 1<<16 && b.Header.Height >= 0 {
			seal(t, b)
		}
		if b.Check(context.Background(), vectorTime) == nil {
			checkCanonical(t, b)
		}
	})
}

// checkNames checks that the values of a block's header are those that stand
// under their names in the JSON, in exactly that case, as Python sees it.
func checkNames(t *testing.T, raw []byte, b *Block) {
	t.Helper()
	var block map[string]json.RawMessage
	var header map[string]any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if err := decoder.Decode(&block); err != nil {
		t.Fatal(err)
	}

	decoder = json.NewDecoder(bytes.NewReader(block["block_header"]))
	decoder.UseNumber()
	if err := decoder.Decode(&header); err != nil {
		t.Fatal(err)
	}

	number, _ := header["height"].(json.Number)
	height, err := number.Int64()
	if err != nil || height != int64(b.Header.Height) || header["timestamp"] != b.Header.Timestamp ||
		header["prev_block_hash"] != b.Header.PrevBlockHash || (header["nonce"] == nil) != (b.Header.Height == 0) {
		t.Errorf("header is %+v, want %v", b.Header, header)
	}
}

func checkCanonical(t *testing.T, b *Block) {
	t.Helper()
	canonical := b.AppendJSON(nil)
	again, err := DecodeBlock(canonical)
	if err != nil || !reflect.DeepEqual(again, b) || !bytes.Equal(again.AppendJSON(nil), canonical) {
		t.Fatalf("canonical %s decodes to %+v, want %+v; error %v", canonical, again, b, err)
	}

	if err := again.Check(context.Background(), vectorTime); err != nil || len(canonical) > maxBlockBytes {
		t.Errorf("canonical form of %d bytes: %v", len(canonical), err)
	}

	var compact, wire bytes.Buffer
	if json.Compact(&compact, canonical) != nil || json.Compact(&wire, rawBlock(t, b)) != nil || !jsonEqual(compact.Bytes(), wire.Bytes()) {
		t.Errorf("canonical form is %s, want %s", compact.Bytes(), wire.Bytes())
	}
	for _, tx := range b.Transactions {
		checkPreimage(t, tx)
	}
}

// jsonEqual reports whether two texts are the same value of JSON.
func jsonEqual(a, b []byte) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

var (
	inputPattern  = regexp.MustCompile(`^\{'txid': '([^']*)', 'vout': (-?\d+), 'signature': '', 'pub_key': '([^']*)'\}`)
	outputPattern = regexp.MustCompile(`^\{'value': (-?\d+), 'pub_key_hash': '([^']*)'\}`)
)

// checkPreimage reads the inputs and outputs of a valid transaction back from
// the text that its txid hashes: no two transactions share one.
func checkPreimage(t *testing.T, tx *Transaction) {
	t.Helper()
	var text []byte
	for i := range tx.Vins {
		text = tx.Vins[i].appendDict(text, "''", "'"+tx.Vins[i].PubKey+"'")
	}
	text = tx.appendOutputs(text)
	if sha256Hex(text) != tx.TxID {
		t.Fatalf("%s does not hash to %s", text, tx.TxID)
	}

	var vins []TXInput
	var vouts []TXOutput
	for m := inputPattern.FindSubmatch(text); m != nil; m = inputPattern.FindSubmatch(text) {
		text = text[len(m[0]):]
		vout, _ := strconv.Atoi(string(m[2]))
		vins = append(vins, TXInput{TxID: string(m[1]), Vout: vout, PubKey: string(m[3])})
	}
	for m := outputPattern.FindSubmatch(text); m != nil; m = outputPattern.FindSubmatch(text) {
		text = text[len(m[0]):]
		value, _ := strconv.ParseInt(string(m[1]), 10, 64)
		vouts = append(vouts, TXOutput{value, string(m[2])})
	}

	for i := range vins {
		if i < len(tx.Vins) {
			vins[i].Signature = tx.Vins[i].Signature // not in the text
		}
	}
	if len(text) > 0 || !reflect.DeepEqual(vins, tx.Vins) || !reflect.DeepEqual(vouts, tx.Vouts) {
		t.Errorf("the text reads as %v and %v, the transaction is %+v", vins, vouts, tx)
	}
}

// FuzzTransaction: as FuzzBlock, for what peers hand over one by one.
func FuzzTransaction(f *testing.F) {
	for _, b := range vectorBlocks(f) {
		for _, tx := range b.Transactions {
			f.Add([]byte(tx.AppendJSON(nil)))
			f.Add([]byte(rawTx(f, tx)))
		}
	}
	v := newVictim(f)
	hidden := v.payment(f)
	hidden.Vouts[0].PubKeyHash += "'}{'value': 1, 'pub_key_hash': '" + v.mallory.Address()
	f.Add([]byte(rawTx(f, hidden)))

	f.Fuzz(func(t *testing.T, raw []byte) {
		tx, err := DecodeTransaction(raw)
		if err != nil {
			checkDecodeError(t, err)
			return
		}

		again, err := DecodeTransaction(rawTx(t, tx))
		if err != nil || again.ID() != tx.ID() || !bytes.Equal(again.AppendJSON(nil), tx.AppendJSON(nil)) {
			t.Fatalf("decoded, encoded, decoded: %+v, want %+v; error %v", again, tx, err)
		}
		if err := tx.Check(); err != nil && len(err.Error()) > 1000 {
			t.Errorf("error of %d bytes: %.500v", len(err.Error()), err)
		}

		// A valid one has one canonical form.
		tx.TxID = tx.ID()
		if tx.Check() != nil {
			return
		}
		canonical := tx.AppendJSON(nil)
		again, err = DecodeTransaction(canonical)
		if err != nil || !reflect.DeepEqual(again, tx) || again.Check() != nil {
			t.Fatalf("canonical %s decodes to %+v, want %+v; error %v", canonical, again, tx, err)
		}
		if !jsonEqual(canonical, rawTx(t, tx)) {
			t.Errorf("canonical form is %s, want %s", canonical, rawTx(t, tx))
		}
		checkPreimage(t, tx)
	})
}

// FuzzAddress: there is one text for each hash, and one hash for each text.
func FuzzAddress(f *testing.F) {
	for _, w := range readVectors(f).Wallets {
		f.Add(w.Address)
	}
	for _, s := range []string{"", "hello", "1", strings.Repeat("1", 34), "1111111111111111111114oLvT2", "3P14159f73E4gFr7JterCCQh9QjiTjiZrG",
		"1BoatSLRHtKNngkdXEeobR76b53LETtpyT", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		h, err := ParseAddress(s)
		switch {
		case err == nil && h.Address() != s:
			t.Errorf("%q is %x, which is %q", s, h, h.Address())
		case err != nil && !errors.Is(err, ErrAddress) && !errors.Is(err, ErrChecksum), err != nil && h != PubKeyHash{}:
			t.Errorf("%q is %x, error %v", s, h, err)
		case err != nil && len(err.Error()) > 300:
			t.Errorf("error of %d bytes", len(err.Error()))
		}

		var some PubKeyHash
		copy(some[:], s)
		if back, err := ParseAddress(some.Address()); err != nil || back != some {
			t.Errorf("%x is %q, which is %x; error %v", some, some.Address(), back, err)
		}
	})
}

// FuzzWallets: what decodes keeps its keys and names, in their order, through the
// file, and no name stands twice.
func FuzzWallets(f *testing.F) {
	var list []*Wallet
	for i := range readVectors(f).Wallets {
		w := testWallet(f, i)
		w.name = []string{"alice", "", "小明"}[i%3]
		if i >= 3 {
			w.name = ""
		}
		list = append(list, w)
		raw, err := encodeWallets(list)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
		f.Add(bytes.ToUpper(raw))
	}
	f.Add([]byte(`{"wallets": []}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		list, err := decodeWallets(raw)
		if err != nil {
			if len(err.Error()) > 1000 {
				t.Errorf("error of %d bytes: %.500v", len(err.Error()), err)
			}
			return
		}

		encoded, err := encodeWallets(list)
		if err != nil {
			t.Fatal(err)
		}
		again, err := decodeWallets(encoded)
		if err != nil || len(again) != len(list) {
			t.Fatalf("%d wallets become %d: %v", len(list), len(again), err)
		}
		names := make(map[string]bool)
		for i, w := range list {
			if w.name != "" && names[w.name] {
				t.Errorf("two wallets have the name %q", w.name)
			}
			names[w.name] = true
			if again[i].name != w.name || w.name != "" && checkName(w.name) != nil {
				t.Errorf("wallet %d has the name %q, want %q", i, again[i].name, w.name)
			}
			if again[i].PrivateKey() != w.PrivateKey() || !bytes.Contains(bytes.ToLower(raw), []byte(w.PrivateKey())) {
				t.Errorf("wallet %d has another key", i)
			}
		}
	})
}

// FuzzPrivateKey: a key is the number that its text says, or none.
func FuzzPrivateKey(f *testing.F) {
	for _, w := range readVectors(f).Wallets {
		f.Add(w.PrivateKey)
	}
	f.Add(strings.Repeat("0", 64))
	f.Add("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141") // the order of the curve
	f.Fuzz(func(t *testing.T, s string) {
		w, err := ParseWallet(s)
		switch {
		case err != nil && (w != nil || !errors.Is(err, ErrMalformed) || strings.Contains(err.Error(), s) && len(s) > 16):
			t.Errorf("wallet %v, error %v, which must not tell the key", w, err)
		case err == nil && w.PrivateKey() != strings.ToLower(s):
			t.Errorf("key %q is %q", s, w.PrivateKey())
		case err == nil:
			digest := make([]byte, 20)
			key, _ := hex.DecodeString(w.PublicKey())
			if err := verifySignature(key, digest, w.sign(digest)); err != nil {
				t.Errorf("key %q does not verify what it signs: %v", s, err)
			}
		}
	})
}

// FuzzSignature: foreign keys and signatures of any form only ever give one of
// two errors. One that verifies signs no other digest.
func FuzzSignature(f *testing.F) {
	for _, s := range readVectors(f).Signatures {
		key, _ := hex.DecodeString(s.PublicKey)
		digest, _ := hex.DecodeString(s.SHA1OfHex)
		f.Add(key, digest, s.Signature)
	}
	f.Fuzz(func(t *testing.T, key, digest []byte, signature string) {
		err := verifySignature(key, digest, signature)
		if err != nil && !errors.Is(err, ErrPubKey) && !errors.Is(err, ErrSignature) {
			t.Errorf("key %x, signature %q: %v", key, signature, err)
		}
		if err == nil && len(digest) == 20 {
			digest[19] ^= 1
			if err := verifySignature(key, digest, signature); !errors.Is(err, ErrSignature) {
				t.Errorf("key %x, signature %q: another digest gives %v", key, signature, err)
			}
		}
	})
}

// FuzzTimestamp: what is accepted is a decimal number that Python reads as
// the same one, not above the limit.
func FuzzTimestamp(f *testing.F) {
	for _, s := range append(badTimestamps, "0", "1700000000", "1700000000.5", articleHeader.Timestamp) {
		f.Add(s)
	}
	pattern := regexp.MustCompile(`^[0-9]{1,12}(\.[0-9]{1,20})?$`)
	f.Fuzz(func(t *testing.T, s string) {
		err := checkTimestamp(s, victimTime)
		seconds, bad := strconv.ParseFloat(s, 64)
		want := pattern.MatchString(s) && bad == nil && seconds <= float64(victimTime.Add(2*time.Hour).Unix())
		if (err == nil) != want || err != nil && !errors.Is(err, ErrTimestamp) {
			t.Errorf("%q: %v, want it accepted: %t", s, err, want)
		}
	})
}

// FuzzAddBlocks plays blocks of one tree, of which some are invalid at their
// place, in the order that the input says: each byte is a block, and its high
// bit ends a batch. The height never falls, the chain stays whole, and in the
// end the highest valid block is the tip.
func FuzzAddBlocks(f *testing.F) {
	forest := newForest(f, 77)
	valid := forest.tree(20)
	highest, tree := highestOf(valid), valid
	for i := range 4 {
		b, _ := forest.spoil(valid[len(valid)-1-3*i])
		tree = append(tree, b, forest.grow(b))
	}

	f.Add([]byte{0x80, 1, 2, 3, 0x84, 0x85, 6, 0x87, 20, 0x95, 0x94})
	f.Add([]byte("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x93\x80\x94\x95\x96\x97\x98\x99\x9a\x9b"))
	f.Fuzz(func(t *testing.T, order []byte) {
		bc, last := newChain(t), -1
		var batch []json.RawMessage
		for _, i := range order[:min(len(order), 60)] {
			batch = append(batch, tree[int(i&0x7f)%len(tree)].AppendJSON(nil))
			if i < 0x80 {
				continue
			}

			_ = bc.AddBlocks(context.Background(), batch) // most orders are wrong
			batch = nil
			status, err := bc.Status()
			if err != nil || status.Height < last {
				t.Fatalf("height is %d, was %d; error %v", status.Height, last, err)
			}
			last = status.Height
		}

		if err := bc.AddBlocks(context.Background(), raws(highest.path()...)); err != nil {
			t.Error(err)
		}
		checkWhole(t, bc)
		if got := tipOf(t, bc).Header.Height; got != highest.Header.Height {
			t.Errorf("ends at height %d, want %d", got, highest.Header.Height)
		}
	})
}
