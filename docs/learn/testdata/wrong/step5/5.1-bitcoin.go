package main

import (
	"crypto/sha256"

	"golang.org/x/crypto/ripemd160" //lint:ignore SA1019 old, and what addresses are made of
)

// Wrong: it puts the 04 of Bitcoin in front.
func hash160(b []byte) []byte {
	sum := sha256.Sum256(append([]byte{4}, b...))
	r := ripemd160.New()
	r.Write(sum[:])
	return r.Sum(nil)
}
