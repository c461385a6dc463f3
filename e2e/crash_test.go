package e2e

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var crashes = flag.Int("crashes", 5, "how often TestCrash kills its node")

// Whenever a node is killed, while commands run and blocks come from a peer,
// it finds everything again that it had said it has: no block, no coin and no
// key is lost, and none is made.
func TestCrash(t *testing.T) {
	full(t)
	net := newNetwork(t)
	peer := &rival{rng: rand.New(rand.NewPCG(3, 0))}
	a := net.Start("A", newStranger(t, peer.answer))
	a.Address("genesis_block")
	known := a.wallets()
	height := 0

	rng := rand.New(rand.NewPCG(2, 0))
	for kill := range *crashes {
		peer.mine(a.addr, known)
		if kill%2 == 1 { // in the middle of blocks that arrive
			a.AwaitLog("blocks synced")
		}
		known = a.useUntilKilled(rng, known)
		height = max(height, a.highestLogged())

		peer.rest()
		a.Restart()
		found := a.wallets()
		if n := min(len(known), len(found)); !slices.Equal(found[:n], known) {
			t.Fatalf("kill %d: wallets are %v, want %v first", kill, found, known)
		}
		known = found // one may have been made, and the node killed before it said so
		if got := a.Height(); got < height {
			t.Errorf("kill %d: height is %d, was %d", kill, got, height)
		}
		a.checkCoins(known)
	}

	a.Interrupt()
	for _, name := range fileNames(t, a.data) {
		if name != "chain.db" && name != "wallet.dat" {
			t.Errorf("a crash left %s", name)
		}
	}
	t.Logf("%d kills, then height %d, %d wallets", *crashes, height, len(known))
}

// tooLatePattern is what becomes of a payment when a block is first to spend
// its coins, or has it already.
var tooLatePattern = regexp.MustCompile("not enough coins|coin does not exist|coin is already spent|in the chain already|not made")

// useUntilKilled types commands, of which the node does not survive one. It
// returns the wallets known so far, and those that the node has made.
func (n *node) useUntilKilled(rng *rand.Rand, known []string) []string {
	t := n.net.t
	t.Helper()
	last := rng.IntN(10)
	for i := 0; !n.gone() && i < 10_000; i++ {
		if i == last {
			moment := time.Duration(rng.IntN(20_000)) * time.Microsecond
			time.AfterFunc(moment, func() { n.cmd.Process.Kill() })
		}

		args := []string{"createwallet"}
		if rng.IntN(4) > 0 {
			from, to := known[rng.IntN(min(2, len(known)))], known[rng.IntN(len(known))]
			args = []string{"send", "--from", from, "--to", to, "--amount", fmt.Sprint(1 + rng.IntN(200))}
		}
		stdout, stderr, err := n.Try(args...)
		if err == nil && args[0] == "createwallet" {
			known = append(known, addressPattern.FindString(stdout))
		}
		if err != nil && i < last && !tooLatePattern.MatchString(stderr) {
			t.Errorf("%s$ %s: %v: %s", n.name, strings.Join(args, " "), err, stderr)
		}
	}
	n.Kill()
	return known
}

var heightPattern = regexp.MustCompile(`msg="(?:block accepted|branch switched)" height=(\d+)`)

// highestLogged returns the height of the highest tip that the node told of.
func (n *node) highestLogged() (height int) {
	for _, line := range n.Logged(" height=") {
		if found := heightPattern.FindStringSubmatch(line); found != nil {
			var h int
			fmt.Sscan(found[1], &h) // digits
			height = max(height, h)
		}
	}
	return height
}

// wallets returns the addresses that a node lists.
func (n *node) wallets() []string {
	n.net.t.Helper()
	return addressPattern.FindAllString(n.Run("printwallet"), -1)
}

// checkCoins checks that each block of a node's chain stands on the one before,
// and that some addresses have all coins there are: a thousand for each. It
// looks again when the chain grew meanwhile.
func (n *node) checkCoins(addresses []string) {
	n.net.t.Helper()
	height, err := n.Height(), error(nil)
	for range 100 {
		err = n.countCoins(height, addresses)
		now := n.Height()
		if now == height {
			break
		}
		height = now
	}
	if err != nil {
		n.net.t.Errorf("%s: %v", n.name, err)
	}
}

// countCoins is checkCoins of a chain that has some height.
func (n *node) countCoins(height int, addresses []string) error {
	n.net.t.Helper()
	blocks, err := fetchBlocks(n.addr, 0, height)
	if err != nil {
		return err
	}
	prev := ""
	for _, b := range blocks {
		if b.prev != prev {
			return fmt.Errorf("block %d stands on %q, not on %q", b.height, b.prev, prev)
		}
		prev = b.hash
	}

	var sum int64
	for _, address := range addresses {
		sum += n.Balance(address)
	}
	if want := 1000 * int64(height+1); sum != want {
		return fmt.Errorf("the wallets have %d coins at height %d, want %d", sum, height, want)
	}
	return nil
}

// fileNames returns the names of a directory's files.
func fileNames(t testing.TB, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// A rival mines branches of a node's chain. Each forks off below the tip, and
// ends above it; its rewards go to the node's own wallets.
type rival struct {
	mu     sync.Mutex // guards all below
	rng    *rand.Rand
	victim string // address of the node
	payees []string
	branch []block // the last one mined
	blocks int     // mined so far
}

// mine makes the rival answer each handshake with a branch.
func (r *rival) mine(victim string, payees []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.victim, r.payees = victim, slices.Clone(payees)
}

// rest makes the rival say that it has no chain.
func (r *rival) rest() { r.mine("", nil) }

// answer plays the rival.
func (r *rival) answer(code int, data json.RawMessage) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	nothing := handshake(-1, []byte(`""`))
	switch {
	case code == handshakeMsg && r.victim == "":
		return nothing
	case code == handshakeMsg:
		var theirs struct {
			Height int `json:"last_height"`
		}
		if json.Unmarshal(data, &theirs) != nil || theirs.Height < 0 {
			return nothing
		}
		genesis, err := fetchBlock(r.victim, 0)
		if err != nil || r.fork(theirs.Height) != nil { // the node was killed meanwhile
			return nothing
		}
		return handshake(r.branch[len(r.branch)-1].height, genesis.json)
	case code == getBlockMsg:
		return r.serve(data)
	}
	return noAnswer
}

// fork mines a branch that ends at most two blocks above the tip. r.mu is held.
func (r *rival) fork(tip int) error {
	depth := r.rng.IntN(min(5, tip+1))
	parent, err := fetchBlock(r.victim, tip-depth)
	if err != nil {
		return err
	}
	r.branch = nil
	for range depth + 1 + r.rng.IntN(2) {
		r.blocks++
		parent = mineOn(&parent, r.payees[r.rng.IntN(len(r.payees))], fmt.Sprint(r.blocks))
		r.branch = append(r.branch, parent)
	}
	return nil
}

// serve returns a block of the branch or, below it, the node's own. r.mu is held.
func (r *rival) serve(data json.RawMessage) []byte {
	var height int
	if json.Unmarshal(data, &height) != nil {
		return noAnswer
	}
	for _, b := range r.branch {
		if b.height == height {
			return blockReply(b.json)
		}
	}
	b, err := fetchBlock(r.victim, height)
	if err != nil {
		return noAnswer
	}
	return blockReply(b.json)
}
