package main

import (
	"crypto/sha256"

	"golang.org/x/crypto/ripemd160" //lint:ignore SA1019 old, and what addresses are made of
)

// Wrong: the hasher of the call before is used again, and has its bytes in it.
var hasher = ripemd160.New()

func hash160(b []byte) []byte {
	sum := sha256.Sum256(b)
	hasher.Write(sum[:])
	return hasher.Sum(nil)
}
