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

// part takes b's wire out: it starts again at an IPv6 address, from where those
// that it knows are out of reach.
func (b *node) part() {
	b.t.Helper()
	b.interrupt()
	b.args, b.home = nil, [3]string{b.addr, b.rpc, b.page}
	b.launch("[::1]:0", "127.0.0.1:0", "127.0.0.1:0")
}

// meet starts a node that is apart at its addresses of before, to join another.
func (b *node) meet(a *node) {
	b.t.Helper()
	b.interrupt()
	b.args = []string{"-bootstrap", a.addr}
	b.addr, b.rpc, b.page = b.home[0], b.home[1], b.home[2]
	b.restart()
	b.awaitTip(a)
}
