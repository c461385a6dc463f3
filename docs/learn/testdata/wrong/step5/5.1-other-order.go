package main

import (
	"crypto/sha256"

	"golang.org/x/crypto/ripemd160" //lint:ignore SA1019 old, and what addresses are made of
)

// Wrong: SHA-256 of the RIPEMD-160.
func hash160(b []byte) []byte {
	r := ripemd160.New()
	r.Write(b)
	sum := sha256.Sum256(r.Sum(nil))
	return sum[:20]
}
