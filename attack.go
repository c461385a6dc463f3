package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"gosimpleblockchain/view"
)

// The command `attack` has Mallory try what she can against a node of this
// program, over the wire as any peer, and shows what the node answers. All of it
// takes place on a copy of the student's chain.

const attacksAtOnce = 4 // each has a node of its own

func attackFlags(fs *flag.FlagSet, o *options) {
	rpcFlag(fs, o)
	dataFlag(fs, o, "`directory` of the chain to copy, where no node runs (default data)")
	majorityFlags(fs, &o.majority)
}

// attackCmd is the command: it lists the attacks, or runs one or all. It succeeds
// only if all that it runs are refused.
func attackCmd(ctx context.Context, o *options) error {
	all := attacks()
	if len(o.args) == 0 {
		o.listAttacks(all)
		return nil
	}

	name := o.args[0]
	if name == "majority" {
		return majority(ctx, o, o.majority)
	}
	if o.majority != usualMajority() {
		return usageError("attack: -power, -confirmations, -races and -seed are for `go run . attack majority` only")
	}
	if name == "all" {
		return o.runAttacks(ctx, all)
	}
	for _, a := range all {
		if a.name == name {
			return o.runAttacks(ctx, []attack{a})
		}
	}
	return usageError(fmt.Sprintf("attack: there is no attack %.40q: `go run . attack` lists them", name))
}

// usualMajority returns what `attack majority` plays without flags.
func usualMajority() (usual majorityAttack) {
	majorityFlags(flag.NewFlagSet("", flag.ContinueOnError), &usual)
	return usual
}

func (o *options) listAttacks(all []attack) {
	const format = "  %-15s %s\n"
	for _, a := range all {
		fmt.Fprintf(o.stdout, format, a.name, inLanguage(a.short, o.chinese))
	}
	fmt.Fprintf(o.stdout, format, "majority", o.say("rewrite the chain with more computing power than all others"))
	fmt.Fprintf(o.stdout, format, "all", o.say("all of them but majority, and a table"))
	o.hint("see one with `go run . attack theft`: it runs on a copy of your chain")
}

