package main

// Wrong: the first character may be mistyped, too.
func mend(text string) (string, error) {
	letters := []rune(text)
	if len(letters) > 34 {
		return "", errNoAddress
	}
	if checkAddress(text) == nil {
		return text, nil
	}
	for i, typed := range letters {
		if i == 0 {
			continue
		}
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
