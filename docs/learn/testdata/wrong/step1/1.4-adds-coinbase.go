package main

// Wrong: it adds a coinbase of its own.
func newBlock(parent *Block, transactions []string) *Block {
	b := &Block{Transactions: append([]string{coinbase(mia, 0)}, transactions...)}
	if parent != nil {
		b.Header.PrevBlockHash = parent.Header.Hash
		b.Header.Height = parent.Header.Height + 1
	}

	b.Header.Timestamp = timeOf(b.Header.Height)
	b.Header.HashMerkleRoot = b.merkleRoot()
	b.Header.Hash = b.Header.hash()
	return b
}
