package main

// Wrong: every key gets 02, whatever its Y.
func bitcoinAddress(w Wallet) string {
	return addressOfKey(append([]byte{2}, w.pubKey()[:32]...))
}
