//go:build exercise

package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"strings"
	"testing"
)

// The exercises of docs/03-persistence-and-cli.md. For the first you change
// cli.go; the functions here are yours to fill in. The tests below say when
// they are right.

// findTransaction returns the block of the chain that holds a transaction, or
// an error that wraps ErrNoBlock.
func findTransaction(bc *Blockchain, txid string) (*Block, error) {
	return nil, nil
}

// exportChain writes every block of the chain to w as JSON, one a line, from
// the genesis block up.
func exportChain(bc *Blockchain, w io.Writer) error {
	return nil
}

// importChain adds the blocks that exportChain wrote. If one is bad, those
// before it are added, and the error names what is wrong.
func importChain(ctx context.Context, bc *Blockchain, r io.Reader) error {
	return nil
}

func TestExercise3PrintLast(t *testing.T) {
	n := startNode(t, NodeConfig{})
	var stdout, stderr bytes.Buffer
	if code := run(context.Background(), []string{"print", "last", "-rpc", n.RPCAddr()}, &stdout, &stderr); code != 1 {
		t.Errorf("without a chain: exit code %d, want 1: %s", code, stderr.String())
	}
	add(t, n.chain, vectorBlocks(t)...)
	if got, want := n.do("print", "last"), n.do("print", "12"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := n.do("print", "0"), n.do("print", "12"); got == want {
		t.Error("print 0 prints the last block")
	}
	if code := run(context.Background(), []string{"print", "lost", "-rpc", n.RPCAddr()}, &stdout, &stderr); code != 2 {
		t.Errorf("print lost: exit code %d, want 2", code)
	}
	if code := run(context.Background(), []string{"print", "-rpc", n.RPCAddr(), "--", "-1"}, &stdout, &stderr); code != 1 {
		t.Errorf("print -1: exit code %d, want 1", code)
	}
}

func TestExercise3Find(t *testing.T) {
	bc, blocks := newChain(t), vectorBlocks(t)
	if _, err := findTransaction(bc, blocks[0].Transactions[0].TxID); !errors.Is(err, ErrNoBlock) {
		t.Errorf("in an empty chain: %v, want ErrNoBlock", err)
	}
	add(t, bc, blocks...)
	for _, want := range blocks {
		for _, tx := range want.Transactions {
			got, err := findTransaction(bc, tx.TxID)
			if err != nil || got == nil || got.ref() != want.ref() {
				t.Errorf("%s: got %+v, %v, want block %d", tx.TxID, got, err, want.Header.Height)
			}
		}
	}
	if _, err := findTransaction(bc, strings.Repeat("0", 64)); !errors.Is(err, ErrNoBlock) {
		t.Errorf("unknown transaction: %v, want ErrNoBlock", err)
	}
}

func TestExercise3Export(t *testing.T) {
	ctx, bc, blocks := context.Background(), newChain(t), vectorBlocks(t)
	add(t, bc, blocks...)
	var file bytes.Buffer
	if err := exportChain(bc, &file); err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(file.String(), "\n")
	if len(lines) != len(blocks)+1 {
		t.Fatalf("%d lines, want %d", len(lines)-1, len(blocks))
	}
	copied := newChain(t)
	if err := importChain(ctx, copied, strings.NewReader(file.String())); err != nil {
		t.Fatal(err)
	}
	if got, want := tipOf(t, copied).ref(), tipOf(t, bc).ref(); got != want || !maps.Equal(coins(t, copied), coins(t, bc)) {
		t.Errorf("tip is %v, want %v and the same coins", got, want)
	}

	lines[7] = strings.Replace(lines[7], `"nonce": `, `"nonce": 1`, 1)
	damaged := newChain(t)
	if err := importChain(ctx, damaged, strings.NewReader(strings.Join(lines, ""))); !errors.Is(err, ErrHash) {
		t.Errorf("with another nonce: %v, want ErrHash", err)
	}
	if got := tipOf(t, damaged).Header.Height; got != 6 {
		t.Errorf("tip is block %d, want 6", got)
	}
}
