package main

// Wrong: every key gets 03, whatever its Y.
func bitcoinAddress(w Wallet) string {
	return addressOfKey(append([]byte{3}, w.pubKey()[:32]...))
}
