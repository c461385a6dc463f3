package main

// Wrong: it does not put the character back.
func mend(text string) (string, error) {
	letters := []rune(text)
	if len(letters) > 34 {
		return "", errNoAddress
	}
	if checkAddress(text) == nil {
		return text, nil
	}
	for i := range letters {
		for _, letter := range alphabet {
			letters[i] = letter
			if checkAddress(string(letters)) == nil {
				return string(letters), nil
			}
		}
	}
	return "", errNoAddress
}
