package main

// Wrong: the parity is that of X.
func bitcoinAddress(w Wallet) string {
	key := w.pubKey()
	return addressOfKey(append([]byte{2 + key[31]%2}, key[:32]...))
}
