package main

import (
	"flag"
	"testing"
	"time"
)

var (
	writtenChain  = flag.String("chain", "", "TestWriteChain writes a chain into this file")
	writtenBlocks = flag.Int("blocks", 100_000, "that many blocks")
)

// No test, but how those of the page in a browser get a chain of 100,000 blocks
// in seconds:
//
//	go test -run TestWriteChain . -args -chain=FILE -blocks=N
//
// Block 1 was mined by someone who hopes that a page takes its text for markup.
func TestWriteChain(t *testing.T) {
	if *writtenChain == "" {
		t.Skip("-chain names no file")
	}
	bc, w := openChain(t, *writtenChain), testWallet(t, 0)

	genesis := mine(t, nil, w, 0)
	hostile := NewBlock(&genesis.Header, []*Transaction{NewCoinbase(w.Address(), time.Unix(1_700_000_001, 0))}, time.Unix(1_700_000_001, 0))
	coinbase := hostile.Transactions[0]
	coinbase.Vins[0].PubKey = "<img src=/x onerror=document.title=666><script>document.title=666</script>"
	coinbase.TxID = coinbase.ID()
	add(t, bc, genesis, seal(t, hostile))

	empties(t, bc, *writtenBlocks-2)
}
