package main

// Wrong: bytes are not characters.
func mend(text string) (string, error) {
	letters := []byte(text)
	if len(letters) > 34 {
		return "", errNoAddress
	}
	if checkAddress(text) == nil {
		return text, nil
	}
	for i, typed := range letters {
		for j := range alphabet {
			letters[i] = alphabet[j]
			if checkAddress(string(letters)) == nil {
				return string(letters), nil
			}
		}
		letters[i] = typed
	}
	return "", errNoAddress
}
