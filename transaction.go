package main

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"iter"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// Subsidy is what a block's coinbase may pay, in coins. Bitcoin halves it
	// every 210,000 blocks and adds the fees; we do neither.
	Subsidy  = 1000
	maxValue = 21e12 // of one output: far beyond all coins there will be
	maxVout  = 1<<31 - 1
)

// ErrNotEnough is a payment that its payer's coins do not suffice for.
var ErrNotEnough = errors.New("not enough coins")

// What makes a transaction invalid by itself.
var (
	ErrTxID           = errors.New("txid does not match the transaction")
	ErrEmptyTx        = errors.New("transaction without inputs or outputs")
	ErrValue          = errors.New("value out of range")
	ErrDuplicateInput = errors.New("coin spent twice in one transaction")
	ErrPubKey         = errors.New("bad public key")
	ErrSignature      = errors.New("signature does not verify")
)

// An OutPoint names one output of one transaction. It is comparable.
type OutPoint struct {
	TxID string // 64 hex digits
	Vout int    // index of the output, from 0
}

func (o OutPoint) String() string { return o.TxID + ":" + strconv.Itoa(o.Vout) }

// A TXInput spends one output of an earlier transaction, or makes coins.
type TXInput struct {
	TxID      string `json:"txid"`      // transaction of the output, 64 hex digits; "" in a coinbase
	Vout      int    `json:"vout"`      // index of the output; -1 in a coinbase
	Signature string `json:"signature"` // ECDSA r‖s, 128 hex digits; "" in a coinbase and before signing
	PubKey    string `json:"pub_key"`   // X‖Y of the key, 128 hex digits; in a coinbase free text, the time
}

// OutPoint returns the output that in spends.
func (in *TXInput) OutPoint() OutPoint { return OutPoint{in.TxID, in.Vout} }

// signer returns the hash of the key that in shows. It is that of the owner who
// spends, once the signature is verified and the coin's address compared.
func (in *TXInput) signer() PubKeyHash {
	key, _ := hex.DecodeString(in.PubKey) // checked with the form
	return hash160(key)
}

// A TXOutput is a coin: a value that the owner of an address may spend.
type TXOutput struct {
	Value      int64  `json:"value"`        // coins, 1 to 21·10^12; there is no smaller unit
	PubKeyHash string `json:"pub_key_hash"` // an address, not a hash: the name is the article's
}

// A Transaction moves coins from the outputs that it spends to new ones.
type Transaction struct {
	TxID  string     `json:"txid"` // 64 hex digits, see [Transaction.ID]
	Vins  []TXInput  `json:"vins"`
	Vouts []TXOutput `json:"vouts"`

	// Its JSON or nil. A payment of our own keeps it from when it is pooled, and
	// does not change then: the peers, the Merkle tree and the block all need it.
	encoded []byte
}

// NewCoinbase returns the transaction that pays the subsidy to address. Its
// text, the time, keeps two coinbases to one address apart.
func NewCoinbase(address string, now time.Time) *Transaction {
	tx := &Transaction{
		Vins:  []TXInput{{Vout: -1, PubKey: timeText(now)}},
		Vouts: []TXOutput{{Value: Subsidy, PubKeyHash: address}},
	}

	tx.TxID = tx.ID()
	return tx
}

// NewTransaction returns a signed transaction that pays amount coins to an
// address out of w's coins, of which it takes no more than it needs, and the
// rest back to w. If they do not suffice the error wraps [ErrNotEnough].
func NewTransaction(w *Wallet, to string, amount int64, coins iter.Seq[Coin]) (*Transaction, error) {
	if amount < 1 || amount > maxValue {
		return nil, fmt.Errorf("pay %d to %s: %w: pay 1 coin or more", amount, to, ErrValue)
	}
	if _, err := ParseAddress(to); err != nil {
		return nil, fmt.Errorf("pay %d: %w", amount, err)
	}

	var tx Transaction
	var sum int64
	for c := range coins {
		tx.Vins = append(tx.Vins, TXInput{TxID: c.TxID, Vout: c.Vout})
		sum += c.Value
		if sum >= amount {
			break
		}
	}
	if sum < amount {
		return nil, fmt.Errorf("pay %d to %s: %w: %s has %d", amount, to, ErrNotEnough, w.Address(), sum)
	}

	// A coin is spent whole: what is left of it comes back as change.
	tx.Vouts = []TXOutput{{Value: amount, PubKeyHash: to}}
	if sum > amount {
		tx.Vouts = append(tx.Vouts, TXOutput{Value: sum - amount, PubKeyHash: w.Address()})
	}

	tx.Sign(w)
	return &tx, nil
}

