package e2e

import (
	"os"
	"strings"
	"testing"
)

// The article's test section, on two nodes. Both have the payment, and could
// mine it; only the one that took it does, or the network would split.
func TestArticleTranscript(t *testing.T) {
	t.Parallel()
	net := newNetwork(t)
	a := net.Start("A")
	b := net.Start("B", a)

	genesis := a.Address("genesis_block")
	net.Agree()
	for _, n := range []*node{a, b} {
		if got, want := n.Run("balance", genesis), genesis+" balance is 1000\n"; got != want {
			t.Errorf("%s: got %q, want %q", n.name, got, want)
		}
	}

	receiver := b.Address("createwallet")
	if got, want := b.Run("printwallet"), "Wallet are:\n\t"+receiver+"\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}

	sent := "send 100 from " + genesis + " to " + receiver + "\n"
	if got := a.Run("send", "--from", genesis, "--to", receiver, "--amount", "100"); got != sent {
		t.Errorf("got %q, want %q", got, sent)
	}
	b.AwaitLog("transaction pooled")
	if got := a.Run("send", "--from", genesis, "--to", receiver, "--amount", "100"); got != sent {
		t.Errorf("got %q, want %q", got, sent)
	}
	a.AwaitLog("block mined")
	net.Agree()

	for _, n := range []*node{a, b} {
		if got, want := n.Run("balance", genesis), genesis+" balance is 1900\n"; got != want {
			t.Errorf("%s: got %q, want %q", n.name, got, want)
		}
		if got, want := n.Run("balance", receiver), receiver+" balance is 100\n"; got != want {
			t.Errorf("%s: got %q, want %q", n.name, got, want)
		}
		net.Await("empty pool", func() bool { return n.Run("pool") == "" }) // it follows the tip, after a moment
	}
	if got, want := b.Run("print", "1"), a.Run("print", "1"); got != want {
		t.Errorf("block 1 is %q, want %q", got, want)
	}
	if got := b.Logged("block mined"); len(got) > 0 || a.Height() != 1 || b.Height() != 1 {
		t.Errorf("heights are %d and %d, want 1; B logs %q", a.Height(), b.Height(), got)
	}

	a.Interrupt()
	b.Interrupt()
}

// The demonstration tells the same, in a pipe without colours, and cleans up.
func TestDemo(t *testing.T) {
	t.Parallel()
	net := newNetwork(t)
	temp := t.TempDir()
	net.env = []string{"TMPDIR=" + temp}
	stdout, stderr, err := net.run("demo")
	if err != nil {
		t.Fatalf("%v: %s", err, stderr)
	}

	for _, want := range []string{"balance is 1900", "found A over UDP", "connected to B", "pooled", "mined block 1", "announces", "ahead"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %q in %s", want, stdout)
		}
	}
	if strings.Contains(stdout, "\x1b") {
		t.Error("colours in a pipe")
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("it leaves %v, error %v", left, err)
	}
}
