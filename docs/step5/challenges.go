//go:build challenge

package main

import (
	"errors"
	"strings"

	"github.com/btcsuite/btcutil/base58"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"
)

// alphabet has the 58 characters of Base58.
const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

var errNoAddress = errors.New("no address")

// mend returns the address that somebody meant to type: the text itself if it's an
// address (see checkAddress), or else the address that differs from it in a single
// character, which was mistyped. The wrong character may be any, even one that Base58
// has not. For every other text the error is errNoAddress. The text may come from
// a stranger, and be of any length, but no address has more than 34 characters.
func mend(text string) (string, error) {
	letters := []rune(text)
	if len(letters) > 34 {
		return "", errNoAddress
	}
	if checkAddress(text) == nil {
		return text, nil
	}

	for i, typed := range letters {
		for _, letter := range alphabet {
			letters[i] = letter
			if address := string(letters); checkAddress(address) == nil {
				return address, nil
			}
		}
		letters[i] = typed
	}
	return "", errNoAddress
}

// bitcoinAddress returns the address that Bitcoin's programs give to the wallet's
// key. They hash a shorter public key: a byte that is 2 if Y is even or 3 if it's
// odd, and the 32 bytes of X.
func bitcoinAddress(w Wallet) string {
	return base58.CheckEncode(hash160(w.key.PubKey().SerializeCompressed()), 0)
}

var (
	errNoPrefix = errors.New("no address begins like that")
	errGivenUp  = errors.New("no such address found")
)

// vanity looks for a wallet whose address begins with a prefix. It draws one private
// key after the other, with the randomness of the operating system, limit at most,
// and returns the first that fits, with its address. If none does the error is
// errGivenUp. If the prefix doesn't begin with 1, or has more than 34 characters or
// one that Base58 has not, it's errNoPrefix, at once. Every address begins with "".
func vanity(prefix string, limit int) (w Wallet, address string, err error) {
	if prefix != "" && prefix[0] != '1' || len(prefix) > 34 || strings.Trim(prefix, alphabet) != "" {
		return Wallet{}, "", errNoPrefix
	}

	for range limit {
		key, err := secp256k1.GeneratePrivateKey()
		if err != nil {
			return Wallet{}, "", err
		}
		w := Wallet{key}
		if address := w.address(); strings.HasPrefix(address, prefix) {
			return w, address, nil
		}
	}
	return Wallet{}, "", errGivenUp
}
