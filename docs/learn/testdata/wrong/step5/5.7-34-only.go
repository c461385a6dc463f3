package main

// Wrong: addresses may be shorter.
func mend(text string) (string, error) {
	letters := []rune(text)
	if len(letters) != 34 {
		return "", errNoAddress
	}
	if checkAddress(text) == nil {
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
