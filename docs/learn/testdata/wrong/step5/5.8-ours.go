package main

// Wrong: our own address.
func bitcoinAddress(w Wallet) string {
	return w.address()
}
