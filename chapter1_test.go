package main

import (
	"fmt"
	"time"
)

// Three blocks, each bound to the one before it by a hash; then somebody
// changes the past.
func Example_chapter1() {
	const address = "141FZcqvuNzWo1cgVMFLuQ1rVeQXH5xv1d"
	now := time.Unix(1_700_000_000, 0)
	var chain []*Block
	var parent *BlockHeader // the first block has none
	for range 3 {
		b := NewBlock(parent, []*Transaction{NewCoinbase(address, now)}, now)
		fmt.Printf("block %d  hash %.8s…  parent %.8q\n", b.Header.Height, b.Header.Hash, b.Header.PrevBlockHash)
		chain, parent, now = append(chain, b), &b.Header, now.Add(time.Minute)
	}
	fmt.Println(string(chain[1].Header.AppendJSON(nil)))

	one := chain[1]
	one.Transactions[0].Vouts[0].Value = 5000
	leaf := sha256Hex(one.Transactions[0].AppendJSON(nil))
	fmt.Println("\nBlock 1 now pays 5000 coins instead of 1000.")
	fmt.Printf("its header says  %.8s…\nits content says %.8s…\n", one.Header.HashMerkleRoot, MerkleRoot([]string{leaf}))

	one.Header.HashMerkleRoot = MerkleRoot([]string{leaf})
	one.Header.Hash = one.Header.hash()
	fmt.Println("\nThe forger writes a new root and a new hash into the header.")
	fmt.Printf("block 1 is       %.8s…\nblock 2 wants    %.8s…\n", one.Header.Hash, chain[2].Header.PrevBlockHash)
	// Output:
	// block 0  hash 6cbd4c2e…  parent ""
	// block 1  hash aef65697…  parent "6cbd4c2e"
	// block 2  hash e11201de…  parent "aef65697"
	// {"timestamp": "1700000060.0", "prev_block_hash": "6cbd4c2e5f08ce382e77f5a8bae3517df70351eb3cacce2b7d755384bcb3b238", "hash": "aef65697b016130c2d216bb5e08195e7aae3ae5d6aa76950ec35ea4b7c69b8c1", "hash_merkle_root": "1964a8cff220f1a64aeb2bd44690a74e1cf8dd628ddb3e25b1c3eefc3525512a", "height": 1, "nonce": 0}
	//
	// Block 1 now pays 5000 coins instead of 1000.
	// its header says  1964a8cf…
	// its content says 26e90c90…
	//
	// The forger writes a new root and a new hash into the header.
	// block 1 is       a8e22b7e…
	// block 2 wants    aef65697…
}
