package network

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A node that joins late has the chain within two heartbeats.
func TestLateJoiner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		a := n.startNode(t, addrA, newLedger(1200, "a"))
		pass(time.Minute)
		b := n.startNode(t, addrB, newLedger(-1, ""), a)
		pass(2 * defaultHeartbeat)
		if got, want := b.ledger.tip(), a.ledger.tip(); got != want {
			t.Errorf("got tip %s, want %s", got, want)
		}
		if got, want := fmt.Sprint(b.ledger.batches), "[500 500 201]"; got != want {
			t.Errorf("got batches %s, want %s", got, want)
		}
		if got, want := b.state(t), "in step"; got != want {
			t.Errorf("got state %q, want %q", got, want)
		}
	})
}

// A new block is with the neighbours, and theirs, before any heartbeat, and
// so are the hundred after it.
func TestAnnounce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		a := n.startNode(t, addrA, newLedger(3, "a"))
		b := n.startNode(t, addrB, newLedger(-1, ""))
		c := n.startNode(t, addrC, newLedger(-1, ""))
		a.knows(b)
		b.knows(c)
		pass(11 * time.Second)
		if b.ledger.tip() != a.ledger.tip() || c.ledger.tip() != a.ledger.tip() {
			t.Fatalf("before: tips %s, %s, want %s", b.ledger.tip(), c.ledger.tip(), a.ledger.tip())
		}
		for range 101 {
			a.ledger.extend(1, "a")
			a.Announce()
			synctest.Wait() // no time passes
			if b.ledger.tip() != a.ledger.tip() || c.ledger.tip() != a.ledger.tip() {
				t.Fatalf("tips %s, %s, want %s", b.ledger.tip(), c.ledger.tip(), a.ledger.tip())
			}
		}
	})
}

// Without Announce a heartbeat brings the block.
func TestHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		a := n.startNode(t, addrA, newLedger(3, "a"))
		b := n.startNode(t, addrB, newLedger(-1, ""), a)
		pass(11 * time.Second)
		a.ledger.extend(2, "a")
		pass(defaultHeartbeat)
		if b.ledger.tip() != a.ledger.tip() {
			t.Errorf("tip %s, want %s", b.ledger.tip(), a.ledger.tip())
		}
	})
}

// The node with the lower branch finds where it parts, in steps that double,
// and takes the higher one.
func TestFork(t *testing.T) {
	tests := []struct {
		name       string
		at         int // last common block
		ours, more int // blocks on top of it
		steps      int // blocks asked for before the heights rise
	}{
		{"in step but for one", 10, 0, 1, 1},
		{"one block", 10, 1, 2, 3},
		{"three blocks", 10, 3, 4, 3},
		{"down to the genesis block", 0, 10, 11, 5},
		{"a thousand blocks", 200, 1000, 1001, 11},
		{"much higher", 5, 1, 1500, 3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := newFakeNet()
				base := newLedger(test.at, "base")
				high, low := base.fork(test.at, test.more, "high"), base.fork(test.at, test.ours, "low")
				a := n.startScript(t, addrA, func(req Msg) []byte { return serve(high, req) })
				b := n.startNode(t, addrB, low, &testNode{addr: a})
				pass(2 * time.Second)
				if len(low.asked) != 0 {
					t.Errorf("our own blocks at %v were read to find the fork", low.asked)
				}
				if got, want := b.ledger.tip(), high.tip(); got != want {
					t.Errorf("got tip %s, want %s", got, want)
				}
				if got := countSteps(high.asked); got != test.steps {
					t.Errorf("got %d steps to the fork, want %d: %v", got, test.steps, high.asked[:test.steps+1])
				}
			})
		})
	}
}

// countSteps returns how many heights were asked for until they rose.
func countSteps(heights []int) int {
	for i := 1; i < len(heights); i++ {
		if heights[i] > heights[i-1] {
			return i
		}
	}
	return len(heights)
}

// Where both have a chain but not the same, neither takes the other's.
func TestOtherGenesis(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		a := n.startNode(t, addrA, newLedger(9, "a"))
		b := n.startNode(t, addrB, newLedger(2, "b"))
		a.knows(b)
		pass(time.Minute)
		if got, want := b.ledger.tip(), newLedger(2, "b").tip(); got != want {
			t.Errorf("got tip %s, want %s", got, want)
		}
		want := "other genesis block " + blockHash(a.ledger.chain[0])[:4] + "…"
		if got := b.state(t); got != want {
			t.Errorf("got state %q, want %q", got, want)
		}
		if n := len(a.ledger.asked); n != 0 {
			t.Errorf("%d blocks were asked for", n)
		}
		b.Broadcast(testTx("one")) // spends what a does not have
		pass(time.Minute)
		if got := a.ledger.pooled(); got != "" {
			t.Errorf("got pool %s, want none", got)
		}
	})
}

