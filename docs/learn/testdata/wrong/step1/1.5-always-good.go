package main

// Wrong: it has nothing against any block.
func checkBlock(b, parent *Block) error {
	return nil
}
