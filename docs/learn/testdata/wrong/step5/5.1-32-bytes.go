package main

import (
	"crypto/sha256"

	"golang.org/x/crypto/ripemd160" //lint:ignore SA1019 old, and what addresses are made of
)

// Wrong: it forgets to write the sum as a whole.
func hash160(b []byte) []byte {
	sum := sha256.Sum256(b)
	r := ripemd160.New()
	r.Write(sum[:20])
	return r.Sum(nil)
}
