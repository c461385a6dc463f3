package main

import "golang.org/x/crypto/ripemd160" //lint:ignore SA1019 old, and what addresses are made of

// Wrong: RIPEMD-160 of the hex digits.
func hash160(b []byte) []byte {
	r := ripemd160.New()
	r.Write([]byte(sha256Hex(string(b))))
	return r.Sum(nil)
}
