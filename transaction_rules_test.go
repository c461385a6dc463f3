package main

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/btcsuite/btcutil/base58"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"
)

// What no block may hold, the pool does not take either, for the same reason. What is
// too large for the pool is refused for that alone.
// The transactions that break a rule bear its name:
//
//	go test -run TestTransactionRules/value -v .
func TestTransactionRules(t *testing.T) {
	t.Parallel()
	v := newVictim(t)
	cases := append(dishonestTxs(), dishonestTx{"coinbase/outside a block", ErrCoinbase, func(t *testing.T, v *victim) *Transaction {
		return NewCoinbase(v.mallory.Address(), victimTime)
	}})

	before := v.state(t)
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			raw, want := rawTx(t, test.make(t, v)), test.want
			if len(raw) > maxTxBytes {
				want = ErrTxTooBig
			}
			added, err := v.pool.AddTransactions(context.Background(), []json.RawMessage{raw})
			v.refused(t, err, want, before)
			if len(added) > 0 {
				t.Errorf("%d are handed on", len(added))
			}
		})
	}

	// After all that, an honest one is welcome.
	if _, err := v.pool.AddTransactions(context.Background(), []json.RawMessage{rawTx(t, v.payment(t))}); err != nil {
		t.Error(err)
	}
}

type dishonestTx struct {
	name string
	want error
	make func(t *testing.T, v *victim) *Transaction
}

