package main

import (
	"errors"
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"
)

// Names for people: a wallet may have one, and then it stands wherever an address
// may. No other node knows it. Bitcoin Core calls it a label.

const maxName = 20 // characters: an address has 26 or more

var (
	errName      = errors.New("not a name: give 1 to 20 letters, digits, - or _, a letter first")
	errNameTaken = errors.New("there is a wallet of that name already")
)

// checkName checks the form of a name. Letters may be of any script, save those
// that nobody sees: Hangul has some that only fill a place.
func checkName(name string) error {
	for i, r := range name {
		isLetter := unicode.IsLetter(r) && !unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
		inside := i > 0 && (unicode.IsDigit(r) || r == '-' || r == '_')
		if !isLetter && !inside {
			return fmt.Errorf("%.60q is %w", name, errName)
		}
	}
	if name == "" || utf8.RuneCountInString(name) > maxName || !utf8.ValidString(name) {
		return fmt.Errorf("%.60q is %w", name, errName)
	}
	return nil
}

// newName returns a name for one more wallet, which may be "".
func newName(list []*Wallet, name string) (string, error) {
	if name == "" {
		return "", nil
	}
	if err := checkName(name); err != nil {
		return "", err
	}
	if slices.ContainsFunc(list, func(w *Wallet) bool { return w.name == name }) {
		return "", fmt.Errorf("%s: %w: `go run . wallet` lists them", name, errNameTaken)
	}
	return name, nil
}

// Name returns the name of the wallet of an address, or "".
func (ws *Wallets) Name(address string) string {
	ws.mu.Lock()
	defer ws.mu.Unlock()

	for _, w := range ws.list {
		if w.address == address {
			return w.name
		}
	}
	return ""
}

// Resolve returns whom a person means by an address, or by the name of a wallet
// of this node.
func (ws *Wallets) Resolve(typed string) (PubKeyHash, error) {
	if w := ws.named(typed); w != nil {
		return hash160(w.pubKey), nil
	}

	owner, err := ParseAddress(typed)
	switch {
	case errors.Is(err, ErrAddress):
		err = fmt.Errorf("%w, nor the name of a wallet here: `go run . wallet` lists both", err)
	case err != nil:
		err = fmt.Errorf("%w: copy one from `go run . wallet`", err)
	}
	return owner, err
}

// named returns the wallet with a name, or nil.
func (ws *Wallets) named(name string) *Wallet {
	ws.mu.Lock()
	defer ws.mu.Unlock()

	for _, w := range ws.list {
		if w.name != "" && w.name == name {
			return w
		}
	}
	return nil
}
