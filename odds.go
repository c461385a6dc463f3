package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"time"
)

const (
	paidInRace   = 100          // coins that the merchant is paid
	maxFinds     = 2000         // blocks found in one race: then it is left undecided
	batchInRace  = 500          // blocks handed over to the node at once
	hopeless     = 1.0 / 10_000 // chance to catch up, below which Mallory gives up
	unlikely     = 0.001        // the paper asks how many confirmations give her less
	widestBar    = 20           // squares in a row; beyond that a number says how many
	toldFinds    = 24           // blocks of a race that are told; of a longer one only the ends are
	toldBegin    = 14           // those at the beginning
	deviations95 = 1.959964     // of a normal distribution, on either side: they hold 95 % of it
)

// A majorityAttack says what `attack majority` plays: the attack of section 11
// of Bitcoin's paper.
//
// Paper: https://bitcoin.org/bitcoin.pdf
type majorityAttack struct {
	power         int    // Mallory's part of all computing power, in percent: 1 to 99
	confirmations int    // blocks that the merchant waits for, counting that of the payment
	races         int    // how often she tries
	seed          uint64 // of the draws
}

// majorityFlags registers the flags of `attack majority`.
func majorityFlags(fs *flag.FlagSet, a *majorityAttack) {
	*a = majorityAttack{power: 40, confirmations: 6, races: 200, seed: 7}
	number := func(name, usage string, lowest, highest int64, set func(int64)) {
		fs.Func(name, usage, func(s string) error {
			n, err := parseDecimal(s, lowest, highest)
			if err == nil {
				set(n)
			}
			return err
		})
	}

	number("power", "majority: `percent` of the computing power, 1 to 99 (default 40)", 1, 99,
		func(n int64) { a.power = int(n) })
	number("confirmations", "majority: `blocks` that the merchant waits for, 0 to 50 (default 6)", 0, 50,
		func(n int64) { a.confirmations = int(n) })
	number("races", "majority: `times` that Mallory tries, 1 to 10000 (default 200)", 1, 10_000,
		func(n int64) { a.races = int(n) })
	number("seed", "majority: `number` that the draws follow from (default 7)", 0, math.MaxInt64,
		func(n int64) { a.seed = uint64(n) })
}

// majority is the command `attack majority`: it plays the races, and prints how
// many Mallory wins beside what the formulas say.
func majority(ctx context.Context, o *options, a majorityAttack) error {
	a.tellRules(o)
	if o.stdout.err != nil {
		return o.stdout.err
	}

	races, err := a.play(ctx)
	if ctx.Err() != nil {
		return errors.New("the races were stopped")
	}
	if err != nil {
		return err
	}

	a.tellRace(o, races)
	a.tellOdds(o, races)
	a.advise(o)
	return nil
}

// q is Mallory's chance to find the next block.
func (a majorityAttack) q() float64 { return float64(a.power) / 100 }

// mostBehind is the furthest that she may be behind and still go on. To win she
// must gain one block more than that, and her chance to gain n blocks ever is
// (q/p)^n. So a race that she gives up would have been won with a chance below
// hopeless, and by no more are the races' odds too low.
func (a majorityAttack) mostBehind() int {
	if a.power >= 50 {
		return math.MaxInt // she catches up, sooner or later
	}

	behind, ratio := 0, a.q()/(1-a.q())
	for math.Pow(ratio, float64(behind+2)) >= hopeless {
		behind++
	}
	return behind
}

// A race is one attempt of Mallory's.
//
// In the paper she has won when her branch is as long as the honest one. A node
// stays with the branch that it saw first: hers must be longer. But she may mine
// before she pays, and starts with one block in hand, with which both are the
// same race, as in Rosenfeld's paper.
type race struct {
	finds          []bool // who found each block after that: true is Mallory
	honest, secret int    // blocks of each branch at the end
	fooled         int    // the most confirmations with which her branch was longer, at any time
	end            raceEnding
	removed, added int // blocks that the node took off and put on, if she won
}

// A raceEnding is how a race ends.
type raceEnding int

const (
	raceLost raceEnding = iota // Mallory gives up: she is too far behind
	raceOpen                   // after maxFinds blocks she is neither ahead nor too far behind
	raceWon                    // the node is on her branch
)

