package main

// Wrong: append writes behind the end of the caller's list where there's room.
func twin(leaves []string) []string {
	length, under := len(leaves), 1
	for length%2 == 0 {
		length, under = length/2, under*2
	}
	if length == 1 {
		return nil
	}
	return append(leaves, leaves[len(leaves)-under:]...)
}
