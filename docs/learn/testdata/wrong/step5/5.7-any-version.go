package main

import "github.com/btcsuite/btcutil/base58"

// Wrong: an address of another kind is none.
func mend(text string) (string, error) {
	letters := []rune(text)
	if len(letters) > 34 {
		return "", errNoAddress
	}
	if _, _, err := base58.CheckDecode(text); err == nil {
		return text, nil
	}
	for i, typed := range letters {
		for _, letter := range alphabet {
			letters[i] = letter
			if checkAddress(string(letters)) == nil {
				return string(letters), nil
			}
		}
		letters[i] = typed
	}
	return "", errNoAddress
}
