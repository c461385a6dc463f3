package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/btcsuite/btcutil/base58"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"golang.org/x/crypto/ripemd160" //lint:ignore SA1019 old, and what addresses are made of
)

// cast are the people of the course's story. Mia is first, since a node pays for its
// blocks to the first wallet that it has.
var cast = []string{"Mia", "Alice", "Bob", "Carol", "Mallory"}

// checkUnused returns an error if a directory, which the student calls by a name,
// holds a chain or wallets already.
func checkUnused(dir, name string) error {
	for _, file := range []string{"chain.db", "wallet.dat"} {
		if _, err := os.Stat(filepath.Join(dir, file)); err == nil {
			return complain("There's a %s in %s already, and I won't touch it. Take another directory: %s finale -data %s-2", file, name, learn, name)
		}
	}
	return nil
}

// prepareData makes a node's directory with the wallets of the cast.
func prepareData(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}

	type wallet struct {
		Name       string `json:"name"`
		Address    string `json:"address"`
		PrivateKey string `json:"private_key"`
	}
	var file struct {
		Wallets []wallet `json:"wallets"`
	}
	for _, name := range cast {
		key := sha256.Sum256([]byte(name))
		file.Wallets = append(file.Wallets, wallet{name, addressOf(key[:]), hex.EncodeToString(key[:])})
	}
	text, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "wallet.dat"), text, 0o600)
}

// addressOf returns the address of a private key, as chapter 5 makes it.
func addressOf(privateKey []byte) string {
	pubKey := secp256k1.PrivKeyFromBytes(privateKey).PubKey().SerializeUncompressed()
	sum := sha256.Sum256(pubKey[1:])
	r := ripemd160.New()
	r.Write(sum[:])
	return base58.CheckEncode(r.Sum(nil), 0)
}
