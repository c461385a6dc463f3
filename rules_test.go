package main

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"gosimpleblockchain/view"
)

// ruleNames names the rule that is shown as broken for an error, where it is not
// that of the error itself. In a block one rule tells of the form of all
// transactions.
var (
	ruleNames = map[error]string{
		ErrNoTxs: "ErrBlockSize", ErrSpent: "ErrNoCoin", ErrPubKey: "ErrSignature", ErrEmptyTx: "ErrMalformed", ErrChecksum: "ErrAddress",
	}
	ruleNamesInBlock = map[error]string{
		ErrDuplicateInput: "ErrTxID", ErrValue: "ErrTxID", ErrAddress: "ErrTxID", ErrChecksum: "ErrTxID", ErrEmptyTx: "ErrTxID",
	}
	ruleErrors = map[error]string{
		ErrMagic: "ErrMagic", ErrMalformed: "ErrMalformed", ErrTimestamp: "ErrTimestamp", ErrHash: "ErrHash", ErrWork: "ErrWork",
		ErrBlockSize: "ErrBlockSize", ErrTxID: "ErrTxID", ErrCoinbase: "ErrCoinbase", ErrDuplicateTx: "ErrDuplicateTx",
		ErrMerkleRoot: "ErrMerkleRoot", ErrSignature: "ErrSignature", ErrParent: "ErrParent", ErrNoCoin: "ErrNoCoin",
		ErrNotOwner: "ErrNotOwner", ErrOverspend: "ErrOverspend", ErrTxIDInUse: "ErrTxIDInUse",
		ErrDuplicateInput: "ErrDuplicateInput", ErrValue: "ErrValue", ErrAddress: "ErrAddress",
	}
)

// The rules in the checks that are made, one after another.
var (
	blockChecks = []string{
		"ErrMagic ErrMalformed ErrTimestamp ErrHash ErrWork",
		"ErrBlockSize ErrTxID ErrCoinbase ErrDuplicateTx ErrMerkleRoot",
		"ErrSignature",
		"ErrParent",
		"ErrNoCoin ErrNotOwner ErrOverspend ErrTxIDInUse",
	}
	txChecks = []string{
		"ErrMalformed ErrCoinbase ErrDuplicateInput ErrValue ErrAddress ErrTxID",
		"ErrSignature",
		"ErrNoCoin ErrNotOwner ErrOverspend ErrTxIDInUse",
	}
)

// wantBroken checks that one of some rules is shown as broken, and why; that those
// of earlier checks hold, and that nothing is said of the others.
func wantBroken(t *testing.T, rules []view.Rule, checks []string, want error, names ...string) {
	t.Helper()
	broken := slices.IndexFunc(rules, func(r view.Rule) bool { return r.State == view.RuleBroken })
	if broken < 0 || !slices.Contains(names, rules[broken].Name) {
		t.Fatalf("rules are %v, want %q broken", rules, names)
	}
	if why := rules[broken].Why; !strings.Contains(why, want.Error()) && slices.Contains(names[:1], rules[broken].Name) {
		t.Errorf("why is %q, want %q in it", why, want)
	}

	check := func(r view.Rule) int {
		return slices.IndexFunc(checks, func(names string) bool { return slices.Contains(strings.Fields(names), r.Name) })
	}
	for i, r := range rules {
		state := view.RuleUnchecked
		switch {
		case i == broken:
			continue
		case check(r) < check(rules[broken]):
			state = view.RuleHolds
		}
		if check(r) < 0 || r.State != state || r.Why != "" {
			t.Errorf("%s %s, %q, want it %s", r.Name, r.State, r.Why, state)
		}
	}
}

// wantHold checks that all rules hold, but for the last few, which are not checked.
func wantHold(t *testing.T, rules []view.Rule, number, unchecked int) {
	t.Helper()
	if len(rules) != number {
		t.Errorf("%d rules, want %d", len(rules), number)
	}
	for i, r := range rules {
		want := view.RuleHolds
		if i >= number-unchecked {
			want = view.RuleUnchecked
		}
		if r.State != want || r.Why != "" || r.Text.EN == "" || r.Text.ZH == "" {
			t.Errorf("%v, want it %s", r, want)
		}
	}
}

