package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// A node that is started and stopped over and over, on the same ports and
// directory, leaves nothing behind: no file, no lock, no port taken, and no
// connection at its peer.
func TestStartAndStop(t *testing.T) {
	full(t)
	net := newNetwork(t)
	peer := net.Start("P")
	peer.Run("genesis_block")
	a := net.Start("A", peer)
	a.AwaitLog("blocks synced")
	a.Run("createwallet")
	a.Interrupt()
	descriptors := peer.descriptors()

	rng := rand.New(rand.NewPCG(6, 0))
	for range 30 {
		a.Restart()
		for range rng.IntN(200) {
			runtime.Gosched()
		}
		a.Interrupt()
	}

	if got, want := fileNames(t, a.data), []string{"chain.db", "wallet.dat"}; !slices.Equal(got, want) {
		t.Errorf("files are %v, want %v", got, want)
	}
	for i := 0; i < 100 && peer.descriptors() > descriptors+4; i++ {
		peer.Run("peers") // it notices after a moment
	}
	if got := peer.descriptors(); got > descriptors+4 {
		t.Errorf("the peer has %d descriptors open, after one start it had %d", got, descriptors)
	}
	a.Restart()
	a.checkCoins(peer.wallets())
}

// descriptors returns how many files a node has open; 0 where the system does
// not tell.
func (n *node) descriptors() int {
	entries, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", n.cmd.Process.Pid))
	return len(entries)
}

// A node that is stopped in the middle of a sync, again and again, has each
// time a chain that is whole, and comes to its end.
func TestStopDuringSync(t *testing.T) {
	full(t)
	owner := newKey(t)
	chain := []block{mineOn(nil, owner.address, "")}
	for i := range 1199 {
		chain = append(chain, mineOn(&chain[i], owner.address, ""))
	}
	net := newNetwork(t)
	a := net.Start("A", newStranger(t, serveChain(chain)))

	stops := 0
	for ; a.Height() < len(chain)-1; stops++ {
		if stops == 20 {
			t.Fatalf("at height %d after %d stops", a.Height(), stops)
		}
		a.AwaitLog("block accepted")
		a.Interrupt()
		a.Restart()
		a.checkCoins([]string{owner.address})
	}
	a.Interrupt()
	t.Logf("stopped %d times on the way", stops)
}

// A second process with the same directory is told so, and what to do instead;
// the first does not mind. Once that is gone, another may have the directory.
func TestSecondProcess(t *testing.T) {
	full(t)
	net := newNetwork(t)
	a := net.Start("A")
	genesis := a.Address("genesis_block")

	_, stderr, err := net.run("start", "-listen", "127.0.0.1:0", "-rpc", "127.0.0.1:0", "-data", a.data)
	if err == nil || !strings.Contains(stderr, "chain.db: in use by another node: for a second node on this machine: go run . start -listen") {
		t.Errorf("second process: %v: %s", err, stderr)
	}

	other := a.Address("createwallet")
	for range 2 {
		a.Run("send", "--from", genesis, "--to", other, "--amount", "7")
	}
	a.Interrupt()
	b := net.StartIn(a.data, "B")
	if got := b.Balance(other); got != 7 {
		t.Errorf("balance is %d, want 7", got)
	}
}
