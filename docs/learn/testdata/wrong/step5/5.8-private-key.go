package main

// Wrong: the hash of the private key.
func bitcoinAddress(w Wallet) string {
	return addressOfKey(w.key.Serialize())
}
