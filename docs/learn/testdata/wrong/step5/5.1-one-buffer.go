package main

import (
	"crypto/sha256"

	"golang.org/x/crypto/ripemd160" //lint:ignore SA1019 old, and what addresses are made of
)

// Wrong: all results are the same 20 bytes of memory.
var result [20]byte

func hash160(b []byte) []byte {
	sum := sha256.Sum256(b)
	r := ripemd160.New()
	r.Write(sum[:])
	return r.Sum(result[:0])
}
