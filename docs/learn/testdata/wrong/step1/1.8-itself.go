package main

// Wrong: the list itself isn't longer.
func twin(leaves []string) []string {
	return leaves
}
