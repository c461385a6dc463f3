package main

// Wrong: the long text has been decoded before its length is looked at.
func mend(text string) (string, error) {
	if checkAddress(text) == nil {
		return text, nil
	}
	letters := []rune(text)
	if len(letters) > 34 {
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