// A node without a chain that is offered two takes one, and blames nobody.
func TestTwoGenesisBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		a := n.startNode(t, addrA, newLedger(9, "a"))
		b := n.startNode(t, addrB, newLedger(9, "b"))
		c := n.startNode(t, addrC, newLedger(-1, ""), a, b)
		pass(5 * time.Second)
		states := make(map[string]int)
		for _, p := range c.Peers() {
			states[strings.SplitN(p.State, " block", 2)[0]]++
		}
		if states["in step"] != 1 || states["other genesis"] != 1 {
			t.Errorf("got states %v, want one in step and one other genesis", states)
		}
	})
}

func TestStates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		empty := n.startNode(t, "10.0.0.2:5678", newLedger(-1, ""))
		low := n.startNode(t, "10.0.0.3:5678", newLedger(3, "a"))
		same := n.startNode(t, "10.0.0.4:5678", newLedger(4, "a"))
		behind := n.startNode(t, "10.0.0.5:5678", newLedger(1, "a"))
		gone := &testNode{addr: netip.MustParseAddrPort("10.0.0.6:5678")}
		silent := &testNode{addr: n.startScript(t, "10.0.0.7:5678", func(Msg) []byte { return []byte{} })}
		ledger := newLedger(4, "a")
		block := make(chan struct{})
		ledger.onAdd = func() { <-block }
		me := n.startNode(t, addrA, ledger, empty, low, same, behind, gone, silent)
		ahead := &testNode{addr: n.startScript(t, "10.0.0.8:5678", func(req Msg) []byte {
			return serve(newLedger(6, "a"), req)
		})}
		me.disc.set(append(me.disc.Peers(), ahead.addr)...)
		pass(4 * time.Second)
		want := `10.0.0.2:5678 -1 no chain yet
10.0.0.3:5678 3 1 block behind
10.0.0.4:5678 4 in step
10.0.0.5:5678 1 3 blocks behind
10.0.0.6:5678 -1 has refused TCP connections for 4 s
10.0.0.7:5678 -1 connecting
10.0.0.8:5678 6 2 blocks ahead: syncing
`
		var got strings.Builder
		for _, p := range me.Peers() {
			fmt.Fprintln(&got, p.Addr, p.Height, p.State)
		}
		if got.String() != want {
			t.Errorf("got\n%swant\n%s", got.String(), want)
		}
		close(block)
	})
}

// A transaction goes through the whole network, once to each node and not
// back to where it came from.
func TestRelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		a := n.startNode(t, addrA, newLedger(1, "a"))
		b := n.startNode(t, addrB, newLedger(1, "a"))
		c := n.startNode(t, addrC, newLedger(1, "a"))
		a.knows(b)
		b.knows(c)
		pass(2 * time.Second)
		a.Broadcast(testTx("one"))
		a.Broadcast(testTx("bad"))
		synctest.Wait() // no time passes
		for name, got := range map[string]string{"a": a.ledger.pooled(), "b": b.ledger.pooled(), "c": c.ledger.pooled()} {
			want := `"one"`
			if name == "a" {
				want = "" // Broadcast does not pool; and nothing came back
			}
			if got != want {
				t.Errorf("pool of %s: got %s, want %s", name, got, want)
			}
		}
	})
}

// Whom a transaction from a peer is not given to.
func TestRelayLeavesOutSource(t *testing.T) {
	at := netip.MustParseAddrPort
	tests := []struct {
		name  string
		peers []netip.AddrPort
		from  string
		want  string
	}{
		{"the only one at the address", []netip.AddrPort{at("10.0.0.1:1"), at("10.0.0.2:1"), at("10.0.0.3:1")}, "10.0.0.2", "10.0.0.1:1 10.0.0.3:1"},
		{"one of two at the address", []netip.AddrPort{at("10.0.0.2:1"), at("10.0.0.2:2"), at("10.0.0.3:1")}, "10.0.0.2", "10.0.0.2:1 10.0.0.2:2 10.0.0.3:1"},
		{"a stranger", []netip.AddrPort{at("10.0.0.1:1"), at("10.0.0.2:1")}, "10.0.0.9", "10.0.0.1:1 10.0.0.2:1"},
		{"the only peer", []netip.AddrPort{at("10.0.0.1:1")}, "10.0.0.1", ""},
	}
	for _, test := range tests {
		p := &PeerServer{clients: make(map[netip.AddrPort]*runningClient)}
		for _, addr := range test.peers {
			c := NewTCPClient(addr, newLedger(0, "a"), testLog(t))
			p.clients[addr] = &runningClient{TCPClient: c, listed: time.Now()}
		}
		txs := []json.RawMessage{testTx("one")}
		p.relayTxs(txs, txs, netip.MustParseAddr(test.from))
		var got []string
		for _, addr := range test.peers {
			if len(p.clients[addr].queue) > 0 {
				got = append(got, addr.String())
			}
		}
		if got := strings.Join(got, " "); got != test.want {
			t.Errorf("%s: given to %q, want %q", test.name, got, test.want)
		}
	}
}

