package main

// Wrong: the old long form, with 04, X and Y.
func bitcoinAddress(w Wallet) string {
	return addressOfKey(w.key.PubKey().SerializeUncompressed())
}
