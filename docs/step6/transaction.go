package main

import (
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// A Transaction spends coins and makes new ones.
type Transaction struct {
	TxID  string     `json:"txid"` // its name: see id
	Vins  []TXInput  `json:"vins"`
	Vouts []TXOutput `json:"vouts"`
}

// A TXInput spends a coin. That of a coinbase spends none: its TxID is "", its
// Vout -1, and its PubKey any text that no other coinbase has, such as the time.
type TXInput struct {
	TxID      string `json:"txid"`      // the transaction that made the coin
	Vout      int    `json:"vout"`      // which of its outputs it is, from 0
	Signature string `json:"signature"` // of the coin's owner, 128 hex digits: see Transaction.sign
	PubKey    string `json:"pub_key"`   // the owner's public key, 128 hex digits
}

// A TXOutput is a coin of any value, for whoever has the address.
type TXOutput struct {
	Value      int    `json:"value"`
	PubKeyHash string `json:"pub_key_hash"` // an address: the name is the Python program's
}

// An OutPoint is the name of a coin: which output of which transaction it is.
type OutPoint struct {
	TxID string
	Vout int
}

// A Coin is an output that nobody has spent yet.
type Coin struct {
	OutPoint
	TXOutput
}

// subsidy is what a block's coinbase pays at most.
const subsidy = 1000

// dict returns the input as Python prints a dict. The signature and the public key
// come as Python prints them, too: a text in quotes, or None.
func (in TXInput) dict(signature, pubKey string) string {
	return fmt.Sprintf(`{'txid': '%s', 'vout': %d, 'signature': %s, 'pub_key': %s}`, in.TxID, in.Vout, signature, pubKey)
}

// dict returns the output as Python prints a dict.
func (out TXOutput) dict() string {
	return fmt.Sprintf(`{'value': %d, 'pub_key_hash': '%s'}`, out.Value, out.PubKeyHash)
}

// id returns the name that the transaction should have: the hash of the dicts of
// all inputs and then of all outputs, with nothing in between. In place of each
// signature there's an empty text, in quotes; the public keys are all there.
func (tx *Transaction) id() string {
	var text strings.Builder
	for _, in := range tx.Vins {
		text.WriteString(in.dict("''", "'"+in.PubKey+"'"))
	}
	for _, out := range tx.Vouts {
		text.WriteString(out.dict())
	}
	return sha256Hex(text.String())
}

// signingText is what the owner of the coin that input i spends has to sign: the
// dicts of all inputs and then of all outputs, as in id, but with other keys and
// signatures. The public key is None, except in input i, where it's the coin's
// address, in quotes. The signature is None in the inputs up to i, itself included,
// and an empty text, in quotes, in those after it.
func (tx *Transaction) signingText(i int, address string) string {
	var text strings.Builder
	for j, in := range tx.Vins {
		signature, pubKey := "None", "None"
		if j > i {
			signature = "''"
		}
		if j == i {
			pubKey = "'" + address + "'"
		}
		text.WriteString(in.dict(signature, pubKey))
	}
	for _, out := range tx.Vouts {
		text.WriteString(out.dict())
	}
	return text.String()
}

// digest is what is signed in place of that text, which may be long: the SHA-1 of
// the hex digits of its SHA-256.
func (tx *Transaction) digest(i int, address string) []byte {
	sum := sha1.Sum([]byte(sha256Hex(tx.signingText(i, address))))
	return sum[:]
}

// sign puts a wallet's public key and its signature (of that input's digest, for the
// wallet's address) into every input, whatever was there, and then the name into the
// transaction. All its coins must be the wallet's.
func (tx *Transaction) sign(w Wallet) {
	for i := range tx.Vins {
		tx.Vins[i].PubKey = hex.EncodeToString(w.pubKey())
		tx.Vins[i].Signature = w.sign(tx.digest(i, w.address()))
	}
	tx.TxID = tx.id()
}

// checkInput returns an error unless input i may spend a coin: its public key, in
// hex, must be the one that the coin's address was made of, and its signature must
// be that key's, for this transaction (see digest). Other inputs don't matter.
func (tx *Transaction) checkInput(i int, c Coin) error {
	in := tx.Vins[i]
	key, err := hex.DecodeString(in.PubKey)
	if err != nil {
		return fmt.Errorf("no public key: %w", err)
	}

	if owner := addressOfKey(key); owner != c.PubKeyHash {
		return fmt.Errorf("the coin is %s's, the key is %s's", nameOf(c.PubKeyHash), nameOf(owner))
	}
	if !verify(key, tx.digest(i, c.PubKeyHash), in.Signature) {
		return fmt.Errorf("%s hasn't signed this", nameOf(c.PubKeyHash))
	}
	return nil
}

// json returns the transaction as JSON, in the form of the header's.
func (tx *Transaction) json() string {
	var vins, vouts []string
	for _, in := range tx.Vins {
		vins = append(vins, fmt.Sprintf(`{"txid": "%s", "vout": %d, "signature": "%s", "pub_key": "%s"}`, in.TxID, in.Vout, in.Signature, in.PubKey))
	}
	for _, out := range tx.Vouts {
		vouts = append(vouts, fmt.Sprintf(`{"value": %d, "pub_key_hash": "%s"}`, out.Value, out.PubKeyHash))
	}
	return fmt.Sprintf(`{"txid": "%s", "vins": [%s], "vouts": [%s]}`, tx.TxID, strings.Join(vins, ", "), strings.Join(vouts, ", "))
}

// newCoinbase returns the transaction that makes the coins of the block at a
// height: one output of the subsidy, for an address. Its text is the block's time.
func newCoinbase(address string, height int) *Transaction {
	tx := &Transaction{
		Vins:  []TXInput{{Vout: -1, PubKey: timeOf(height)}},
		Vouts: []TXOutput{{Value: subsidy, PubKeyHash: address}},
	}
	tx.TxID = tx.id()
	return tx
}

// isCoinbase reports whether the transaction makes coins from nothing: it has one
// input, which spends no coin.
func (tx *Transaction) isCoinbase() bool {
	return len(tx.Vins) == 1 && tx.Vins[0].TxID == "" && tx.Vins[0].Vout == -1
}

var errNotEnough = errors.New("not enough coins")

// newTransaction pays an amount from a wallet to an address. It spends the first
// of coins, as many as it takes, all of which belong to the wallet. What they hold
// beyond the amount goes back to it, as the second output. The wallet signs. An
// amount below 1 is an error, and so is one that the coins don't suffice for
// (errNotEnough).
func newTransaction(from Wallet, to string, amount int, coins []Coin) (*Transaction, error) {
	if amount < 1 {
		return nil, fmt.Errorf("pay %d: it must be 1 or more", amount)
	}

	tx := new(Transaction)
	sum := 0
	for _, c := range coins {
		if sum >= amount {
			break
		}
		tx.Vins = append(tx.Vins, TXInput{TxID: c.TxID, Vout: c.Vout})
		sum += c.Value
	}
	if sum < amount {
		return nil, fmt.Errorf("pay %d: %w: there are %d", amount, errNotEnough, sum)
	}

	tx.Vouts = []TXOutput{{Value: amount, PubKeyHash: to}}
	if change := sum - amount; change > 0 {
		tx.Vouts = append(tx.Vouts, TXOutput{Value: change, PubKeyHash: from.address()})
	}
	tx.sign(from)
	return tx, nil
}

var errNoCoin = errors.New("no such coin, or it's spent")

// check returns an error if the transaction may not spend the coins that it takes:
// if there are none, if one isn't the signer's, if it makes a coin of less than 1 or
// for what is no address, or if it makes more than it takes. A coinbase takes none,
// and may make the subsidy.
func (tx *Transaction) check(taken []Coin) error {
	unpaid := sumOf(taken)
	switch {
	case tx.isCoinbase():
		unpaid = subsidy
	case len(taken) == 0:
		return errors.New("it spends nothing")
	}

	for i, c := range taken {
		if err := tx.checkInput(i, c); err != nil {
			return fmt.Errorf("input %d: %w", i, err)
		}
	}

	for i, out := range tx.Vouts {
		if out.Value < 1 || out.Value > unpaid {
			return fmt.Errorf("output %d is %d, and there are %d to pay it from", i, out.Value, unpaid)
		}
		if err := checkAddress(out.PubKeyHash); err != nil {
			return fmt.Errorf("output %d: %w", i, err)
		}
		unpaid -= out.Value
	}
	return nil
}

// coinsOf returns those of the coins that belong to an address.
func coinsOf(coins []Coin, address string) (own []Coin) {
	for _, c := range coins {
		if c.PubKeyHash == address {
			own = append(own, c)
		}
	}
	return own
}

// sumOf returns what coins are worth.
func sumOf(coins []Coin) (sum int) {
	for _, c := range coins {
		sum += c.Value
	}
	return sum
}