// A peer that hands over a transaction isn't given it, though it was in the queue
// for that peer, as long as it wasn't on its way.
func TestQueuedTxCrossesOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		ledger, busy := newLedger(1, "a"), make(chan struct{})
		var given []string
		b := n.startScript(t, addrB, func(req Msg) []byte {
			if req.Code == TransactionMsg {
				given = append(given, string(req.Data))
				<-busy
			}
			return serve(ledger, req)
		})
		a := n.startNode(t, addrA, newLedger(1, "a"), &testNode{addr: b})
		pass(time.Second)

		for _, id := range []string{"one", "two", "three"} {
			a.ledger.AddTransactions(t.Context(), []json.RawMessage{testTx(id)})
			a.Broadcast(testTx(id))
			synctest.Wait() // the first is on its way, the others wait
		}

		nc, err := n.dialer(b.Addr())(t.Context(), a.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		write(t, nc, string(txsMsg([]json.RawMessage{testTx("one"), testTx("two")}).Append(nil)))
		expect(t, nc, none)

		close(busy)
		synctest.Wait()
		want := fmt.Sprintf("[[%s] [%s]]", testTx("one"), testTx("three"))
		if got := fmt.Sprint(given); got != want {
			t.Errorf("given %s, want %s", got, want)
		}
	})
}

// When the listener of a peer comes back, so does the conversation, and the
// transaction that waited is handed over once. The article's node never dials
// a peer again that it has lost.
func TestReconnect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		a := n.startNode(t, addrA, newLedger(3, "a"))
		b := n.startNode(t, addrB, newLedger(3, "a"), a)
		pass(11 * time.Second)
		a.stop()
		pass(time.Second)
		b.Broadcast(testTx("one"))
		pass(11 * time.Second)
		if got, want := b.state(t), "has refused TCP connections for 11 s"; got != want {
			t.Errorf("got state %q, want %q", got, want)
		}
		again := newLedger(3, "a")
		n.startNode(t, addrA, again)
		pass(lastRedial)
		if got, want := b.state(t), "in step"; got != want {
			t.Errorf("got state %q, want %q", got, want)
		}
		if got, want := again.pooled(), `"one"`; got != want {
			t.Errorf("got pool %s, want %s", got, want)
		}
	})
}

// The pauses between tries grow to half a minute, and end when discovery has
// forgotten the peer. In the article one refused connection ends discovery for
// the whole process.
func TestRedialPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		gone := &testNode{addr: netip.MustParseAddrPort(addrB)}
		a := n.startNode(t, addrA, newLedger(3, "a"), gone)
		pass(5 * time.Minute)
		a.disc.set() // a moment only
		pass(gracePeriod - 2*time.Second)
		a.disc.set(gone.addr)
		pass(5 * time.Minute)
		tries := n.tries(gone.addr)
		pause := firstRedial
		for i := 1; i < len(tries); i++ {
			if got := tries[i].Sub(tries[i-1]); got < pause/2 || got > pause {
				t.Errorf("pause %d: got %s, want %s to %s", i, got, pause/2, pause)
			}
			pause = min(2*pause, lastRedial)
		}
		if len(tries) < 20 || len(tries) > 60 {
			t.Errorf("got %d tries in 10 minutes", len(tries))
		}
		a.disc.set()
		pass(gracePeriod + 2*time.Second)
		before := len(n.tries(gone.addr))
		pass(10 * time.Minute)
		if after := len(n.tries(gone.addr)); after != before || len(a.Peers()) != 0 {
			t.Errorf("got %d tries after discovery forgot the peer", after-before)
		}
	})
}

