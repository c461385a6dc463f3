package main

// Wrong: 02 or 03, X, and Y as well.
func bitcoinAddress(w Wallet) string {
	key := w.pubKey()
	return addressOfKey(append([]byte{2 + key[63]%2}, key...))
}
