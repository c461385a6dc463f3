package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"
)

// A block is mined by hand, a hundred by the program; then somebody changes
// one, and would have to mine again.
func Example_chapter2() {
	const address = "141FZcqvuNzWo1cgVMFLuQ1rVeQXH5xv1d"
	now := time.Unix(1_700_000_000, 0)
	genesis := NewBlock(nil, []*Transaction{NewCoinbase(address, now)}, now)
	workOf := func(h *BlockHeader) [32]byte {
		return sha256.Sum256(append(ProofOfWork{h}.text(), h.nonceText()...))
	}

	block := NewBlock(&genesis.Header, []*Transaction{NewCoinbase(address, now)}, now.Add(time.Minute))
	for h := &block.Header; ; h.Nonce++ {
		fmt.Printf("nonce %2d  work %.4x…\n", h.Nonce, workOf(h))
		if (ProofOfWork{h}).Valid() {
			break
		}
	}

	hashes, parent := int64(0), &genesis.Header
	for range 100 {
		now = now.Add(time.Minute)
		b := NewBlock(parent, []*Transaction{NewCoinbase(address, now)}, now)
		if err := (ProofOfWork{&b.Header}).Run(context.Background()); err != nil {
			fmt.Println(err)
			return
		}
		hashes, parent = hashes+b.Header.Nonce+1, &b.Header
	}
	fmt.Printf("100 blocks took %d hashes\n", hashes)

	block.Transactions[0].Vouts[0].Value = 5000
	block.Header.HashMerkleRoot = MerkleRoot([]string{sha256Hex(block.Transactions[0].AppendJSON(nil))})
	fmt.Printf("\nThe block now pays 5000 coins: work %.4x…, valid: %t\n",
		workOf(&block.Header), ProofOfWork{&block.Header}.Valid())

	article := articleHeader
	fmt.Printf("The article's block: nonce %d  work %.4x…  hash %.8s…\n", article.Nonce, workOf(&article), article.Hash)
	// Output:
	// nonce  0  work b5c0b85f…
	// nonce  1  work e2cf2095…
	// nonce  2  work 80eac14a…
	// nonce  3  work 66eee4a3…
	// nonce  4  work 2df869bd…
	// nonce  5  work e04f34a1…
	// nonce  6  work b0b09df5…
	// nonce  7  work 7056f234…
	// nonce  8  work bb165d71…
	// nonce  9  work bfd14fbe…
	// nonce 10  work 5fa8756c…
	// nonce 11  work 06cc154c…
	// 100 blocks took 1910 hashes
	//
	// The block now pays 5000 coins: work 1c9da73a…, valid: false
	// The article's block: nonce 3  work 0a000c27…  hash a9d02b72…
}