// IsCoinbase reports whether tx makes coins: its one input spends nothing.
func (tx *Transaction) IsCoinbase() bool {
	return len(tx.Vins) == 1 && tx.Vins[0].TxID == "" && tx.Vins[0].Vout == -1
}

// ID returns the txid that tx should bear: the SHA-256 of its inputs and
// outputs, without the signatures, which therefore cannot change it.
func (tx *Transaction) ID() string {
	return sha256Hex(tx.appendIDText(make([]byte, 0, 1024))) // enough for a usual one
}

func (tx *Transaction) appendIDText(b []byte) []byte {
	for i := range tx.Vins {
		b = tx.Vins[i].appendDict(b, "''", "'"+tx.Vins[i].PubKey+"'")
	}
	return tx.appendOutputs(b)
}

// appendDict appends in as Python prints a dict. Signature and pubKey come
// as Python would print them too: quoted text, or None.
func (in *TXInput) appendDict(b []byte, signature, pubKey string) []byte {
	b = append(b, "{'txid': '"...)
	b = append(b, in.TxID...)
	b = append(b, "', 'vout': "...)
	b = strconv.AppendInt(b, int64(in.Vout), 10)
	b = append(b, ", 'signature': "...)
	b = append(b, signature...)
	b = append(b, ", 'pub_key': "...)
	b = append(b, pubKey...)
	return append(b, '}')
}

// appendOutputs appends each output as Python prints a dict.
func (tx *Transaction) appendOutputs(b []byte) []byte {
	for _, out := range tx.Vouts {
		b = append(b, "{'value': "...)
		b = strconv.AppendInt(b, out.Value, 10)
		b = append(b, ", 'pub_key_hash': '"...)
		b = append(b, out.PubKeyHash...)
		b = append(b, "'}"...)
	}
	return b
}

// Sign fills in the key and signature of every input with w's, and the txid.
// All inputs must spend outputs that pay to w.
func (tx *Transaction) Sign(w *Wallet) {
	for i := range tx.Vins {
		tx.Vins[i].PubKey = w.PublicKey()
	}

	texts := newSigningTexts(tx)
	for i := range tx.Vins {
		digest := texts.digest(i, w.Address())
		tx.Vins[i].Signature = w.sign(digest[:])
	}

	tx.TxID = tx.ID()
}

// digest is what ECDSA signs for input i: SHA-1 over the hex of the SHA-256 of
// its signing text.
func (tx *Transaction) digest(i int, address string) [sha1.Size]byte {
	return newSigningTexts(tx).digest(i, address)
}

// signingText is what input i signs: every input and output, with the spent
// address in place of its own key, and no other keys. By an accident of the
// Python program the signatures are None up to its own, and empty after it.
func (tx *Transaction) signingText(i int, address string) []byte {
	b := make([]byte, 0, 1024)
	for j := range tx.Vins {
		signature, pubKey := "None", "None"
		if j > i {
			signature = "''"
		}
		if j == i {
			pubKey = "'" + address + "'"
		}

		b = tx.Vins[j].appendDict(b, signature, pubKey)
	}
	return tx.appendOutputs(b)
}

// verifySignatures verifies every input of txs, on all processors.
func verifySignatures(ctx context.Context, txs []*Transaction) error {
	checks := signatureChecks(txs)
	_, err := inParallel(ctx, len(checks), func(i int) error { return checks[i]() })
	return err
}

// signatureChecks returns the checks of the inputs of txs, in order: nearly all of
// a block's cost is here. A signature commits to the address that its input
// spends; the key must hash to that address, so it can be computed from the
// key and no chain is needed yet.
func signatureChecks(txs []*Transaction) (checks []func() error) {
	for _, tx := range txs {
		if tx.IsCoinbase() {
			continue
		}
		texts := sync.OnceValue(func() *signingTexts { return newSigningTexts(tx) })
		for i := range tx.Vins {
			checks = append(checks, func() error { return texts().verify(i) })
		}
	}
	return checks
}

// verify checks the signature of input i.
func (s *signingTexts) verify(i int) error {
	in := &s.tx.Vins[i]
	key, err := hex.DecodeString(in.PubKey)
	if err != nil {
		return fmt.Errorf("%s: input %d: %w: %w", s.tx.TxID, i, ErrPubKey, err)
	}

	digest := s.digest(i, in.signer().Address())
	if err := verifySignature(key, digest[:], in.Signature); err != nil {
		return fmt.Errorf("%s: input %d: %w", s.tx.TxID, i, err)
	}
	return nil
}

