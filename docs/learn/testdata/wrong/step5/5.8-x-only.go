package main

// Wrong: X alone.
func bitcoinAddress(w Wallet) string {
	return addressOfKey(w.pubKey()[:32])
}