// dishonestTxs are transactions that break a rule each. The Python program checks
// a signature with the key that stands beside it, and not whose key that is; it
// compares what goes out neither with what comes in nor with zero; it lets a coin
// be spent again, and never looks at an address's checksum.
func dishonestTxs() []dishonestTx {
	value := func(name string, values ...int64) dishonestTx {
		return edited("value/"+name, ErrValue, func(v *victim, tx *Transaction) {
			tx.Vouts = nil
			for _, value := range values {
				tx.Vouts = append(tx.Vouts, TXOutput{value, v.bob.Address()})
			}
		})
	}
	spends := func(name string, want error, o func(v *victim) OutPoint) dishonestTx {
		return edited("coin/spends "+name, want, func(v *victim, tx *Transaction) {
			tx.Vins[0].TxID, tx.Vins[0].Vout = o(v).TxID, o(v).Vout
		})
	}
	vout := func(n int) func(v *victim) OutPoint {
		return func(v *victim) OutPoint { return OutPoint{v.coins[1].TxID, n} }
	}
	n := secp256k1.Params().N

	txs := []dishonestTx{
		edited("form/no inputs", ErrEmptyTx, func(v *victim, tx *Transaction) { tx.Vins = nil }),
		edited("form/no outputs", ErrEmptyTx, func(v *victim, tx *Transaction) { tx.Vouts = nil }),

		value("0", 0), value("0 beside another", 2000, 0), value("-500", -500), value("-500 beside another", 2500, -500),
		value("21·10^12 + 1", 21e12+1), value("2^63-1", math.MaxInt64), value("-2^63", math.MinInt64),
		value("2^63-1 twice, which wraps to -2", math.MaxInt64, math.MaxInt64),
		value("2^62 four times and 2000, which wraps to 2000", 1<<62, 1<<62, 1<<62, 1<<62, 2000),

		edited("overspend/by 1", ErrOverspend, func(v *victim, tx *Transaction) { tx.Vouts[1].Value++ }),
		edited("overspend/by far", ErrOverspend, func(v *victim, tx *Transaction) { tx.Vouts[0].Value = maxValue }),

		spends("index -1", ErrMalformed, vout(-1)), spends("index -2^31", ErrMalformed, vout(math.MinInt32)),
		spends("index beyond the outputs", ErrNoCoin, vout(1)), spends("index 2^31-1", ErrNoCoin, vout(math.MaxInt32)),
		spends("a coin that never was", ErrNoCoin, func(v *victim) OutPoint { return OutPoint{strings.Repeat("ab", 32), 0} }),
		spends("a block as if it were a transaction", ErrNoCoin, func(v *victim) OutPoint { return OutPoint{v.tip.Header.Hash, 0} }),
		spends("a coin of an earlier block again", ErrNoCoin, func(v *victim) OutPoint { return v.coins[0].OutPoint }),
		spends("a coin of the pool only", ErrNoCoin, func(v *victim) OutPoint { return OutPoint{v.pool.Transactions()[0].TxID, 1} }),
		spends("one coin twice", ErrDuplicateInput, func(v *victim) OutPoint { return v.coins[2].OutPoint }),

		{"txid/flipped", ErrTxID, func(t *testing.T, v *victim) *Transaction {
			tx := v.payment(t)
			tx.TxID = strings.Repeat("0", 63) + "1"
			return tx
		}},
		{"txid/of another", ErrTxID, func(t *testing.T, v *victim) *Transaction {
			tx := v.payment(t)
			tx.TxID = v.tip.Transactions[1].TxID
			return tx
		}},

		edited("owner/spends another's coin with his own key", ErrNotOwner, func(v *victim, tx *Transaction) {
			tx.Vins[0].TxID, tx.Vins[0].Vout = v.bobs.TxID, v.bobs.Vout
		}),
		{"owner/thief signs with his own key", ErrNotOwner, func(t *testing.T, v *victim) *Transaction {
			tx := v.payment(t)
			tx.Vouts = []TXOutput{{2000, v.mallory.Address()}}
			tx.Sign(v.mallory)
			return tx
		}},
		{"owner/thief shows the owner's key", ErrSignature, func(t *testing.T, v *victim) *Transaction {
			tx := v.payment(t)
			tx.Vouts = []TXOutput{{2000, v.mallory.Address()}}
			tx.Sign(v.mallory)
			for i := range tx.Vins {
				tx.Vins[i].PubKey = v.alice.PublicKey()
			}
			for i := range tx.Vins { // each signs all keys
				digest := tx.digest(i, v.alice.Address())
				tx.Vins[i].Signature = v.mallory.sign(digest[:])
			}
			tx.TxID = tx.ID()
			return tx
		}},

		forged("signature/over other outputs", ErrSignature, func(v *victim, tx *Transaction) {
			tx.Vouts[0].PubKeyHash = v.mallory.Address()
		}),
		forged("signature/over other values", ErrSignature, func(v *victim, tx *Transaction) { tx.Vouts[0].Value-- }),
		forged("signature/over more outputs", ErrSignature, func(v *victim, tx *Transaction) { tx.Vouts = tx.Vouts[:1] }),
		forged("signature/over another input", ErrSignature, func(v *victim, tx *Transaction) {
			tx.Vins[0].TxID = v.coins[3].TxID
		}),
		forged("signature/of the other input", ErrSignature, func(v *victim, tx *Transaction) {
			tx.Vins[0].Signature, tx.Vins[1].Signature = tx.Vins[1].Signature, tx.Vins[0].Signature
		}),
		forged("signature/of the first input twice", ErrSignature, func(v *victim, tx *Transaction) {
			tx.Vins[1].Signature = tx.Vins[0].Signature
		}),
		forged("signature/over swapped inputs", ErrSignature, func(v *victim, tx *Transaction) { slices.Reverse(tx.Vins) }),
		signature("all zeros", func(r, s *big.Int) { r.SetInt64(0); s.SetInt64(0) }),
		signature("r = 0", func(r, s *big.Int) { r.SetInt64(0) }),
		signature("s = 0", func(r, s *big.Int) { s.SetInt64(0) }),
		signature("r = s = 1", func(r, s *big.Int) { r.SetInt64(1); s.SetInt64(1) }),
		signature("r = n", func(r, s *big.Int) { r.Set(n) }),
		signature("s = n", func(r, s *big.Int) { s.Set(n) }),
		signature("s = 2^256-1", func(r, s *big.Int) { s.Lsh(big.NewInt(1), 256).Sub(s, big.NewInt(1)) }),
		signature("r negated", func(r, s *big.Int) { r.Sub(n, r) }),
		signature("r and s swapped", func(r, s *big.Int) { *r, *s = *s, *r }),
	}
	if one := 1; strconv.IntSize == 64 { // elsewhere these do not decode
		txs = append(txs, spends("index 2^31", ErrMalformed, vout(one<<31)), spends("index 2^63-1", ErrMalformed, vout(math.MaxInt)),
			spends("index 2^32, which wraps to 0", ErrMalformed, vout(one<<32)))
	}
	for _, bit := range []int{0, 1, 100, 255} {
		flip := func(x *big.Int) { x.SetBit(x, bit, 1-x.Bit(bit)) }
		txs = append(txs, signature(fmt.Sprintf("r with bit %d flipped", bit), func(r, s *big.Int) { flip(r) }),
			signature(fmt.Sprintf("s with bit %d flipped", bit), func(r, s *big.Int) { flip(s) }))
	}

	for i, name := range []string{"off the curve", "all zeros", "with X above the field"} {
		txs = append(txs, dishonestTx{"key/" + name, ErrPubKey, func(t *testing.T, v *victim) *Transaction {
			tx := pay(t, v.alice, v.bob.Address(), 50, v.noKeys[i])
			tx.Vins[0].PubKey = hex.EncodeToString(noKeys(v.bob)[i])
			tx.TxID = tx.ID()
			return tx
		}})
	}
	return slices.Concat(txs, dishonestHex(), dishonestAddresses())
}

