package main

// Wrong: the transactions are hashed, and then forgotten.
func newBlock(parent *Block, transactions []string) *Block {
	b := &Block{Transactions: transactions}
	if parent != nil {
		b.Header.PrevBlockHash = parent.Header.Hash
		b.Header.Height = parent.Header.Height + 1
	}

	b.Header.Timestamp = timeOf(b.Header.Height)
	b.Header.HashMerkleRoot = b.merkleRoot()
	b.Header.Hash = b.Header.hash()
	b.Transactions = nil
	return b
}
