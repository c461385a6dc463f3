package main

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// The chain that the Python program has made gets onto a chain of step 6, with its
// signatures checked, and gives its coins and balances; and when it is rolled back by
// a longer branch, as if it had never been.
func TestVectors(t *testing.T) {
	text, err := os.ReadFile("../../testdata/tutorial_chain.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Blocks   []json.RawMessage
		UTXO     [][4]any
		Balances map[string]int
	}
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Blocks) == 0 || len(v.UTXO) == 0 || len(v.Balances) == 0 {
		t.Fatal("the vectors lack a part")
	}

	c := emptyChain(t)
	var blocks []*Block
	for _, raw := range v.Blocks {
		b, err := decodeBlock(raw)
		if err != nil {
			t.Fatal(err)
		}
		blocks = append(blocks, b)
		addAll(t, c, b)
	}

	coins, err := c.coins()
	if err != nil {
		t.Fatal(err)
	}
	if len(coins) != len(v.UTXO) {
		t.Errorf("%d coins, want %d", len(coins), len(v.UTXO))
	}
	for _, want := range v.UTXO {
		coin := Coin{OutPoint{want[0].(string), int(want[1].(float64))}, TXOutput{int(want[2].(float64)), want[3].(string)}}
		if !slices.Contains(coins, coin) {
			t.Errorf("no coin %v", coin)
		}
	}
	for address, want := range v.Balances {
		if got := sumOf(coinsOf(coins, address)); got != want {
			t.Errorf("balance of %s is %d, want %d", address, got, want)
		}
	}

	// A branch from block 0 that is longer by one.
	branch := blocks[:1:1]
	for len(branch) <= len(blocks) {
		branch = append(branch, next(branch[len(branch)-1], "Carol"))
	}
	addAll(t, c, branch[1:]...)
	hasTip(t, "after a longer branch", c, branch...)
	if coins, err = c.coins(); err != nil || len(coins) != len(branch) {
		t.Errorf("after a longer branch without payments there are %d coins (error %v), want one a block", len(coins), err)
	}
}

// What the story ends with: the page's numbers.
func TestStory(t *testing.T) {
	c := emptyChain(t)
	refused := 0
	for _, line := range story {
		if _, err := do(c, strings.Fields(line)); err != nil {
			refused++
		}
	}
	if refused != 1 {
		t.Errorf("%d commands are refused, want the theft alone", refused)
	}

	coins, err := c.coins()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{"Alice": 700, "Bob": 100, "Carol": 3200, "Mallory": 0, "Mia": 3000} {
		if got := sumOf(coinsOf(coins, addressOf(name))); got != want {
			t.Errorf("%s has %d, want %d", name, got, want)
		}
	}
	if tip, err := c.tip(); err != nil || !strings.HasPrefix(tip.Header.Hash, "be3398df") {
		t.Errorf("the tip is %+v (error %v), want block 6, be3398df", tip, err)
	}
}