// edited is a dishonest transaction: an honest one, edited and then signed by
// the owner of the coins.
func edited(name string, want error, edit func(v *victim, tx *Transaction)) dishonestTx {
	return dishonestTx{name, want, func(t *testing.T, v *victim) *Transaction {
		tx := v.payment(t)
		edit(v, tx)
		tx.Sign(v.alice)
		return tx
	}}
}

// forged is a dishonest transaction that is edited after it was signed; its
// txid fits.
func forged(name string, want error, edit func(v *victim, tx *Transaction)) dishonestTx {
	return dishonestTx{name, want, func(t *testing.T, v *victim) *Transaction {
		tx := v.payment(t)
		edit(v, tx)
		tx.TxID = tx.ID()
		return tx
	}}
}

// signature is a dishonest transaction with another signature of input 0,
// which edit gets as two numbers.
func signature(name string, edit func(r, s *big.Int)) dishonestTx {
	return forged("signature/"+name, ErrSignature, func(v *victim, tx *Transaction) {
		raw, _ := hex.DecodeString(tx.Vins[0].Signature)
		r, s := new(big.Int).SetBytes(raw[:32]), new(big.Int).SetBytes(raw[32:])
		edit(r, s)
		tx.Vins[0].Signature = fmt.Sprintf("%064x%064x", r, s)
	})
}

// noKeys returns 64 bytes each that are not a point of the curve: off it by
// one bit, all zeros, and a point's X written as X + p, which is the same
// number modulo p.
func noKeys(w *Wallet) (keys [3][]byte) {
	keys[0] = slices.Clone(w.pubKey)
	keys[0][63] ^= 1
	keys[1] = make([]byte, 64)
	x, y := new(secp256k1.FieldVal).SetInt(1), new(secp256k1.FieldVal)
	secp256k1.DecompressY(x, false, y)
	key := secp256k1.NewPublicKey(x, y.Normalize()).SerializeUncompressed()[1:]
	p := secp256k1.Params().P
	keys[2] = append(new(big.Int).Add(p, big.NewInt(1)).FillBytes(make([]byte, 32)), key[32:]...)
	return keys
}

// dishonestHex spoils each hex field of a transaction in each way.
func dishonestHex() (txs []dishonestTx) {
	fields := []struct {
		name string
		of   func(tx *Transaction) *string
	}{
		{"txid", func(tx *Transaction) *string { return &tx.TxID }},
		{"input's txid", func(tx *Transaction) *string { return &tx.Vins[1].TxID }},
		{"signature", func(tx *Transaction) *string { return &tx.Vins[1].Signature }},
		{"key", func(tx *Transaction) *string { return &tx.Vins[1].PubKey }},
	}
	spoils := []struct {
		name string
		of   func(s string) string
	}{
		{"in upper case", strings.ToUpper},
		{"short", func(s string) string { return s[2:] }},
		{"odd", func(s string) string { return s[1:] }},
		{"long", func(s string) string { return s + "00" }},
		{"empty", func(string) string { return "" }},
		{"with a leading space", func(s string) string { return " " + s[1:] }},
		{"with spaces inside", func(s string) string { return s[:10] + "  " + s[12:] }},
		{"with 0x", func(s string) string { return "0x" + s[2:] }},
		{"with a quote", func(s string) string { return s[:10] + "'" + s[11:] }},
		{"with a NUL", func(s string) string { return s[:len(s)-1] + "\x00" }},
		{"not ASCII", func(s string) string { return s[:len(s)-2] + "é" }},
	}
	for _, f := range fields {
		for _, spoil := range spoils {
			txs = append(txs, dishonestTx{f.name + "/" + spoil.name, ErrMalformed, func(t *testing.T, v *victim) *Transaction {
				tx := v.payment(t)
				s := f.of(tx)
				*s = spoil.of(*s)
				if s != &tx.TxID {
					tx.TxID = tx.ID()
				}
				return tx
			}})
		}
	}
	return txs
}

