package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
)

const deviations999 = 3.290527 // on either side: 99.9 % of a normal distribution

// runMajority runs `attack majority` with flags.
func runMajority(ctx context.Context, stdout io.Writer, args ...string) error {
	var a majorityAttack
	fs := flag.NewFlagSet("majority", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	majorityFlags(fs, &a)
	if err := fs.Parse(args); err != nil {
		return err
	}
	return majority(ctx, &options{stdout: &output{Writer: stdout}}, a)
}

// The tables of section 11 of Bitcoin's paper.
func TestPaperChance(t *testing.T) {
	tests := []struct {
		q      float64
		step   int // between the confirmations of two values
		values []string
	}{
		{0.1, 1, []string{"1.0000000", "0.2045873", "0.0509779", "0.0131722", "0.0034552", "0.0009137",
			"0.0002428", "0.0000647", "0.0000173", "0.0000046", "0.0000012"}},
		{0.3, 5, []string{"1.0000000", "0.1773523", "0.0416605", "0.0101008", "0.0024804", "0.0006132",
			"0.0001522", "0.0000379", "0.0000095", "0.0000024", "0.0000006"}},
	}
	for _, tt := range tests {
		for i, want := range tt.values {
			if got := fmt.Sprintf("%.7f", paperChance(tt.q, i*tt.step)); got != want {
				t.Errorf("q=%.1f z=%d: got %s, want %s", tt.q, i*tt.step, got, want)
			}
		}
	}
}

// "Solving for P less than 0.1%", in the same place.
func TestConfirmationsAgainst(t *testing.T) {
	tests := []struct {
		q    float64
		want int
	}{
		{0.10, 5}, {0.15, 8}, {0.20, 11}, {0.25, 15}, {0.30, 24}, {0.35, 41}, {0.40, 89}, {0.45, 340},
	}
	for _, tt := range tests {
		if got := confirmationsAgainst(tt.q, paperChance); got != tt.want {
			t.Errorf("q=%.2f: got %d, want %d", tt.q, got, tt.want)
		}
		if got := confirmationsAgainst(tt.q, exactChance); got < tt.want {
			t.Errorf("q=%.2f: exactly %d, below the %d of the paper", tt.q, got, tt.want)
		}
	}
}

// The exact formula gives what comes out if the race is followed block by block.
func TestExactChance(t *testing.T) {
	for _, q := range []float64{0.02, 0.1, 0.3, 0.4, 0.45} {
		for z := range 13 {
			got, want := exactChance(q, z), followRace(q, z)
			if math.Abs(got-want) > 1e-9 {
				t.Errorf("q=%.2f z=%d: got %.10f, want %.10f", q, z, got, want)
			}
		}
	}
	for _, q := range []float64{0.5, 0.51, 0.99} {
		if got := exactChance(q, 6); got != 1 {
			t.Errorf("q=%.2f: got %f, want 1", q, got)
		}
	}
}

// followRace reckons Mallory's chance without a formula for either part of the
// race: it adds up the chances of every way to find the blocks.
func followRace(q float64, z int) float64 {
	const most = 600 // blocks of Mallory's, or of the others' lead: more are too unlikely to count

	// How many she has when the others find their z-th.
	found := make([]float64, most)
	found[0] = 1
	for range z {
		next := make([]float64, most) // after one more honest block
		waiting := 0.0
		for k := range found {
			waiting = found[k] + waiting*q
			next[k] = waiting * (1 - q)
		}
		found = next
	}

	// Whether she ever makes up for so many blocks.
	catchUp := make([]float64, most)
	catchUp[0] = 1
	for range 20_000 {
		moved := 0.0
		for behind := 1; behind < most-1; behind++ {
			chance := q*catchUp[behind-1] + (1-q)*catchUp[behind+1]
			moved = max(moved, chance-catchUp[behind])
			catchUp[behind] = chance
		}
		if moved < 1e-15 {
			break
		}
	}

	var sum float64
	for k, chance := range found {
		sum += chance * catchUp[max(0, z-k)]
	}
	return sum
}

func TestWilson(t *testing.T) {
	tests := []struct {
		won, n    int
		low, high string
	}{
		// Newcombe, Two-sided confidence intervals for the single proportion, table I, method 3
		{81, 263, "0.2553", "0.3662"},
		{15, 148, "0.0624", "0.1605"},
		{0, 20, "0.0000", "0.1611"},
		{1, 29, "0.0061", "0.1718"},
		// the same from the other side
		{20, 20, "0.8389", "1.0000"},
	}
	for _, tt := range tests {
		low, high := wilson(tt.won, tt.n, deviations95)
		if got := fmt.Sprintf("%.4f %.4f", low, high); got != tt.low+" "+tt.high {
			t.Errorf("%d of %d: got %s, want %s %s", tt.won, tt.n, got, tt.low, tt.high)
		}
	}
}

// agrees reports whether so many races won go with a chance.
func agrees(won, races int, chance float64) bool {
	low, high := wilson(won, races, deviations999)
	const rounding = 1e-9 // of an end that is 0 or 1
	return low-rounding <= chance && chance <= high+rounding
}

// Many races are drawn: for each number of confirmations as many are won as the
// exact formula says.
func TestDraw(t *testing.T) {
	skipSlow(t)
	t.Parallel()
	for _, power := range []int{1, 10, 25, 30, 40, 45} {
		a := majorityAttack{power: power, confirmations: 6}
		rng := rand.New(rand.NewPCG(1, uint64(power)))
		var races []race
		for range 10_000 {
			races = append(races, a.draw(rng))
		}

		for z := range a.confirmations + 1 {
			fooled, want := countFooled(races, z), exactChance(a.q(), z)
			if !agrees(fooled, len(races), want) {
				t.Errorf("%d %%, %d confirmations: %d of %d, want %.4f of them", power, z, fooled, len(races), want)
			}
		}
	}
}

// With half of the power or more Mallory wins if she has the time. A merchant
// who waits for long does not make her mine for as long.
func TestDrawMajority(t *testing.T) {
	tests := []struct{ power, least int }{ // least: of 500 races
		{50, 450}, {51, 470}, {60, 500}, {99, 500},
	}
	for _, tt := range tests {
		a := majorityAttack{power: tt.power, confirmations: 50}
		rng := rand.New(rand.NewPCG(2, uint64(tt.power)))
		var wins int
		for range 500 {
			r := a.draw(rng)
			switch r.end {
			case raceWon:
				wins++
			case raceLost:
				t.Fatalf("%d %%: she gives up", tt.power)
			case raceOpen:
				if len(r.finds) != maxFinds {
					t.Fatalf("%d %%: open after %d blocks, want %d", tt.power, len(r.finds), maxFinds)
				}
			}
			if tt.power == 99 && len(r.finds) > 110 {
				t.Errorf("she finds %d blocks, and needs 50", r.secret)
			}
		}
		if wins < tt.least {
			t.Errorf("%d %%: %d of 500 won, want %d or more", tt.power, wins, tt.least)
		}
	}
}

func TestMostBehind(t *testing.T) {
	for power := 1; power < 50; power++ {
		a := majorityAttack{power: power}
		ratio, behind := a.q()/(1-a.q()), float64(a.mostBehind())
		stays, leaves := math.Pow(ratio, behind+1), math.Pow(ratio, behind+2)
		if stays < hopeless || leaves >= hopeless {
			t.Errorf("%d %%: %.0f behind she goes on with a chance of %g, and gives up one of %g", power, behind, stays, leaves)
		}
	}
}

// The races that are run on real blocks agree with the paper's formula and the
// exact one, and none with twice the power that was asked for.
func TestMajorityRaces(t *testing.T) {
	tests := []struct{ power, confirmations, races int }{
		{10, 1, 400}, {10, 2, 400}, {20, 3, 400}, {30, 2, 400}, {30, 6, 300}, {40, 6, 200}, {45, 3, 100}, {60, 6, 200},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%d%%, %d confirmations", tt.power, tt.confirmations), func(t *testing.T) {
			t.Parallel()
			a := majorityAttack{tt.power, tt.confirmations, tt.races, 1}
			if testing.Short() || underRace() {
				a.races /= 4
			}

			wins := winsOf(t, a)
			for name, chance := range map[string]float64{
				"paper": paperChance(a.q(), a.confirmations),
				"exact": exactChance(a.q(), a.confirmations),
			} {
				if !agrees(wins, a.races, chance) {
					t.Errorf("%d of %d won; %s: %.4f", wins, a.races, name, chance)
				}
			}
		})
	}
}

