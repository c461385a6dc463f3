package main

// Wrong: block 0 has no parent.
func newBlock(parent *Block, transactions []string) *Block {
	b := &Block{Transactions: transactions}
	b.Header.PrevBlockHash = parent.Header.Hash
	b.Header.Height = parent.Header.Height + 1

	b.Header.Timestamp = timeOf(b.Header.Height)
	b.Header.HashMerkleRoot = b.merkleRoot()
	b.Header.Hash = b.Header.hash()
	return b
}