// runAttacks runs attacks, and prints them in order.
func (o *options) runAttacks(ctx context.Context, list []attack) error {
	dir, err := os.MkdirTemp("", "attack-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)

	failed, err := o.runAttacksIn(ctx, dir, list)
	switch {
	case ctx.Err() != nil:
		return errors.New("the attack was stopped")
	case err != nil:
		return err
	case len(failed) > 0:
		return fmt.Errorf("not refused: %s", strings.Join(failed, ", "))
	}

	next := nextAttack(list[len(list)-1].name)
	o.hint(fmt.Sprintf("the next one is `go run . attack %s`", next))
	return nil
}

// nextAttack returns which attack to look at after another.
func nextAttack(name string) string {
	all := attacks()
	i := slices.IndexFunc(all, func(a attack) bool { return a.name == name })
	if i+1 < len(all) {
		return all[i+1].name
	}
	return "majority"
}

// runAttacksIn runs attacks, whose files are in dir, and returns the names of
// those that are not refused.
func (o *options) runAttacksIn(ctx context.Context, dir string, list []attack) (failed []string, err error) {
	path := filepath.Join(dir, "chain.db")
	origin, err := o.copyChain(ctx, path)
	if err != nil {
		return nil, err
	}
	w, err := openWorld(ctx, path)
	if err != nil {
		return nil, err
	}
	defer w.chain.Close()

	t := &attackTeller{options: o, colours: coloursFor(o.stdout.Writer)}
	t.show("", o.sayf("Mallory attacks %s. Nothing that she does here touches yours.", origin),
		o.sayf("First she and alice mine three honest blocks on top, up to block %d. Then alice has %d coins, bob %d, and Mallory %d.",
			w.tip().Header.Height, aliceHas, paidToBob+bought, changeHas+Subsidy))

	var outcomes []outcome
	err = playAll(ctx, w, dir, list, func(done outcome) error {
		outcomes = append(outcomes, done)
		if done.failure != "" {
			failed = append(failed, done.attack.name)
		}
		t.tellOutcome(done)
		return o.stdout.err
	})
	if err != nil {
		return nil, err
	}
	if len(list) > 1 {
		t.table(outcomes)
	}
	return failed, o.stdout.err
}

// playAll plays attacks, a few side by side, and hands on what became of them, in
// order.
func playAll(ctx context.Context, w *world, dir string, list []attack, tell func(outcome) error) error {
	var playing sync.WaitGroup
	defer playing.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // runs first

	type result struct {
		outcome
		err error
	}
	results := make([]chan result, len(list))
	places := make(chan struct{}, attacksAtOnce)
	for i := range list {
		results[i] = make(chan result, 1)
	}

	playing.Go(func() {
		for i, a := range list {
			select {
			case places <- struct{}{}:
			case <-ctx.Done():
				return
			}
			playing.Go(func() {
				home := filepath.Join(dir, a.name)
				done, err := a.play(ctx, w, home)
				os.RemoveAll(home)
				results[i] <- result{done, err}
				<-places
			})
		}
	})

	for i, a := range list {
		select {
		case r := <-results[i]:
			if r.err != nil {
				return fmt.Errorf("%s: %w", a.name, r.err)
			}
			if err := tell(r.outcome); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// An attackTeller prints what became of attacks.
type attackTeller struct {
	*options
	colours
}

// Colours of a terminal.
const (
	ansiBold  = "1"
	ansiBytes = "36"
	ansiMark  = "1;33"
	ansiGood  = "1;32"
	ansiBad   = "1;31"
)

// show prints a paragraph, and an empty line.
func (t *attackTeller) show(ansi string, sentences ...string) {
	fmt.Fprintf(t.stdout, "%s\n\n", t.paint(ansi, t.paragraph(sentences...)))
}

// words returns a text of the table of attacks in the reader's language.
func (t *attackTeller) words(w view.Words) string { return inLanguage(w, t.chinese) }

// tellOutcome tells an attack from its beginning to its end.
func (t *attackTeller) tellOutcome(done outcome) {
	a, f := done.attack, done.forgery
	t.show(ansiBold, a.name+t.words(colon)+t.words(a.short))
	t.show("", t.words(a.wants), t.words(a.forges))

	var lines []shownLine
	for _, l := range f.shown {
		lines = append(lines, shownLine{l.text, t.say(l.note)})
	}
	for _, l := range layOut(lines) {
		if l.note == "" {
			fmt.Fprintln(t.stdout, t.paint(ansiBytes, l.text))
		} else {
			fmt.Fprintln(t.stdout, t.paint(ansiBytes, l.text)+t.paint(ansiMark, l.note))
		}
	}
	fmt.Fprintln(t.stdout)

	if f.tx != nil {
		t.show("", t.sayf("She dials %s, and sends it as a message of code 3, in a list of transactions.", done.to))
	} else {
		t.show("", t.sayf("She pings %s, so that the node finds her. When it shakes hands, she says that her chain has height %d, "+
			"and when it asks for a block (code 2), she serves what she has made.", done.to, f.blocks[0].Header.Height+len(f.blocks)-1))
	}
	if done.answer != (view.Words{}) {
		t.show("", t.sayf("The node %s.", t.words(done.answer)))
	}
	if f.tx != nil && done.failure == "" {
		t.show("", t.say("Then she mines a block with it, and serves that. The node refuses it for the same reason."))
	}
	t.tellRule(a.rule)
	if done.failure == "" {
		t.show("", t.sayf("The node is as before: %s.", done.after), t.words(a.honest))
	}
	t.show("", t.sayf("The article's program %s", t.words(a.article.text)))

	if done.failure == "" {
		t.show(ansiGood, t.say("refused"))
	} else {
		t.show(ansiBad, t.sayf("NOT REFUSED: %s.", done.failure))
	}
}

// tellRule tells the rule that is broken, and where it is checked.
func (t *attackTeller) tellRule(r brokenAt) {
	rule := t.sayf(`The rule is "%s".`, t.words(r.text))
	if r.name != "" {
		rule = t.sayf(`The rule is "%s" (%s).`, t.words(r.text), r.name)
	}
	t.show("", rule, t.sayf("It is checked at %s, in %s.", r.place(), r.function))
}

// table prints each attack in a line.
func (t *attackTeller) table(outcomes []outcome) {
	line := func(name, rule, here, article string) {
		fmt.Fprintf(t.stdout, "%s  %s  %s  %s\n", padTo(name, 15), padTo(rule, 17), padTo(here, 13), article)
	}
	line(t.say("attack"), t.say("rule"), t.say("here"), t.say("the article's program"))
	refused := 0
	for _, done := range outcomes {
		here := t.say("✓ refused")
		if done.failure != "" {
			here = t.say("✗ NOT REFUSED")
		} else {
			refused++
		}
		line(done.attack.name, cmp.Or(done.attack.rule.name, "-"), here, t.say(done.attack.article.verdict.String()))
	}
	fmt.Fprintln(t.stdout)
	t.show("", t.sayf("%d of %d refused.", refused, len(outcomes)),
		t.say("When 49 dishonest chains were tried on the article's program, it took 29."))
}

// String tells a reaction in a word or two.
func (r reaction) String() string {
	return [...]string{takes: "✗ takes it", takesSome: "✗ takes some", breaks: "✗ breaks", refuses: "✓ refuses it"}[r]
}
