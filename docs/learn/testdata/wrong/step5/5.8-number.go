package main

import "math/big"

// Wrong: a number has no zeros in front.
func bitcoinAddress(w Wallet) string {
	key := w.pubKey()
	x := new(big.Int).SetBytes(key[:32])
	return addressOfKey(append([]byte{2 + key[63]%2}, x.Bytes()...))
}
