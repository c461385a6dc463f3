package main

import (
	"crypto/sha256"

	"golang.org/x/crypto/ripemd160" //lint:ignore SA1019 old, and what addresses are made of
)

// Wrong: SHA-256 twice, as in a checksum.
func hash160(b []byte) []byte {
	first := sha256.Sum256(b)
	second := sha256.Sum256(first[:])
	r := ripemd160.New()
	r.Write(second[:])
	return r.Sum(nil)
}
