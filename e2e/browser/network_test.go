package browser

import (
	"fmt"
	"testing"
)

// startTwo starts two nodes that know each other, and a chain of a genesis block
// and some blocks on top. alice has the first coins, on a; bob has a wallet on b.
func startTwo(t testing.TB, blocks int) (a, b *node, alice, bob string) {
	t.Helper()
	a = startNode(t)
	alice = a.address("genesis_block", "-name", "alice")
	if blocks > 0 {
		a.run("mine", fmt.Sprint(blocks))
	}
	b = startNode(t, "-bootstrap", a.addr)
	bob = b.address("createwallet", "-name", "bob")
	b.awaitTip(a)
	return a, b, alice, bob
}

// part takes b's wire out: it starts again elsewhere, and knows nobody.
func (b *node) part() {
	b.t.Helper()
	b.interrupt()
	b.args = nil
	b.launch("127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0")
}

// meet starts a node that is apart again, to join another.
func (b *node) meet(a *node) {
	b.t.Helper()
	b.interrupt()
	b.args = []string{"-bootstrap", a.addr}
	b.restart()
	b.awaitTip(a)
}