// Check applies every rule that needs no chain: the form of each field, the
// values, the txid and the signatures. Whether the coins exist and belong to
// the keys that spend them is for [CoinView.Apply].
func (tx *Transaction) Check() error {
	if err := tx.checkForm(); err != nil {
		return err
	}
	return verifySignatures(context.Background(), []*Transaction{tx})
}

// checkForm is Check without the signatures. Every text is checked before it
// is hashed: no quote in a field may make two transactions hash alike.
func (tx *Transaction) checkForm() error {
	if !isHex(tx.TxID, 64) {
		return fmt.Errorf("txid %.80q: %w", tx.TxID, ErrMalformed)
	}
	if len(tx.Vins) == 0 || len(tx.Vouts) == 0 {
		return fmt.Errorf("%s: %w: %d inputs, %d outputs", tx.TxID, ErrEmptyTx, len(tx.Vins), len(tx.Vouts))
	}

	check := tx.checkInputs
	if tx.IsCoinbase() {
		check = tx.checkCoinbase
	}
	if err := check(); err != nil {
		return fmt.Errorf("%s: %w", tx.TxID, err)
	}

	for i, out := range tx.Vouts {
		if out.Value < 1 || out.Value > maxValue {
			return fmt.Errorf("%s: output %d: %w: %d", tx.TxID, i, ErrValue, out.Value)
		}
		if _, err := ParseAddress(out.PubKeyHash); err != nil {
			return fmt.Errorf("%s: output %d: %w", tx.TxID, i, err)
		}
	}

	if want := tx.ID(); tx.TxID != want {
		return fmt.Errorf("%w: has %s, want %s", ErrTxID, tx.TxID, want)
	}
	return nil
}

func (tx *Transaction) checkInputs() error {
	seen := make(map[OutPoint]bool, len(tx.Vins))
	for i := range tx.Vins {
		in := &tx.Vins[i]
		switch {
		case !isHex(in.TxID, 64):
			return fmt.Errorf("input %d: txid %.80q: %w", i, in.TxID, ErrMalformed)
		case in.Vout < 0 || in.Vout > maxVout:
			return fmt.Errorf("input %d: vout %d: %w", i, in.Vout, ErrMalformed)
		case !isHex(in.PubKey, 128):
			return fmt.Errorf("input %d: pub_key %.140q: %w", i, in.PubKey, ErrMalformed)
		case !isHex(in.Signature, 128):
			return fmt.Errorf("input %d: signature %.140q: %w", i, in.Signature, ErrMalformed)
		case seen[in.OutPoint()]:
			return fmt.Errorf("input %d: %w: %s", i, ErrDuplicateInput, in.OutPoint())
		}
		seen[in.OutPoint()] = true
	}
	return nil
}

