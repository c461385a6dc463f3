package main

// Wrong: the time is that of height 0, since the height isn't there yet.
func newBlock(parent *Block, transactions []string) *Block {
	b := &Block{Transactions: transactions}
	b.Header.Timestamp = timeOf(b.Header.Height)

	if parent != nil {
		b.Header.PrevBlockHash = parent.Header.Hash
		b.Header.Height = parent.Header.Height + 1
	}
	b.Header.HashMerkleRoot = b.merkleRoot()
	b.Header.Hash = b.Header.hash()
	return b
}
