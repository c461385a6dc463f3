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
)

// The command `attack` has Mallory try what she can against a node of this
// program, over the wire as any peer, and shows what the node answers. All of it
// takes place on a copy of the student's chain.

const attacksAtOnce = 4 // each has a node of its own

func attackFlags(fs *flag.FlagSet, o *options) {
	rpcFlag(fs, o)
	fs.StringVar(&o.node.Data, "data", defaultData, "`directory` of the chain to copy, where no node runs")
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
	var names []string
	for _, a := range all {
		if a.name == name {
			return o.runAttacks(ctx, []attack{a})
		}
		names = append(names, a.name)
	}
	return usageError(wrap(fmt.Sprintf("attack: there is no attack %.40q: give %s, majority or all", name, strings.Join(names, ", ")), 0, ""))
}

// usualMajority returns what `attack majority` plays without flags.
func usualMajority() (usual majorityAttack) {
	majorityFlags(flag.NewFlagSet("", flag.ContinueOnError), &usual)
	return usual
}

func (o *options) listAttacks(all []attack) {
	const format = "  %-15s %s\n"
	for _, a := range all {
		fmt.Fprintf(o.stdout, format, a.name, a.short.EN)
	}
	fmt.Fprintf(o.stdout, format, "majority", "rewrite the chain with more computing power than all others")
	fmt.Fprintf(o.stdout, format, "all", "all of them but majority, and a table")
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

	t := &attackTeller{out: o.stdout, colours: coloursFor(o.stdout.Writer)}
	t.paragraph("", "Mallory attacks "+origin+". Nothing that she does here touches yours. "+
		fmt.Sprintf("First she and alice mine three honest blocks on top, up to block %d. Then alice has %d coins, bob %d, and Mallory %d.",
			w.tip().Header.Height, aliceHas, paidToBob+bought, changeHas+Subsidy))

	var outcomes []outcome
	err = playAll(ctx, w, dir, list, func(done outcome) error {
		outcomes = append(outcomes, done)
		if done.failure != "" {
			failed = append(failed, done.attack.name)
		}
		t.tell(done)
		return t.out.err
	})
	if err != nil {
		return nil, err
	}
	if len(list) > 1 {
		t.table(outcomes)
	}
	return failed, t.out.err
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
	out *output
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

// paragraph prints a text in lines that fit, and an empty one.
func (t *attackTeller) paragraph(ansi, text string) {
	fmt.Fprintf(t.out, "%s\n\n", t.paint(ansi, wrap(text, 0, "")))
}

// tell tells an attack from its beginning to its end.
func (t *attackTeller) tell(done outcome) {
	a, f := done.attack, done.forgery
	t.paragraph(ansiBold, fmt.Sprintf("%s: %s", a.name, a.short.EN))
	t.paragraph("", a.wants.EN+" "+a.forges.EN)

	for _, l := range layOut(f.shown) {
		if l.note == "" {
			fmt.Fprintln(t.out, t.paint(ansiBytes, l.text))
		} else {
			fmt.Fprintln(t.out, t.paint(ansiBytes, l.text)+t.paint(ansiMark, l.note))
		}
	}
	fmt.Fprintln(t.out)

	if f.tx != nil {
		t.paragraph("", fmt.Sprintf("She dials %s, and sends it as a message of code 3, in a list of transactions.", done.to))
	} else {
		t.paragraph("", fmt.Sprintf("She pings %s, so that the node finds her. When it shakes hands, she says that her chain has height %d, "+
			"and when it asks for a block (code 2), she serves what she has made.", done.to, f.blocks[0].Header.Height+len(f.blocks)-1))
	}
	if done.answer != "" {
		t.paragraph("", "The node "+done.answer+".")
	}
	if f.tx != nil && done.failure == "" {
		t.paragraph("", "Then she mines a block with it, and serves that. The node refuses it for the same reason.")
	}
	t.paragraph("", a.rule.String())
	if done.failure == "" {
		t.paragraph("", "The node is as before: "+done.after.String()+". "+a.honest.EN)
	}
	t.paragraph("", "The article's program "+a.article.text.EN)

	if done.failure == "" {
		t.paragraph(ansiGood, "refused")
	} else {
		t.paragraph(ansiBad, "NOT REFUSED: "+done.failure+".")
	}
}

// String tells the rule, and where it is checked.
func (r brokenAt) String() string {
	name := ""
	if r.name != "" {
		name = " (" + r.name + ")"
	}
	return fmt.Sprintf("The rule is %q%s. It is checked at %s, in %s.", r.text.EN, name, r.place(), r.function)
}

// table prints each attack in a line.
func (t *attackTeller) table(outcomes []outcome) {
	const format = "%-15s  %-15s  %-11s  %s\n"
	fmt.Fprintf(t.out, format, "attack", "rule", "here", "the article's program")
	refused := 0
	for _, done := range outcomes {
		here := padTo("✓ refused", 11)
		if done.failure != "" {
			here = "✗ NOT REFUSED"
		} else {
			refused++
		}
		fmt.Fprintf(t.out, format, done.attack.name, cmp.Or(done.attack.rule.name, "-"), here, done.attack.article.verdict)
	}
	fmt.Fprintln(t.out)
	t.paragraph("", fmt.Sprintf("%d of %d refused. When 49 dishonest chains were tried on the article's program, it took 29.", refused, len(outcomes)))
}

// String tells a reaction in a word or two.
func (r reaction) String() string {
	return [...]string{takes: "✗ takes it", takesSome: "✗ takes some", breaks: "✗ breaks", refuses: "✓ refuses it"}[r]
}
