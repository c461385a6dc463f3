package main

import "golang.org/x/crypto/ripemd160" //lint:ignore SA1019 old, and what addresses are made of

// Wrong: it leaves out the SHA-256.
func hash160(b []byte) []byte {
	r := ripemd160.New()
	r.Write(b)
	return r.Sum(nil)
}
