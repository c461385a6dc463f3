package main

import "github.com/btcsuite/btcutil/base58"

// Wrong: it gives a text a new checksum: that is another address.
func mend(text string) (string, error) {
	if len(text) > 34 {
		return "", errNoAddress
	}
	if checkAddress(text) == nil {
		return text, nil
	}
	b := base58.Decode(text)
	if len(b) != 25 {
		return "", errNoAddress
	}
	return base58.CheckEncode(b[1:21], 0), nil
}