// A peer that was away is dialled as soon as it shakes hands with us, and not only
// after the pause.
func TestRedialWhenPeerIsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		gone := &testNode{addr: netip.MustParseAddrPort(addrB)}
		a := n.startNode(t, addrA, newLedger(3, "a"), gone)
		for len(n.tries(gone.addr)) < 10 { // the next one is 15 s away or more
			pass(time.Second)
		}

		n.startNode(t, addrB, newLedger(3, "a"), a)
		synctest.Wait() // no time passes
		if got, want := a.state(t), "in step"; got != want {
			t.Errorf("got state %q, want %q", got, want)
		}
	})
}

// One that is left alone for what it served stays alone.
func TestHandshakeDoesNotEndPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		liar := &testNode{addr: netip.MustParseAddrPort(addrB)}
		a := n.nodeWith(t, func(p *PeerServer) { p.faults.record(liar.addr, "lies") }, addrA, newLedger(3, "a"), liar)
		n.startNode(t, addrB, newLedger(3, "a"), a)
		pass(firstPause - time.Second)
		if got := len(n.tries(liar.addr)); got != 0 {
			t.Errorf("dialled %d times, want 0", got)
		}
		pass(2 * time.Second)
		if got := len(n.tries(liar.addr)); got != 1 {
			t.Errorf("dialled %d times after the pause, want 1", got)
		}
	})
}

// Whoever shakes hands all the time does not make us dial as often.
func TestRedialHasBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		gone := &testNode{addr: netip.MustParseAddrPort(addrB)}
		a := n.startNode(t, addrA, newLedger(3, "a"), gone)
		pass(time.Second)
		nc, err := n.dialer(gone.addr.Addr())(t.Context(), a.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		conn := newMsgConn(nc, testLog(t))
		status, _ := a.ledger.Status()
		before := len(n.tries(gone.addr))
		for range 200 {
			if err := conn.send(status.Msg(), time.Second); err != nil {
				t.Fatal(err)
			}
			if _, err := conn.receive(time.Second); err != nil {
				t.Fatal(err)
			}
			synctest.Wait() // no time passes
		}
		if got := len(n.tries(gone.addr)) - before; got == 0 || got > 20 {
			t.Errorf("got %d tries for 200 handshakes, want 1 to 20", got)
		}
	})
}

// A peer that discovery loses for a while keeps its connection, and for good as
// long as it talks. Discovery is told.
func TestGracePeriod(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		b := n.startNode(t, addrB, newLedger(3, "a"))
		a := n.startNode(t, addrA, newLedger(3, "a"), b)
		for range 5 {
			pass(gracePeriod - 2*time.Second)
			a.disc.set()
			pass(gracePeriod - 2*time.Second)
			a.disc.set(b.addr)
		}
		if got := len(n.tries(b.addr)); got != 1 {
			t.Errorf("got %d connections, want 1", got)
		}
		pass(time.Minute)
		a.disc.met = nil
		pass(time.Minute)
		if len(a.disc.met) != 0 {
			t.Errorf("discovery was told of %v, which it knew", a.disc.met)
		}
		a.disc.set()
		pass(10 * time.Minute)
		if got := len(n.tries(b.addr)); got != 1 || a.state(t) != "in step" {
			t.Errorf("got %d connections, state %s", got, a.state(t))
		}
		if got := len(a.disc.met); got < 10 || got > 21 || a.disc.met[0] != b.addr {
			t.Errorf("discovery was told of %v", a.disc.met)
		}
		b.stop()
		pass(gracePeriod + 2*time.Second)
		if got := len(a.Peers()); got != 0 {
			t.Errorf("got %d peers, want 0", got)
		}
	})
}

// Where discovery is blind, whoever dials us is asked back: at our own port or
// at the usual one.
func TestAskBack(t *testing.T) {
	tests := []struct{ name, theirs, ours string }{
		{"both at the usual port", addrA, addrB},
		{"the usual port", addrA, "10.0.0.2:7000"},
		{"our own port", "10.0.0.1:7000", "10.0.0.2:7000"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := newFakeNet()
				blind := n.startNode(t, test.ours, newLedger(2, "a"))
				a := n.startNode(t, test.theirs, newLedger(5, "a"), blind)
				pass(3 * defaultHeartbeat)
				if got, want := blind.ledger.tip(), a.ledger.tip(); got != want {
					t.Errorf("got tip %s, want %s", got, want)
				}
				if got := fmt.Sprint(blind.disc.met); got != "["+test.theirs+"]" {
					t.Errorf("discovery was told of %s", got)
				}

				a.ledger.extend(1, "a")
				a.Announce()
				blind.Broadcast(testTx("one"))
				synctest.Wait() // no time passes
				if blind.ledger.tip() != a.ledger.tip() || a.ledger.pooled() != `"one"` || blind.state(t) != "in step" {
					t.Errorf("got tip %s and pool %s: not a peer like others", blind.ledger.tip(), a.ledger.pooled())
				}

				pass(5 * time.Minute)
				if got := len(n.tries(a.addr)); got != 1 {
					t.Errorf("dialled %d times, want once", got)
				}
			})
		})
	}
}

