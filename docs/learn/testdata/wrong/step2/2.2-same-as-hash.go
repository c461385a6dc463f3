package main

// Wrong: the hash is another one.
func (h BlockHeader) work() string {
	return h.hash()
}