// underRace reports whether the race detector watches: under it a block takes
// thirty times as long.
func underRace() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// If the coin falls on Mallory's side twice as often as it should, the races do
// not agree with the formula.
func TestMajorityRacesNoticeABrokenCoin(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ power, confirmations int }{{10, 1}, {20, 3}, {20, 6}} {
		broken := majorityAttack{2 * tt.power, tt.confirmations, 60, 1}
		wins := winsOf(t, broken)
		if chance := exactChance(float64(tt.power)/100, tt.confirmations); agrees(wins, broken.races, chance) {
			t.Errorf("%d %% for %d %%: %d of %d won, which agrees with %.4f", broken.power, tt.power, wins, broken.races, chance)
		}
	}
}

// winsOf plays races, and returns how many Mallory wins.
func winsOf(t *testing.T, a majorityAttack) (wins int) {
	t.Helper()
	races := must(a.play(t.Context()))(t)
	for i, r := range races {
		if r.end != raceWon {
			continue
		}
		wins++
		if r.removed != r.honest || r.added != r.secret {
			t.Errorf("race %d: %d blocks off and %d on, want %d and %d", i, r.removed, r.added, r.honest, r.secret)
		}
	}
	return wins
}

// The payment stands in the chain until the secret branch takes it off, and the
// chain is whole after each race.
func TestRaceTrack(t *testing.T) {
	const honest, mallory = false, true
	tests := []struct {
		name  string
		finds []bool
		end   raceEnding
		err   string
	}{
		{"nobody waits", nil, raceWon, ""},
		{"won at once", []bool{mallory, honest}, raceWon, ""},
		{"won later", []bool{honest, honest, mallory, mallory}, raceWon, ""},
		{"given up", []bool{honest, honest, honest}, raceLost, ""},
		{"given up when level", []bool{honest}, raceLost, ""},
		{"level is not won", []bool{honest}, raceWon, "the node is at block "},
		{"shorter is not won", []bool{honest, honest}, raceWon, "the node is at block "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			track := must(openTrack(t.Context(), filepath.Join(t.TempDir(), "chain.db")))(t)
			defer track.bc.Close()
			for range 2 { // the second race begins where the first has ended
				r := race{finds: tt.finds, end: tt.end}
				err := track.run(t.Context(), &r)
				if tt.err != "" {
					if err == nil || !strings.HasPrefix(err.Error(), tt.err) {
						t.Errorf("error is %v, want %q", err, tt.err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				checkWhole(t, track.bc)
			}
		})
	}
}

// The same flags give the same text, which fits a terminal.
func TestMajorityOutput(t *testing.T) {
	tests := []struct {
		flags string
		want  []string
	}{
		{"-power 40 -races 10", []string{
			"she has 40 % of\nall computing power",
			"When she is more than 21 blocks behind she gives up",
			"    → 6 confirmations: the merchant hands over the goods",
			"the merchant's 100\n      coins are gone",
			" 6        40.0 %   16.8 to  68.7 %   50.3980 %   49.3004 %\n",
			"wait for 133 confirmations against 40 % of the power (the\npaper's formula says 89)",
			"any laptop is the majority",
		}},
		{"-power 1 -confirmations 1 -races 1", []string{
			"Mallory is 2 blocks behind and gives up; the merchant keeps the coins",
			"1 race, 1 % of the power: 0 won, 1 given up\n",
		}},
		{"-power 10 -confirmations 0 -races 2", []string{
			"hands over the goods at once,",
			"1 block on; no block can have the\n",
			"100.0000 %  100.0000 %\n",
		}},
		{"-power 70 -confirmations 30 -races 3", []string{
			"She never gives up",
			"  …\n",
			"no number of confirmations helps",
		}},
		{"-power 45 -confirmations 50 -races 1", []string{"… 5"}},
	}
	for _, tt := range tests {
		t.Run(tt.flags, func(t *testing.T) {
			var texts [2]string
			for i := range texts {
				var out bytes.Buffer
				if err := runMajority(t.Context(), &out, strings.Fields(tt.flags)...); err != nil {
					t.Fatal(err)
				}
				texts[i] = out.String()
			}
			if texts[0] != texts[1] {
				t.Errorf("two texts:\n%s\n%s", texts[0], texts[1])
			}

			for _, want := range tt.want {
				if !strings.Contains(texts[0], want) {
					t.Errorf("no %q in\n%s", want, texts[0])
				}
			}
			for line := range strings.Lines(texts[0]) {
				line = strings.TrimSuffix(line, "\n")
				if textWidth(line) > lineWidth || strings.TrimRight(line, " ") != line {
					t.Errorf("wider than %d columns, or with spaces at its end: %q", lineWidth, line)
				}
			}
		})
	}
}

func TestMajoritySeeds(t *testing.T) {
	texts := make(map[string]bool)
	for seed := range 3 {
		var out bytes.Buffer
		if err := runMajority(t.Context(), &out, "-races", "5", "-seed", fmt.Sprint(seed)); err != nil {
			t.Fatal(err)
		}
		texts[out.String()] = true
	}
	if len(texts) != 3 {
		t.Errorf("three seeds give %d texts", len(texts))
	}
}

func TestMajorityFlags(t *testing.T) {
	tests := []struct {
		flags, want string // want: part of the error; "": none
		attack      majorityAttack
	}{
		{"", "", majorityAttack{40, 6, 200, 7}},
		{"-power 1 -confirmations 0 -races 1 -seed 0", "", majorityAttack{1, 0, 1, 0}},
		{"-power 99 -confirmations 50 -races 10000 -seed 9223372036854775807", "", majorityAttack{99, 50, 10_000, math.MaxInt64}},
		{"-power 0", "from 1 to 99", majorityAttack{}},
		{"-power 100", "from 1 to 99", majorityAttack{}},
		{"-power 40%", "from 1 to 99", majorityAttack{}},
		{"-power 0.4", "from 1 to 99", majorityAttack{}},
		{"-power -5", "from 1 to 99", majorityAttack{}},
		{"-confirmations 51", "from 0 to 50", majorityAttack{}},
		{"-confirmations six", "from 0 to 50", majorityAttack{}},
		{"-races 0", "from 1 to 10000", majorityAttack{}},
		{"-races 10001", "from 1 to 10000", majorityAttack{}},
		{"-seed -1", "from 0 to 9223372036854775807", majorityAttack{}},
		{"-seed 9223372036854775808", "from 0 to 9223372036854775807", majorityAttack{}},
	}
	for _, tt := range tests {
		var a majorityAttack
		fs := flag.NewFlagSet("majority", flag.ContinueOnError)
		fs.SetOutput(io.Discard)
		majorityFlags(fs, &a)

		err := fs.Parse(strings.Fields(tt.flags))
		switch {
		case tt.want == "" && (err != nil || a != tt.attack):
			t.Errorf("%q: got %v, error %v; want %v", tt.flags, a, err, tt.attack)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), "give a whole number "+tt.want)):
			t.Errorf("%q: error is %v, want %q", tt.flags, err, tt.want)
		}
	}
}

// Races that are stopped say that, and leave nothing behind.
func TestMajorityIsStopped(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	ctx, cancel := context.WithCancel(t.Context())
	if err := runMajority(ctx, stopper{cancel}); err == nil || err.Error() != "the races were stopped" {
		t.Errorf("error is %v", err)
	}

	// Nobody reads: there is nothing to play for.
	if err := runMajority(t.Context(), brokenWriter{}); !errors.Is(err, errBroken) {
		t.Errorf("error is %v, want %v", err, errBroken)
	}

	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

var errBroken = errors.New("broken pipe")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }
