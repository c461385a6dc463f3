package main

import (
	_ "embed"
	"errors"
	"strings"

	"gosimpleblockchain/view"
)

// Where each rule that the attacks break is checked. The program does not have
// its source with it, so the places stand in a file, which is made from the
// source: `go test . -run TestAttackRules -update` writes it.

//go:embed attack_rules.txt
var rulePlaces string

// key names the statement that says that a rule is broken: in which function, by
// which error, and with which words.
func (r brokenAt) key() string {
	return strings.TrimRight(strings.Join([]string{r.function, r.name, r.words}, "\t"), "\t")
}

// place returns the file and the line of that statement.
func (r brokenAt) place() string {
	for line := range strings.Lines(rulePlaces) {
		place, key, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if key == r.key() {
			return place
		}
	}
	return "?"
}

// ruleText returns the sentence of the rule that an error names, as `tx` and
// `block` have it.
func ruleText(name string) view.Words {
	unchecked := errors.New("nothing is checked")
	fail := func() error { return unchecked }
	b := &Block{Header: BlockHeader{Height: 1}}
	all := append(blockRules(b, fail, placeRule(false, fail), coinRules(false, fail)), txRules(&Transaction{}, fail)...)
	for _, rule := range all {
		if rule.Name == name {
			return rule.Text
		}
	}
	return view.Words{}
}
