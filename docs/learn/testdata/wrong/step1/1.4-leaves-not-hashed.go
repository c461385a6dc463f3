package main

// Wrong: the Merkle root of the transactions, not of their hashes.
func newBlock(parent *Block, transactions []string) *Block {
	b := &Block{Transactions: transactions}
	if parent != nil {
		b.Header.PrevBlockHash = parent.Header.Hash
		b.Header.Height = parent.Header.Height + 1
	}

	b.Header.Timestamp = timeOf(b.Header.Height)
	b.Header.HashMerkleRoot = merkleRoot(transactions)
	b.Header.Hash = b.Header.hash()
	return b
}
