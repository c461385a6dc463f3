package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/btcsuite/btcutil/base58"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
	"golang.org/x/crypto/ripemd160" //lint:ignore SA1019 old, and what addresses are made of
)

// A Wallet is a key pair: whoever knows the private key owns the coins at its address.
type Wallet struct{ key *secp256k1.PrivateKey }

// walletOf returns the wallet of somebody in our story: the private key is the
// SHA-256 of the name, so that your hashes are the same as mine. Never do that with
// real coins: everybody can compute it.
func walletOf(name string) Wallet {
	sum := sha256.Sum256([]byte(name))
	return Wallet{secp256k1.PrivKeyFromBytes(sum[:])}
}

// pubKey returns the public key: the point's X and then its Y, 32 bytes each.
func (w Wallet) pubKey() []byte {
	return w.key.PubKey().SerializeUncompressed()[1:] // without the 04 in front
}

// hash160 returns the RIPEMD-160 of the SHA-256 of b: 20 bytes.
func hash160(b []byte) []byte {
	sum := sha256.Sum256(b)
	r := ripemd160.New()
	r.Write(sum[:])
	return r.Sum(nil)
}

// addressOfKey returns the address of a public key: its hash160 in Base58Check,
// with version 0.
func addressOfKey(pubKey []byte) string {
	return base58.CheckEncode(hash160(pubKey), 0)
}

// address returns the wallet's address.
func (w Wallet) address() string { return addressOfKey(w.pubKey()) }

// checkAddress returns an error if a text is no address, or a mistyped one.
func checkAddress(text string) error {
	hash, version, err := base58.CheckDecode(text)
	if err != nil || version != 0 || len(hash) != ripemd160.Size {
		return fmt.Errorf("%q is no address, or a mistyped one", text)
	}
	return nil
}

// sign returns the signature of a digest: the numbers r and s, 32 bytes each, as
// 128 hex digits.
func (w Wallet) sign(digest []byte) string {
	signature := ecdsa.Sign(w.key, digest)
	r, s := signature.R(), signature.S()
	rBytes, sBytes := r.Bytes(), s.Bytes()
	return hex.EncodeToString(rBytes[:]) + hex.EncodeToString(sBytes[:])
}

// verify reports whether a signature of a digest (see sign) was made with the private
// key that belongs to a public key, X and Y. It's false for what isn't a public key,
// or isn't a signature: 128 hex digits, two numbers below the curve's order.
func verify(pubKey, digest []byte, signature string) bool {
	key, err := secp256k1.ParsePubKey(append([]byte{4}, pubKey...))
	if err != nil {
		return false
	}

	b, err := hex.DecodeString(signature)
	if err != nil || len(b) != 64 {
		return false
	}
	var r, s secp256k1.ModNScalar
	if r.SetByteSlice(b[:32]) || s.SetByteSlice(b[32:]) {
		return false // not below the order
	}
	return ecdsa.NewSignature(&r, &s).Verify(digest, key)
}
