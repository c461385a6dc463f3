package main

// Wrong: the sign is in the first bit of Y, not in the last.
func bitcoinAddress(w Wallet) string {
	key := w.pubKey()
	return addressOfKey(append([]byte{2 + key[32]>>7}, key[:32]...))
}
