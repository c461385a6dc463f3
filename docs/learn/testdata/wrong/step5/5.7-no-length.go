package main

// Wrong: a text of a million characters keeps it busy for hours.
func mend(text string) (string, error) {
	letters := []rune(text)
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
