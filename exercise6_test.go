//go:build exercise

package main

import (
	"fmt"
	"slices"
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

// p.Expire(before) drops the transactions that came before a time, by the
// chain's clock, and returns how many these were.
func TestExercise6Expire(t *testing.T) {
	s, err := newStory(false)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	expirer, ok := any(s.pool).(interface{ Expire(before time.Time) int })
	if !ok {
		t.Fatal("a *TxPool has no method Expire(before time.Time) int yet")
	}
	var arrived []time.Time
	for amount := int64(1); amount <= 4; amount++ {
		arrived = append(arrived, s.now)
		if err := s.pay("Alice", "Bob", amount); err != nil { // and a minute passes
			t.Fatal(err)
		}
	}
	want := s.pool.Transactions()
	for _, tt := range []struct {
		before  time.Time
		dropped int
	}{{arrived[0], 0}, {arrived[1], 1}, {arrived[1], 0}, {arrived[3], 2}, {s.now, 1}} {
		if got := expirer.Expire(tt.before); got != tt.dropped {
			t.Errorf("%d dropped, want %d", got, tt.dropped)
		}
		want = want[tt.dropped:]
		if got := s.pool.Transactions(); !slices.Equal(got, want) {
			t.Errorf("pool has %d transactions, want the last %d", len(got), len(want))
		}
	}
}
