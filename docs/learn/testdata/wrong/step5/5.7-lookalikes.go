package main

import "strings"

// Wrong: it only mends 0, O, I and l.
func mend(text string) (string, error) {
	letters := []rune(text)
	if len(letters) > 34 {
		return "", errNoAddress
	}
	if checkAddress(text) == nil {
		return text, nil
	}
	for _, typed := range []string{"0o", "Oo", "I1", "l1", "oo"} {
		address := strings.ReplaceAll(text, typed[:1], typed[1:])
		if checkAddress(address) == nil {
			return address, nil
		}
	}
	return "", errNoAddress
}