// draw draws who finds each block, until the race is over. It plays what would
// take hours if blocks were hard to find. Mining is the same lottery: each try
// may be the lucky one, whatever came before, so the next block is found by
// either side with a chance as large as its part of all computing power.
//
// Once her branch is longer than the merchant waits, Mallory is sure to be ahead
// when the goods come, and rests until then.
func (a majorityAttack) draw(rng *rand.Rand) race {
	r := race{secret: 1}
	for {
		ahead := r.secret > r.honest
		if ahead {
			r.fooled = r.honest
		}

		switch {
		case ahead && r.honest >= a.confirmations: // the goods are hers: she publishes
			r.end = raceWon
			return r
		case r.honest-r.secret > a.mostBehind():
			r.end = raceLost
			return r
		case len(r.finds) == maxFinds:
			r.end = raceOpen
			return r
		}

		rests := r.honest < a.confirmations && r.secret > a.confirmations
		mallory := !rests && rng.Float64() < a.q()
		r.finds = append(r.finds, mallory)
		if mallory {
			r.secret++
		} else {
			r.honest++
		}
	}
}

// play draws the races, and runs each on real blocks.
func (a majorityAttack) play(ctx context.Context) ([]race, error) {
	dir, err := os.MkdirTemp("", "attack-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)

	track, err := openTrack(ctx, filepath.Join(dir, "chain.db"))
	if err != nil {
		return nil, err
	}
	defer track.bc.Close()

	var races []race
	rng := rand.New(rand.NewPCG(a.seed, 0))
	for range a.races {
		r := a.draw(rng)
		if err := track.run(ctx, &r); err != nil {
			return nil, fmt.Errorf("race %d: %w", len(races)+1, err)
		}
		races = append(races, r)
	}
	return races, nil
}

// A raceTrack is the chain of the node that Mallory attacks. Each race begins
// where the one before has ended.
type raceTrack struct {
	bc                       *Blockchain
	mallory, merchant, miner *Wallet // the miner has the rewards of the honest blocks
	tip                      *BlockHeader
	clock                    time.Time // of the last block: the next comes a second later
	change                   Change    // how the chain moved last
}

// openTrack makes a chain at path that has its genesis block.
func openTrack(ctx context.Context, path string) (*raceTrack, error) {
	t := &raceTrack{clock: time.Unix(1_700_000_000, 0)}
	for _, w := range []**Wallet{&t.mallory, &t.merchant, &t.miner} {
		var err error
		if *w, err = NewWallet(); err != nil {
			return nil, err
		}
	}

	bc, err := OpenBlockchain(ctx, path, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	bc.db.NoSync, bc.db.NoGrowSync = true, true // the file goes at the end: it need not survive a power cut
	bc.onChange = func(c Change) { t.change = c }
	t.bc = bc

	genesis := NewBlock(nil, []*Transaction{NewCoinbase(t.miner.Address(), t.clock)}, t.clock)
	if err := t.handOver(ctx, []*Block{genesis}); err != nil {
		bc.Close()
		return nil, err
	}
	t.tip = &genesis.Header
	return t, nil
}

// run plays one race: it mines the blocks in the order that was drawn, hands
// them over, and asks the node what has become of the payment.
func (t *raceTrack) run(ctx context.Context, r *race) error {
	// Mallory gets a coin, and pays with it twice.
	start, err := t.mine(ctx, t.tip, t.mallory)
	if err != nil {
		return err
	}
	if err := t.handOver(ctx, []*Block{start}); err != nil {
		return err
	}

	coin := Coin{OutPoint: OutPoint{start.Transactions[0].TxID, 0}, Value: Subsidy}
	payment, err := NewTransaction(t.mallory, t.merchant.Address(), paidInRace, slices.Values([]Coin{coin}))
	if err != nil {
		return err
	}
	double, err := NewTransaction(t.mallory, t.mallory.Address(), Subsidy, slices.Values([]Coin{coin}))
	if err != nil {
		return err
	}

	// The first secret block was found before the race begins.
	honest := raceBranch{t, t.miner, &start.Header, payment, nil}
	secret := raceBranch{t, t.mallory, &start.Header, double, nil}
	if err := secret.grow(ctx); err != nil {
		return err
	}
	for _, mallory := range r.finds {
		finder := &honest
		if mallory {
			finder = &secret
		}
		if err := finder.grow(ctx); err != nil {
			return err
		}
	}

	// The node has seen all honest blocks when she publishes hers.
	if err := t.handOver(ctx, honest.blocks); err != nil {
		return err
	}
	if r.end == raceWon {
		if err := t.handOver(ctx, secret.blocks); err != nil {
			return err
		}
		r.removed, r.added = len(t.change.Removed), len(t.change.Added)
	}
	return t.judge(r, honest, secret)
}

// judge compares how a race ended with what the node says, and starts the next
// from there.
func (t *raceTrack) judge(r *race, honest, secret raceBranch) error {
	winner := honest
	if r.end == raceWon {
		winner = secret
	}
	t.tip = winner.tip

	var paid, kept bool
	err := t.bc.UTXO(func(s UTXOSet) error {
		_, paid = s.Coin(OutPoint{honest.first.TxID, 0})
		_, kept = s.Coin(OutPoint{secret.first.TxID, 0})
		return nil
	})
	if err != nil {
		return err
	}

	tip := t.bc.tip()
	want := blockRef{winner.tip.Height, winner.tip.Hash}
	merchant := r.end != raceWon && len(honest.blocks) > 0 // without blocks nobody is paid
	if tip != want || paid != merchant || kept != (r.end == raceWon) {
		return fmt.Errorf("the node is at block %d (%.8s), not at %d (%.8s): the merchant has a coin: %t, Mallory: %t",
			tip.height, tip.hash, want.height, want.hash, paid, kept)
	}
	return nil
}

// A raceBranch is what one side mines in a race.
type raceBranch struct {
	track  *raceTrack
	reward *Wallet
	tip    *BlockHeader
	first  *Transaction // in the first block
	blocks []*Block
}

// grow mines the branch's next block.
func (b *raceBranch) grow(ctx context.Context) error {
	var txs []*Transaction
	if len(b.blocks) == 0 {
		txs = append(txs, b.first)
	}

	block, err := b.track.mine(ctx, b.tip, b.reward, txs...)
	if err != nil {
		return err
	}
	b.tip = &block.Header
	b.blocks = append(b.blocks, block)
	return nil
}

// mine mines one block on top of parent.
func (t *raceTrack) mine(ctx context.Context, parent *BlockHeader, reward *Wallet, txs ...*Transaction) (*Block, error) {
	t.clock = t.clock.Add(time.Second)
	coinbase := NewCoinbase(reward.Address(), t.clock)
	b := NewBlock(parent, slices.Concat([]*Transaction{coinbase}, txs), t.clock)
	if err := (ProofOfWork{&b.Header}).Run(ctx); err != nil {
		return nil, err
	}
	return b, nil
}

// handOver gives blocks to the node, as a peer would.
func (t *raceTrack) handOver(ctx context.Context, blocks []*Block) error {
	for batch := range slices.Chunk(blocks, batchInRace) {
		var raws []json.RawMessage
		for _, b := range batch {
			raws = append(raws, b.AppendJSON(nil))
		}
		if err := t.bc.AddBlocks(ctx, raws); err != nil {
			return err
		}
	}
	return nil
}

// paperChance is how likely Mallory wins against z confirmations, by Bitcoin's
// paper. It takes the honest blocks to come as fast as they do on average: then
// the number that she finds meanwhile has a Poisson distribution.
func paperChance(q float64, z int) float64 {
	mean := float64(z) * q / (1 - q)
	return chanceToWin(q, z, -mean, func(k int) float64 { return mean / float64(k) })
}

// exactChance is the same for honest blocks that come by chance, as they do: the
// number that she finds meanwhile has a negative binomial distribution.
//
// Rosenfeld, Analysis of Hashrate-Based Double Spending:
// https://arxiv.org/abs/1402.2009
func exactChance(q float64, z int) float64 {
	none := float64(z) * math.Log(1-q)
	return chanceToWin(q, z, none, func(k int) float64 { return q * float64(z+k-1) / float64(k) })
}

// chanceToWin takes from 1 the chance that Mallory finds k blocks while the
// others find z, and does not make up for the rest later. The chance for k = 0
// is e^none; that for another k is ratio(k) times that for k-1.
func chanceToWin(q float64, z int, none float64, ratio func(k int) float64) float64 {
	if q >= 0.5 {
		return 1
	}

	chance, log := 1.0, none // logarithms, since for a large z the chances are too small for a float64
	for k := range z + 1 {
		if k > 0 {
			log += math.Log(ratio(k))
		}
		chance -= math.Exp(log) * (1 - math.Pow(q/(1-q), float64(z-k)))
	}
	return chance
}

// confirmationsAgainst returns how many confirmations leave Mallory a chance
// below unlikely. She has less than half of the computing power.
func confirmationsAgainst(q float64, chance func(q float64, z int) float64) int {
	enough := func(z int) bool { return chance(q, z) < unlikely }

	limit := 1
	for !enough(limit) {
		limit *= 2
	}
	return sort.Search(limit, enough)
}

// wilson returns between which chances to win lie, if so many of n races were
// won. The more deviations it takes in, the surer it is. Unlike the usual
// interval it is right for none and for all, too.
//
// Wilson score interval: https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval
func wilson(won, n int, deviations float64) (low, high float64) {
	races, square := float64(n), deviations*deviations
	share := float64(won) / races

	middle := share + square/(2*races)
	reach := deviations * math.Sqrt(share*(1-share)/races+square/(4*races*races))
	scale := 1 + square/races
	return max(0, (middle-reach)/scale), min(1, (middle+reach)/scale)
}

// tellRules tells what is played.
func (a majorityAttack) tellRules(o *options) {
	waits := o.sayf("The merchant hands over the goods once the payment has %s.", plural(a.confirmations, "confirmation"))
	if a.confirmations == 0 {
		waits = o.say("The merchant hands over the goods at once, before any block has the payment.")
	}
	givesUp := o.say("She never gives up: with half of the power or more she gets ahead sooner or later.")
	if a.power < 50 {
		givesUp = o.sayf("When she is more than %s behind she gives up: "+
			"her chance to win is below 1 in 10,000.", plural(a.mostBehind(), "block"))
	}
	rests := ""
	if a.confirmations > 0 {
		rests = o.sayf("Once she has %s, and the merchant has not seen %d yet, she is sure to win, and rests.",
			plural(a.confirmations+1, "block"), a.confirmations)
	}

	paragraphs := []string{
		o.paragraph(
			o.sayf("Mallory pays a merchant %d coins, and mines in secret a branch in which she pays "+
				"the same coin to herself.", paidInRace), waits,
			o.say("From then on, as soon as her branch is longer than the honest one, Mallory publishes it.")),

		o.paragraph(
			o.sayf("The blocks are real, and so is the chain that they are handed to. Only who finds the next one is drawn: "+
				"Mallory with a chance of %d in 100, for she has %d %% of all computing power.", a.power, a.power),
			o.say("The work of a block takes some 16 tries here. That is too quick to be a race between computers.")),

		o.paragraph(o.say("In Bitcoin's paper (section 11) Mallory has won when she is level. A node keeps the branch that it saw first, " +
			"so hers must be longer by one. But she begins with one block in hand, found before she pays: " +
			"it comes to the same.")),

		o.paragraph(givesUp, rests,
			o.sayf("A race that is open after %d blocks ends there, and does not count as won.", maxFinds)),
	}
	fmt.Fprintln(o.stdout, strings.Join(paragraphs, "\n\n"))
}

// tellRace tells the first race that Mallory wins, or else the first, block by
// block.
func (a majorityAttack) tellRace(o *options, races []race) {
	i := max(0, slices.IndexFunc(races, func(r race) bool { return r.end == raceWon }))
	r := races[i]
	fmt.Fprintf(o.stdout, "\n%s\n\n", o.sayf("Race %d of %d, block by block:", i+1, len(races)))

	width := textWidth(squares(r.honest))
	tell := func(honest, secret int) {
		fmt.Fprintln(o.stdout, "  "+o.sayf("honest: %s  secret: %s", padTo(squares(honest), width), squares(secret)))
	}
	note := func(text string) { fmt.Fprintln(o.stdout, "    → "+wrap(text, 6, "      ")) }

	honest, secret := 0, 1
	tell(honest, secret)
	if a.confirmations == 0 {
		note(o.say("the merchant does not wait, and hands over the goods"))
	}
	for n, mallory := range r.finds {
		if mallory {
			secret++
		} else {
			honest++
		}

		confirmed := !mallory && honest == a.confirmations
		switch {
		case n < toldBegin, n >= len(r.finds)-(toldFinds-toldBegin), confirmed:
			tell(honest, secret)
		case n == toldBegin:
			fmt.Fprintln(o.stdout, "  …")
		}
		if confirmed {
			note(o.sayf("%s: the merchant hands over the goods", plural(honest, "confirmation")))
		}
	}
	note(r.outcome(o))
}

// outcome says how a race ended.
func (r race) outcome(o *options) string {
	switch {
	case r.end == raceWon && r.honest == 0:
		return o.sayf("the node takes the secret branch: %s on; no block can have the payment any more", plural(r.added, "block"))
	case r.end == raceWon:
		return o.sayf("the node takes the secret branch: %s off, %d on; the merchant's %d coins are gone",
			plural(r.removed, "block"), r.added, paidInRace)
	case r.end == raceOpen:
		return o.sayf("%d blocks were found: the race ends here, and the merchant has the coins so far", maxFinds)
	}
	return o.sayf("Mallory is %s behind and gives up; the merchant keeps the coins", plural(r.honest-r.secret, "block"))
}

// squares draws so many blocks.
func squares(n int) string {
	if n <= widestBar {
		return strings.Repeat("■", n)
	}
	text := fmt.Sprintf("… %d", n)
	return strings.Repeat("■", widestBar-textWidth(text)) + text
}

// tellOdds prints how many races were won, beside the formulas. Who would have
// lost against fewer confirmations is read off the same races.
func (a majorityAttack) tellOdds(o *options, races []race) {
	ends := make(map[raceEnding]int)
	for _, r := range races {
		ends[r.end]++
	}
	result := o.sayf("%s, %d %% of the power: %d won, %d given up",
		plural(len(races), "race"), a.power, ends[raceWon], ends[raceLost])
	if ends[raceOpen] > 0 {
		result = o.sayf("%s, %d still open", result, ends[raceOpen])
	}
	fmt.Fprintf(o.stdout, "\n%s\n\n", result)

	fmt.Fprintf(o.stdout, "%s  %s  %s  %s  %s\n", padLeft(o.say("confirmations"), 13), padLeft(o.say("of the races"), 12),
		padLeft(o.say("likely within"), 16), padLeft(o.say("paper"), 10), padLeft(o.say("exact"), 10))
	for z := range a.confirmations + 1 {
		fooled := countFooled(races, z)
		low, high := wilson(fooled, len(races), deviations95)
		share := float64(fooled) / float64(len(races))
		within := o.sayf("%5.1f to %5.1f %%", 100*low, 100*high)
		fmt.Fprintf(o.stdout, "%13d  %10.1f %%  %s  %10s  %10s\n",
			z, 100*share, padLeft(within, 16), percent(paperChance(a.q(), z)), percent(exactChance(a.q(), z)))
	}

	for _, text := range []string{
		o.say("Of the races: in how many of them Mallory cheats a merchant who waits for so many " +
			"confirmations. The last line is what the node has said; those above it are read off the same races. " +
			"Likely within: a range that holds her true chance 95 times in 100."),
		o.say("Paper: it takes the honest blocks to come as fast as they do on average. " +
			"Exact: they come by chance, as in the races (Rosenfeld, arXiv:1402.2009)."),
	} {
		fmt.Fprintln(o.stdout, "\n"+o.paragraph(text))
	}
}

// countFooled returns in how many races Mallory's branch was longer than the
// honest one when that had z blocks, or later.
func countFooled(races []race, z int) (n int) {
	for _, r := range races {
		if r.fooled >= z {
			n++
		}
	}
	return n
}

// percent writes a chance in percent.
func percent(chance float64) string {
	if chance < 0.000_000_5 {
		return "<0.0001 %"
	}
	return fmt.Sprintf("%.4f %%", 100*chance)
}

// advise says what to do about the attack.
func (a majorityAttack) advise(o *options) {
	text := o.sayf("With %d %% of the power no number of confirmations helps: sooner or later her branch "+
		"is longer, whatever it takes off the chain. Waiting only makes it cost her more.", a.power)
	if a.power < 50 {
		text = o.sayf("For less than 0.1 %%, wait for %s against %d %% of the power "+
			"(the paper's formula says %d).", plural(confirmationsAgainst(a.q(), exactChance), "confirmation"),
			a.power, confirmationsAgainst(a.q(), paperChance))
	}

	here := o.say("In Bitcoin such power costs more than most could gain by it. Here work is so cheap that any laptop is the majority.")
	fmt.Fprintf(o.stdout, "\n%s\n\n%s\n", o.paragraph(text), o.paragraph(here))
}
