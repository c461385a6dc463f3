package main

import (
	"crypto/sha256"

	"golang.org/x/crypto/ripemd160" //lint:ignore SA1019 old, and what addresses are made of
)

// Wrong: only the first 64 bytes.
func hash160(b []byte) []byte {
	sum := sha256.Sum256(b[:min(len(b), 64)])
	r := ripemd160.New()
	r.Write(sum[:])
	return r.Sum(nil)
}