func (tx *Transaction) checkCoinbase() error {
	in := &tx.Vins[0]
	forbidden := func(r rune) bool { return r < ' ' || r > '~' || strings.ContainsRune(`'"\`, r) }

	switch {
	case in.Signature != "":
		return fmt.Errorf("%w: it has a signature", ErrCoinbase)
	case in.PubKey == "" || len(in.PubKey) > 100 || strings.ContainsFunc(in.PubKey, forbidden):
		return fmt.Errorf("%w: its text must be 1 to 100 printable characters: %.110q", ErrCoinbase, in.PubKey)
	}

	unpaid := int64(Subsidy) // counted down, since a sum could overflow
	for _, out := range tx.Vouts {
		if out.Value > unpaid {
			return fmt.Errorf("%w: it pays more than %d", ErrCoinbase, Subsidy)
		}
		unpaid -= max(out.Value, 0)
	}
	return nil
}

// AppendJSON appends tx to b, byte for byte as Python's json.dumps writes it:
// the SHA-256 of this text is the transaction's Merkle leaf. The text fields
// must have passed [Transaction.Check]: they are not escaped.
func (tx *Transaction) AppendJSON(b []byte) []byte {
	if tx.encoded != nil {
		return append(b, tx.encoded...)
	}
	return tx.encode(b)
}

func (tx *Transaction) encode(b []byte) []byte {
	b = append(b, `{"txid": "`...)
	b = append(b, tx.TxID...)

	b = append(b, `", "vins": [`...)
	for i := range tx.Vins {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = tx.Vins[i].appendJSON(b)
	}

	b = append(b, `], "vouts": [`...)
	for i := range tx.Vouts {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = tx.Vouts[i].appendJSON(b)
	}

	return append(b, "]}"...)
}

func (in *TXInput) appendJSON(b []byte) []byte {
	b = append(b, `{"txid": "`...)
	b = append(b, in.TxID...)
	b = append(b, `", "vout": `...)
	b = strconv.AppendInt(b, int64(in.Vout), 10)
	b = append(b, `, "signature": "`...)
	b = append(b, in.Signature...)
	b = append(b, `", "pub_key": "`...)
	b = append(b, in.PubKey...)
	return append(b, `"}`...)
}

func (out *TXOutput) appendJSON(b []byte) []byte {
	b = append(b, `{"value": `...)
	b = strconv.AppendInt(b, out.Value, 10)
	b = append(b, `, "pub_key_hash": "`...)
	b = append(b, out.PubKeyHash...)
	return append(b, `"}`...)
}

// DecodeTransaction reads one transaction from JSON. It checks names and
// types, and that nothing follows; the values are for [Transaction.Check].
func DecodeTransaction(raw []byte) (*Transaction, error) {
	var tx Transaction
	if err := tx.decode(raw); err != nil {
		return nil, fmt.Errorf("transaction: %w", err)
	}
	return &tx, nil
}

func (tx *Transaction) decode(raw []byte) error {
	decodeInputs := decodeList(func(raw []byte) error {
		var in TXInput
		err := decodeObject(raw,
			field{"txid", &in.TxID},
			field{"vout", &in.Vout},
			field{"signature", &in.Signature},
			field{"pub_key", &in.PubKey})
		tx.Vins = append(tx.Vins, in)
		return err
	})
	decodeOutputs := decodeList(func(raw []byte) error {
		var out TXOutput
		err := decodeObject(raw,
			field{"value", &out.Value},
			field{"pub_key_hash", &out.PubKeyHash})
		tx.Vouts = append(tx.Vouts, out)
		return err
	})

	return decodeObject(raw,
		field{"txid", &tx.TxID},
		field{"vins", decodeInputs},
		field{"vouts", decodeOutputs})
}

// readOwnTransaction reads a transaction from the JSON that AppendJSON writes.
func readOwnTransaction(r *ownForm) *Transaction {
	var tx Transaction
	tx.TxID = r.text(`{"txid": `)

	r.expect(`, "vins": [`)
	for r.more(len(tx.Vins)) {
		tx.Vins = append(tx.Vins, TXInput{
			TxID:      r.text(`{"txid": `),
			Vout:      int(r.number(`, "vout": `)),
			Signature: r.text(`, "signature": `),
			PubKey:    r.text(`, "pub_key": `),
		})
		r.expect("}")
	}

	r.expect(`, "vouts": [`)
	for r.more(len(tx.Vouts)) {
		tx.Vouts = append(tx.Vouts, TXOutput{
			Value:      r.number(`{"value": `),
			PubKeyHash: r.text(`, "pub_key_hash": `),
		})
		r.expect("}")
	}

	r.expect("}")
	return &tx
}

// The rest is for speed. Each input signs a text of all inputs: those of a block
// with one transaction of 2,750 inputs are a gigabyte long.

// signingTexts are the texts that a transaction's inputs sign (see signingText),
// in parts. What comes before an input is the beginning of what comes before the
// next: it is hashed once for all. What comes after an input is the end of what
// comes after the one before: it is written once for all.
type signingTexts struct {
	tx     *Transaction
	fronts []hash.Cloner // by input: the SHA-256 of what comes before it
	backs  [][]byte      // by input: what comes after it
}

func newSigningTexts(tx *Transaction) *signingTexts {
	s := &signingTexts{tx: tx}

	front := sha256.New().(hash.Cloner) // as all hashes of the standard library
	var dict []byte
	for i := range tx.Vins {
		s.fronts = append(s.fronts, clone(front))
		dict = tx.Vins[i].appendDict(dict[:0], "None", "None")
		front.Write(dict)
	}

	var back []byte
	var ends []int // of the inputs in back
	for i := range tx.Vins {
		back = tx.Vins[i].appendDict(back, "''", "None")
		ends = append(ends, len(back))
	}
	back = tx.appendOutputs(back)
	for _, end := range ends {
		s.backs = append(s.backs, back[end:])
	}
	return s
}

// digest is [Transaction.digest].
func (s *signingTexts) digest(i int, address string) [sha1.Size]byte {
	text := clone(s.fronts[i])
	text.Write(s.tx.Vins[i].appendDict(nil, "None", "'"+address+"'"))
	text.Write(s.backs[i])
	return sha1.Sum(hex.AppendEncode(nil, text.Sum(nil)))
}

// clone returns a copy of h, which goes on from where h is.
func clone(h hash.Cloner) hash.Cloner {
	c, _ := h.Clone() // SHA-256 always has one
	return c
}