// A wrong guess is given up soon, is no peer, and takes nothing from a peer that
// discovery lists there later.
func TestWrongGuess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		blind := n.startNode(t, "10.0.0.2:7000", newLedger(2, "a"))
		a := n.startNode(t, "10.0.0.1:8000", newLedger(5, "a"), blind) // where nobody looks for it
		pass(10 * time.Minute)
		for _, wrong := range []string{"10.0.0.1:7000", "10.0.0.1:5678"} {
			if got := len(n.tries(netip.MustParseAddrPort(wrong))); got == 0 || got > 40 {
				t.Errorf("%s: dialled %d times in 10 minutes", wrong, got)
			}
		}
		if got := blind.Peers(); len(got) != 0 || len(blind.disc.met) != 0 {
			t.Errorf("got peers %v, told of %v", got, blind.disc.met)
		}

		late := n.startNode(t, addrA, newLedger(5, "a"))
		blind.disc.set(late.addr)
		pass(2 * time.Second)
		if got := blind.state(t); got != "in step" {
			t.Errorf("got state %q, want in step at once", got)
		}
		a.stop()
	})
}

// At one address we try one port at a time.
func TestOneGuessAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		silent := func(Msg) []byte { return []byte{} }
		likely := []netip.AddrPort{n.startScript(t, "10.0.0.1:7000", silent), n.startScript(t, addrA, silent)}
		blind := n.startNode(t, "10.0.0.2:7000", newLedger(2, "a"))
		n.startNode(t, "10.0.0.1:8000", newLedger(5, "a"), blind)
		pass(replyTimeout - time.Second) // a second handshake has come
		if first, second := len(n.tries(likely[0])), len(n.tries(likely[1])); first != 1 || second != 0 {
			t.Errorf("dialled %d and %d times, want once and never", first, second)
		}
		pass(2 * defaultHeartbeat)
		if got := len(n.tries(likely[1])); got == 0 {
			t.Error("the second port was not tried after the first")
		}
	})
}

// However many strangers shake hands with us, few are dialled at a time, and of
// one network fewer.
func TestGuessesAreBounded(t *testing.T) {
	tests := []struct {
		name string
		ip   func(i int) netip.Addr
		most int
	}{
		{"many networks", func(i int) netip.Addr { return netip.AddrFrom4([4]byte{8, byte(i), 8, 8}) }, maxGuesses},
		{"one network", func(i int) netip.Addr { return netip.AddrFrom4([4]byte{8, 8, 8, byte(i)}) }, maxGuesses / 4},
		{"this machine", func(i int) netip.Addr { return netip.AddrFrom4([4]byte{127, 0, 0, byte(i)}) }, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := newFakeNet()
				me := n.startNode(t, addrA, newLedger(3, "a"))
				shake := string(Status{Height: -1}.Msg().Append(nil))
				for i := range 100 {
					ip := test.ip(i)
					n.startScript(t, netip.AddrPortFrom(ip, defaultPort).String(), func(Msg) []byte { return []byte{} }) // silent
					nc, err := n.dialer(ip)(t.Context(), me.addr)
					if err != nil {
						t.Fatal(err)
					}
					write(t, nc, shake)
					if _, err := nc.Read(make([]byte, 1)); err != nil {
						t.Fatal(err)
					}
					nc.Close()
					synctest.Wait()
				}
				dialled := 0
				for i := range 100 {
					dialled += len(n.tries(netip.AddrPortFrom(test.ip(i), defaultPort)))
				}
				if dialled != test.most {
					t.Errorf("%d of 100 strangers were dialled, want %d", dialled, test.most)
				}
			})
		})
	}
}

// The same over real connections.
func TestLoopback(t *testing.T) {
	a, b := newLedger(1200, "a"), newLedger(-1, "")
	_, addr, _ := startPeer(t, "127.0.0.1", a)
	p, _, _ := startPeer(t, "127.0.0.2", b, addr)
	b.await(t, "sync", func() bool { return a.tip() == b.tip() })
	p.Broadcast(testTx("one"))
	a.await(t, "transaction", func() bool { return a.pooled() == `"one"` })
}
