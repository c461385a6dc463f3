package main

// Wrong: 02 and 03 have changed places.
func bitcoinAddress(w Wallet) string {
	key := w.pubKey()
	return addressOfKey(append([]byte{3 - key[63]%2}, key[:32]...))
}
