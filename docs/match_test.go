package docs

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// tokenPattern is what differs from run to run. The first two groups are
// names, which must stay the same within a transcript; of the rest only the
// form counts.
var tokenPattern = regexp.MustCompile(`(\b[0-9a-f]{40,128}\b)` + // hash, Kademlia ID, key, signature
	`|(\b1[1-9A-HJ-NP-Za-km-z]{25,33}\b|\b\d+\.\d+\.\d+\.\d+:\d+\b)` + // address of a wallet or node
	`|(\b(?:listens|commands) on [^ ;]+|-(?:listen|rpc|data) \S+)` +
	`|(\b\d\d:\d\d:\d\d\b)` + // time of day
	`|(\b\d{10}(?:\.\d+)?\b|\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\b)` + // seconds since 1970, a date
	`|("nonce": \d+)` +
	`|(\b\d+(?:\.\d+)? ?m?s\b)` + // a duration
	`|(\b[0-9a-f]{8}\b|\b[0-9a-f]{4}…)`) // a hash, cut

// names are the addresses, hashes and IDs of a transcript, which are others in
// each run: the same one must be the same throughout a page.
type names struct {
	bound map[string]string // in the transcript → in this run
	taken map[string]string // the other way round
	known map[string]string // from the pages before: in the transcript → in this run
}

func newNames() *names {
	return &names{bound: make(map[string]string), taken: make(map[string]string), known: make(map[string]string)}
}

// real replaces the names in a word of the transcript by those of this run.
func (n *names) real(word string) string {
	return tokenPattern.ReplaceAllStringFunc(word, func(token string) string {
		return cmp.Or(n.bound[token], n.known[token], token)
	})
}

// forget begins another page. What it types may have a name that was printed
// before, unless that is a node's address; what it prints may give it to another.
func (n *names) forget() {
	for name, real := range n.bound {
		if !strings.Contains(name, ":") {
			n.known[name] = real
		}
	}
	clear(n.bound)
	clear(n.taken)
}

// match compares what a command printed with the transcript, and binds the
// names that appear for the first time.
func (n *names) match(want []string, got string) error {
	lines := strings.Split(strings.TrimRight(got, "\n"), "\n")
	if got == "" {
		lines = nil
	}

	if len(lines) != len(want) {
		return fmt.Errorf("got %d lines, want %d:\n%s", len(lines), len(want), got)
	}

	bound, taken := maps.Clone(n.bound), maps.Clone(n.taken)
	for i := range want {
		if err := n.matchLine(want[i], lines[i]); err != nil {
			n.bound, n.taken = bound, taken
			return err
		}
	}
	return nil
}

// matchLines is match where other lines may stand between those wanted.
func (n *names) matchLines(want []string, got string) error {
	lines := strings.Split(got, "\n")
	for _, line := range want {
		i := slices.IndexFunc(lines, func(l string) bool { return n.match([]string{line}, l) == nil })
		if i < 0 {
			return fmt.Errorf("no line %s\nin %s", line, got)
		}
		lines = lines[i+1:]
	}
	return nil
}

// alike reports whether texts are the same, but for the spaces of columns: some
// addresses are shorter than others.
func alike(want, got string) bool {
	return columns.ReplaceAllString(want, "  ") == columns.ReplaceAllString(got, "  ")
}

var columns = regexp.MustCompile(` +$|^ +|  +`)

func (n *names) matchLine(want, got string) error {
	w, g := tokenPattern.FindAllStringSubmatchIndex(want, -1), tokenPattern.FindAllStringSubmatchIndex(got, -1)
	differs := fmt.Errorf("\n got %s\nwant %s", got, want)
	if len(w) != len(g) {
		return differs
	}

	wantAt, gotAt := 0, 0
	for i := range w {
		if !alike(want[wantAt:w[i][0]], got[gotAt:g[i][0]]) {
			return differs
		}
		wantAt, gotAt = w[i][1], g[i][1]

		wantToken, gotToken := want[w[i][0]:wantAt], got[g[i][0]:gotAt]
		for group := 2; group < len(w[i]); group += 2 {
			if w[i][group] < 0 != (g[i][group] < 0) {
				return differs
			}
		}

		isHex, isAddress := w[i][2] >= 0, w[i][4] >= 0
		if isHex && len(wantToken) != len(gotToken) {
			return differs
		}
		if (isHex || isAddress) && !n.bind(wantToken, gotToken) {
			return fmt.Errorf("%s was %s before\n got %s\nwant %s", wantToken, cmp.Or(n.bound[wantToken], n.taken[gotToken]), got, want)
		}
	}
	if !alike(want[wantAt:], got[gotAt:]) {
		return differs
	}
	return nil
}

// bind notes that a name of the transcript is another one in this run.
func (n *names) bind(want, got string) bool {
	if n.bound[want] == "" && n.taken[got] == "" {
		n.bound[want], n.taken[got] = got, want
	}
	return n.bound[want] == got && n.taken[got] == want
}

func TestDocsMatch(t *testing.T) {
	const a, b, c = "14sQYjj3n2fReJyVNoqHCmCFjNKEZAVcEB", "19zR4zT9eSFsbSNvnQ1RCrhjN71VzPFTnH", "1LYHea8NjTxaYboXJbR7LemvUZjyQc839r"
	tests := []struct {
		name, want, got string
		ok              bool
	}{
		{"same", "pool 1 of 2", "pool 1 of 2", true},
		{"other words", "pool 1 of 2", "pool 2 of 2", false},
		{"other address", a + " balance is 1", b + " balance is 1", true},
		{"address again", a + " " + a, b + " " + b, true},
		{"one address for two", a + " " + b, c + " " + c, false},
		{"two addresses for one", a + " " + a, b + " " + c, false},
		{"other balance", a + " balance is 1", b + " balance is 2", false},
		{"no address", "Wallet address is " + a, "Wallet address is hello", false},
		{"nonce and time", `"timestamp": "1551347915.3271294", "nonce": 3`, `"timestamp": "1700000000.1", "nonce": 31`, true},
		{"other height", `"height": 1, "nonce": 3`, `"height": 2, "nonce": 3`, false},
		{"hash of another length", strings.Repeat("a", 64), strings.Repeat("b", 40), false},
		{"hash", strings.Repeat("a", 64), strings.Repeat("b", 64), true},
		{"log", "03:04:05 got block 1, da29f3c1, from 127.0.0.1:5678", "13:14:15 got block 1, 0dd51521, from 127.0.0.1:40001", true},
		{"other height in a log", "03:04:05 got block 1, da29f3c1", "13:14:15 got block 2, 0dd51521", false},
		{"where a node listens", "listens on [::]:5678; commands on 127.0.0.1:9999; data in data", "listens on 127.0.0.1:40001; commands on 127.0.0.1:40002; data in data", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := newNames().match([]string{tt.want}, tt.got+"\n"); (err == nil) != tt.ok {
				t.Errorf("got %v, want success %v", err, tt.ok)
			}
		})
	}
}
