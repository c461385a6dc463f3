package main

import "strconv"

// Wrong: the parent isn't hashed, so nothing binds a block to it.
func (h BlockHeader) hash() string {
	return sha256Hex(h.Timestamp + h.HashMerkleRoot + strconv.Itoa(h.Height) + "None")
}
