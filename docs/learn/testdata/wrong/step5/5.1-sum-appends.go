package main

import (
	"crypto/sha256"

	"golang.org/x/crypto/ripemd160" //lint:ignore SA1019 old, and what addresses are made of
)

// Wrong: Sum appends to what it is given.
func hash160(b []byte) []byte {
	sum := sha256.Sum256(b)
	r := ripemd160.New()
	return r.Sum(sum[:])
}
