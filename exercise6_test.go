//go:build exercise

package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// The exercises of docs/06-transactions-2.md.

// set.Supply() is the sum of all coins.
func TestExercise6Supply(t *testing.T) {
	s, err := newStory(false)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	for want := int64(Subsidy); want <= 3*Subsidy; want += Subsidy {
		err := s.bc.UTXO(func(set UTXOSet) error {
			counter, ok := any(set).(interface{ Supply() int64 })
			if !ok {
				return fmt.Errorf("a UTXOSet has no method Supply() int64 yet")
			}
			if got := counter.Supply(); got != want {
				t.Errorf("supply %d, want %d", got, want)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.pay("Alice", "Bob", 100); err != nil {
			t.Fatal(err)
		}
		if m := s.pool.Mine(); m.Err != nil {
			t.Fatal(m.Err)
		}
	}
}

// `go run . coins ADDRESS` prints each coin of an address on a line: TXID:VOUT
// and its value.
func TestExercise6Coins(t *testing.T) {
	n := startNode(t, NodeConfig{PoolSize: 1})
	alice, bob := n.address("genesis_block"), n.address("createwallet")
	n.do("send", "--from", alice, "--to", bob, "--amount", "100")
	tip := tipOf(t, n.chain)
	want := map[string]bool{
		tip.Transactions[0].TxID + ":0 1000": true,
		tip.Transactions[1].TxID + ":1 900":  true,
	}
	stdout, stderr, code := tryCommand("coins", alice, "-rpc", n.RPCAddr())
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	for _, line := range lines {
		if !want[line] {
			t.Errorf("line %q", line)
		}
		delete(want, line)
	}
	for line := range want {
		t.Errorf("no line %q in %q", line, lines)
	}
}

// b.MerkleProof(i) lists the hashes that lead from transaction i up to the
// root: at each level the other node of the pair.
func TestExercise6MerkleProof(t *testing.T) {
	for n := 1; n <= 9; n++ {
		var txs []*Transaction
		for i := range n {
			txs = append(txs, NewCoinbase(testWallet(t, 0).Address(), time.Unix(int64(i), 0)))
		}
		b := NewBlock(nil, txs, time.Unix(0, 0))
		prover, ok := any(b).(interface{ MerkleProof(i int) []string })
		if !ok {
			t.Fatal("a *Block has no method MerkleProof(i int) []string yet")
		}
		for i, tx := range txs {
			hash, at := sha256Hex(tx.AppendJSON(nil)), i
			for _, other := range prover.MerkleProof(i) {
				if at%2 == 0 {
					hash = sha256Hex([]byte(hash + other))
				} else {
					hash = sha256Hex([]byte(other + hash))
				}
				at /= 2
			}
			if hash != b.Header.HashMerkleRoot {
				t.Errorf("transaction %d of %d: proof leads to %s, want %s", i, n, hash, b.Header.HashMerkleRoot)
			}
		}
	}
}