// Each dishonest block is shown with the rule that it breaks, and with no other.
func TestBlockRulesAreShown(t *testing.T) {
	t.Parallel()
	v := newVictim(t)
	cases := dishonestBlocks()
	for _, tx := range dishonestTxs() {
		cases = append(cases, dishonestBlock{"transaction/" + tx.name, tx.want, func(t *testing.T, v *victim, parent *Block) *Block {
			return mine(t, parent, v.alice, 3, tx.make(t, v))
		}})
	}

	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			b := test.make(t, v, v.tip)
			rules := must(read(v.bc, func(c chain) ([]view.Rule, error) {
				return inspect(v.pool).blockRules(c, b, true), nil // as if it were on the chain
			}))(t)

			names := []string{cmp.Or(ruleNamesInBlock[test.want], ruleNames[test.want], ruleErrors[test.want])}
			switch test.want {
			case ErrParent: // a parent that is no hash at all
				names = append(names, "ErrMalformed")
			case ErrMalformed: // one of the transactions is
				names = append(names, "ErrTxID")
			}
			wantBroken(t, rules, blockChecks, test.want, names...)
		})
	}
}

// Each dishonest transaction is shown with the rule that it breaks.
func TestTransactionRulesAreShown(t *testing.T) {
	t.Parallel()
	v := newVictim(t)
	for _, test := range dishonestTxs() {
		t.Run(test.name, func(t *testing.T) {
			tx := test.make(t, v)
			rules := must(read(v.bc, func(c chain) ([]view.Rule, error) {
				return txRules(tx, func() error { return NewCoinView(UTXOSet(c).Coin).Apply(tx) }), nil
			}))(t)
			wantBroken(t, rules, txChecks, test.want, cmp.Or(ruleNames[test.want], ruleErrors[test.want]))
		})
	}

	tx := NewCoinbase(v.alice.Address(), victimTime)
	tx.Vouts[0].Value++
	tx.TxID = tx.ID()
	wantBroken(t, txRules(tx, func() error { return nil }), txChecks, ErrCoinbase, "ErrCoinbase")
}

// What is honest keeps every rule that there is for it. A genesis block has no
// work and no parent, and a coinbase no inputs; the coins of a block beside the
// chain are not checked yet.
func TestRulesHold(t *testing.T) {
	v := newVictim(t)
	i := inspect(v.pool)
	wantHold(t, must(i.Block("last"))(t).Rules, 16, 0)
	wantHold(t, must(i.Block("5"))(t).Rules, 12, 0) // no payment
	wantHold(t, must(i.Block("0"))(t).Rules, 10, 0)
	wantHold(t, must(i.Block(v.rival.Header.Hash))(t).Rules, 16, 4)

	wantHold(t, must(i.Tx(v.tip.Transactions[0].TxID))(t).Rules, 6, 0)
	wantHold(t, must(i.Tx(v.tip.Transactions[1].TxID))(t).Rules, 10, 0)
	wantHold(t, must(i.Tx(v.pool.Transactions()[0].TxID))(t).Rules, 10, 0)
	wantHold(t, must(i.Tx(v.rival.Transactions[0].TxID))(t).Rules, 6, 1)
}

// A check that ends for another reason than a rule says nothing of the rules.
func TestJudge(t *testing.T) {
	rules := func() []rule {
		return []rule{{name: "a", errs: []error{ErrHash}}, {name: "b", errs: []error{ErrWork, ErrMagic}}}
	}
	exempt := []rule{{name: "a", errs: []error{ErrHash}, exempt: true}, {name: "b", errs: []error{ErrWork}}}
	tests := []struct {
		name string
		errs [2]error // of the checks
		want string   // states
	}{
		{"all well", [2]error{}, "holds holds holds"},
		{"first broken", [2]error{ErrHash, ErrWork}, "broken unchecked unchecked"},
		{"second error of a rule", [2]error{ErrMagic, nil}, "unchecked broken unchecked"},
		{"last broken", [2]error{nil, ErrWork}, "holds holds broken"},
		{"no rule", [2]error{context.Canceled, nil}, "unchecked unchecked unchecked"},
		{"no rule in the last", [2]error{nil, errors.New("disk")}, "holds holds unchecked"},
	}
	for _, tt := range tests {
		var states []string
		for _, r := range judge(ruleCheck{rules(), func() error { return tt.errs[0] }}, ruleCheck{exempt, func() error { return tt.errs[1] }}) {
			states = append(states, r.State)
		}
		if got := strings.Join(states, " "); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}
