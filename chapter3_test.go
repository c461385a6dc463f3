package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A chain outlives the program that made it; then a node opens the same file,
// and commands ask the node.
func Example_chapter3() {
	check := func(err error) {
		if err != nil {
			fmt.Println(err)
		}
	}
	dir, err := os.MkdirTemp("", "chapter3-")
	check(err)
	defer os.RemoveAll(dir)
	file, log := filepath.Join(dir, "chain.db"), slog.New(slog.DiscardHandler)
	ctx, now := context.Background(), time.Unix(1_700_000_000, 0)

	bc, err := OpenBlockchain(ctx, file, log)
	check(err)
	var parent *BlockHeader
	for range 3 {
		b := NewBlock(parent, []*Transaction{NewCoinbase("141FZcqvuNzWo1cgVMFLuQ1rVeQXH5xv1d", now)}, now)
		if parent != nil {
			check(ProofOfWork{&b.Header}.Run(ctx))
		}
		check(bc.AddBlocks(ctx, []json.RawMessage{b.AppendJSON(nil)}))
		parent, now = &b.Header, now.Add(time.Minute)
	}
	check(bc.Close())
	fmt.Println("Three blocks are on disk, and the file is closed.")

	bc, err = OpenBlockchain(ctx, file, log)
	check(err)
	b, err := bc.Tip()
	for err == nil {
		fmt.Printf("block %d  %.8s…  parent %.8q\n", b.Header.Height, b.Header.Hash, b.Header.PrevBlockHash)
		b, err = bc.BlockByHash(b.Header.PrevBlockHash)
	}
	fmt.Println("and further back:", err)

	forged := NewBlock(parent, []*Transaction{NewCoinbase("141FZcqvuNzWo1cgVMFLuQ1rVeQXH5xv1d", now)}, now)
	fmt.Println("\nA block without work:", bc.AddBlocks(ctx, []json.RawMessage{forged.AppendJSON(nil)}))
	check(bc.Close())

	node, err := OpenNode(ctx, NodeConfig{Listen: "127.0.0.1:0", RPC: "127.0.0.1:0", Data: dir, PoolSize: 2}, log)
	check(err)
	ctx, stop := context.WithCancel(ctx)
	stopped := make(chan error)
	go func() { stopped <- node.Run(ctx) }()
	for _, height := range []string{"1", "7"} {
		fmt.Println("\n$ go run . print", height)
		var text bytes.Buffer
		rpcFlag := " -rpc " + node.RPCAddr() // which is another one in each run
		code := run(ctx, strings.Fields("print "+height+rpcFlag), &text, &text)
		fmt.Print(strings.ReplaceAll(text.String(), rpcFlag, ""))
		fmt.Println("exit code", code)
	}
	stop()
	check(<-stopped)
	// Output:
	// Three blocks are on disk, and the file is closed.
	// block 2  9052f72a…  parent "daac43d0"
	// block 1  daac43d0…  parent "6cbd4c2e"
	// block 0  6cbd4c2e…  parent ""
	// and further back: no such block
	//
	// A block without work: block 3: not enough work: nonce 0
	//
	// $ go run . print 1
	// {"timestamp": "1700000060.0", "prev_block_hash": "6cbd4c2e5f08ce382e77f5a8bae3517df70351eb3cacce2b7d755384bcb3b238", "hash": "daac43d02d1e1213ea2ce67a23ffff8bd6cb9ef04c680031443d5b3cd623f89f", "hash_merkle_root": "1964a8cff220f1a64aeb2bd44690a74e1cf8dd628ddb3e25b1c3eefc3525512a", "height": 1, "nonce": 6}
	// exit code 0
	//
	// $ go run . print 7
	// no such block at height 7: the last one is `go run . print 2`
	// exit code 1
}