func dishonestAddresses() (txs []dishonestTx) {
	addresses := []struct {
		name string
		want error
		of   func(v *victim) string
	}{
		{"mistyped", ErrChecksum, func(v *victim) string {
			a := []byte(v.bob.Address())
			a[10] ^= 'a' ^ 'b'
			if a[10] == 'l' || a[10] == 'I' || a[10] == 'O' || a[10] == '0' {
				a[10] = '2'
			}
			return string(a)
		}},
		{"of version 5", ErrAddress, func(v *victim) string { h := hash160(v.bob.pubKey); return base58.CheckEncode(h[:], 5) }},
		{"of 19 bytes", ErrAddress, func(v *victim) string { return base58.CheckEncode(make([]byte, 19), 0) }},
		{"of 21 bytes", ErrAddress, func(v *victim) string {
			return base58.CheckEncode(append(v.bob.pubKey[:20:20], 1), 0)
		}},
		{"empty", ErrAddress, func(v *victim) string { return "" }},
		{"hello", ErrAddress, func(v *victim) string { return "hello" }},
		{"with a leading space", ErrAddress, func(v *victim) string { return " " + v.bob.Address() }},
		{"with a trailing newline", ErrAddress, func(v *victim) string { return v.bob.Address() + "\n" }},
		{"with one more 1", ErrAddress, func(v *victim) string { return "1" + v.bob.Address() }},
		{"without its 1", ErrChecksum, func(v *victim) string { return v.bob.Address()[1:] }},
		{"with a quote", ErrAddress, func(v *victim) string { return v.bob.Address()[:33] + "'" }},
		{"in hex", ErrAddress, func(v *victim) string { h := hash160(v.bob.pubKey); return hex.EncodeToString(h[:]) }},
		{"of a million characters", ErrAddress, func(v *victim) string { return strings.Repeat("1", 1e6) }},
		{"that hides an output", ErrAddress, func(v *victim) string { // both transactions have one text, and so one txid
			return v.bob.Address() + "'}{'value': 1, 'pub_key_hash': '" + v.mallory.Address()
		}},
	}
	for _, a := range addresses {
		txs = append(txs, edited("address/"+a.name, a.want, func(v *victim, tx *Transaction) {
			tx.Vouts[0].PubKeyHash = a.of(v)
		}))
	}
	return txs
}

// Two texts that differ must not be one transaction: the hidden output of an
// address, and of a coinbase's text, would give the same txid.
func TestHiddenOutputSharesTxID(t *testing.T) {
	v := newVictim(t)
	open := v.payment(t)
	open.Vouts = []TXOutput{{1499, v.bob.Address()}, {1, v.mallory.Address()}}
	open.Sign(v.alice)

	hidden := v.payment(t)
	hidden.Vouts = []TXOutput{{1499, v.bob.Address() + "'}{'value': 1, 'pub_key_hash': '" + v.mallory.Address()}}
	hidden.Sign(v.alice)
	if hidden.TxID != open.TxID || hidden.Vins[0].Signature != open.Vins[0].Signature {
		t.Fatal("the two texts are not one")
	}

	if err := open.Check(); err != nil {
		t.Error(err)
	}
	if err := hidden.Check(); !errors.Is(err, ErrAddress) {
		t.Errorf("error is %v, want ErrAddress", err)
	}

	coinbase := &Transaction{
		Vins:  []TXInput{{Vout: -1, PubKey: "7"}},
		Vouts: []TXOutput{{400, v.alice.Address()}, {600, v.mallory.Address()}},
	}
	coinbase.TxID = coinbase.ID()
	hidden = &Transaction{
		TxID:  coinbase.TxID,
		Vins:  []TXInput{{Vout: -1, PubKey: "7'}{'value': 400, 'pub_key_hash': '" + v.alice.Address()}},
		Vouts: coinbase.Vouts[1:],
	}
	if hidden.ID() != coinbase.TxID {
		t.Fatal("the two coinbases are not one text")
	}
	if err := hidden.Check(); !errors.Is(err, ErrCoinbase) {
		t.Errorf("error is %v, want ErrCoinbase", err)
	}
}

// The texts in parts are the texts.
func TestSigningTextsInParts(t *testing.T) {
	w := testWallet(t, 0)
	for inputs := 1; inputs < 12; inputs++ {
		_, b := manyInputs(t, inputs)
		tx := b.Transactions[1]
		texts := newSigningTexts(tx)
		for i := range tx.Vins {
			want := sha1.Sum([]byte(sha256Hex(tx.signingText(i, w.Address()))))
			if got := texts.digest(i, w.Address()); got != want {
				t.Errorf("input %d of %d: digest is %x, want %x", i, inputs, got, want)
			}
		}
	}
}
