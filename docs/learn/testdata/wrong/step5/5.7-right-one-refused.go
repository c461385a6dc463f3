package main

// Wrong: an address needs no mending, but it is one.
func mend(text string) (string, error) {
	letters := []rune(text)
	if len(letters) > 34 || checkAddress(text) == nil {
		return "", errNoAddress
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
