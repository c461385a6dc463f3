package main

// Wrong: it only knows our people.
func mend(text string) (string, error) {
	if len(text) <= 34 && checkAddress(text) == nil {
		return text, nil
	}
	for _, name := range people {
		address := addressOf(name)
		wrong := 0
		for i := range address {
			if i >= len(text) || text[i] != address[i] {
				wrong++
			}
		}
		if wrong == 1 && len(text) == len(address) {
			return address, nil
		}
	}
	return "", errNoAddress
}
