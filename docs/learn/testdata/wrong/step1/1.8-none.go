package main

// Wrong: there are some.
func twin(leaves []string) []string {
	return nil
}
