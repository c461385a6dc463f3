package network

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Whatever is wrong with a block, the blocks before it are kept, and the peer
// is left alone.
func TestBadBlocks(t *testing.T) {
	l := newLedger(9, "a")
	stranger := newLedger(9, "b")
	invalid := testBlock(6, blockHash(l.chain[5]), "bad-6")
	tests := []struct{ name, reply, reason string }{
		{"another height", blockMsg(l.chain[7]), "serves block 7 as block 6"},
		{"the one before again", blockMsg(l.chain[5]), "serves block 5 as block 6"},
		{"another chain", blockMsg(stranger.chain[6]), "block 6 does not follow the block before it"},
		{"not valid", blockMsg(invalid), "block 6: not valid"},
		{"none", none, "does not serve block 6 of its chain"},
		{"no block", `{"code": 2, "data": {}}`, "block 6: not a message: a block needs a header with height, hash and prev_block_hash"},
		{"null", `{"code": 2, "data": {"block_header": null}}`, "block 6: not a message: a block needs a header with height, hash and prev_block_hash"},
		{"a text", `{"code": 2, "data": "6"}`, "block 6: not a message: a block needs a header with height, hash and prev_block_hash"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := newFakeNet()
				addr := n.startScript(t, addrB, serveBut(l, 6, test.reply))
				ours := newLedger(2, "a")
				c := n.startClient(t, addr, ours)
				pass(time.Second)
				if got, want := ours.tip(), newLedger(5, "a").tip(); got != want {
					t.Errorf("got tip %s, want %s", got, want)
				}
				h, _ := ours.Status()
				if got, want := c.peerStatus(h).State, "left alone for 9 s: "+test.reason; got != want {
					t.Errorf("got state %q, want %q", got, want)
				}
			})
		})
	}
}

// A block that is from the future by our clock is not its peer's fault: it is
// asked for again, and the peer is not left alone.
func TestEarlyBlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		theirs, ours := newLedger(2, "a"), newLedger(2, "a")
		theirs.extend(1, "early")
		ours.clock = time.Now().Add(time.Second)
		addr := n.startScript(t, addrB, func(req Msg) []byte { return serve(theirs, req) })
		c := n.startClient(t, addr, ours)
		pass(500 * time.Millisecond)
		if left, reason := c.faults.remainingPause(addr); left > 0 || ours.tip() == theirs.tip() {
			t.Errorf("left alone for %s: %s", left, reason)
		}
		pass(notTakenPause + defaultHeartbeat)
		if ours.tip() != theirs.tip() {
			t.Errorf("got tip %s, want %s", ours.tip(), theirs.tip())
		}
	})
}

// countRoundTrips returns how many round trips a client and a peer need for what do
// does. Behind block 0 the peer has 1,000 blocks, and the client 999 others.
func countRoundTrips(t *testing.T, python bool, do func(*testing.T, *TCPClient, *msgConn)) int {
	const roundTrip = 50 * time.Millisecond
	base := newLedger(0, "base")
	ours, theirs := base.fork(0, 999, "ours"), base.fork(0, 1000, "theirs")
	n := newFakeNet()
	n.delay = roundTrip / 2
	addr := n.startScript(t, addrB, func(req Msg) []byte { return serve(theirs, req) })
	c := n.newClient(t, addr, ours)
	c.python = python
	conn, err := c.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.end()

	began := time.Now()
	do(t, c, conn)
	if got := len(n.tries(addr)); got > 8 {
		t.Errorf("got %d connections, want at most 8", got)
	}
	return int(time.Since(began) / roundTrip)
}

func fetchThousand(t *testing.T, c *TCPClient, conn *msgConn) {
	status, _ := c.Ledger.Status()
	raised, err := c.fetchBlocks(t.Context(), conn, 1, 1000, status.GenesisHash)
	if err != nil || raised != 1 {
		t.Errorf("raised by %d, %v", raised, err)
	}
}

func findDeepFork(t *testing.T, c *TCPClient, conn *msgConn) {
	status, _ := c.Ledger.Status()
	height, _, err := c.forkPoint(conn, status)
	if err != nil || height != 0 {
		t.Errorf("found block %d, %v", height, err)
	}
}

// Over a long line, what counts is how often we wait for a reply. A Python node
// gets one request at a time over one connection, and no more than four of those.
func TestRoundTrips(t *testing.T) {
	tests := []struct {
		name   string
		do     func(*testing.T, *TCPClient, *msgConn)
		python bool
		most   int
	}{
		{"fork 1,000 blocks down", findDeepFork, false, 4},
		{"the same, Python peer", findDeepFork, true, 10},
		{"1,000 blocks", fetchThousand, false, 1000 / 16},
		{"the same, Python peer", fetchThousand, true, 1000 / 4},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				trips := countRoundTrips(t, test.python, test.do)
				t.Logf("%d round trips", trips)
				if trips > test.most || test.python && trips < test.most {
					t.Errorf("got %d round trips, want at most %d", trips, test.most)
				}
			})
		})
	}
}

// While the ledger works on a batch, the next one is fetched. On top of that comes
// only what is on its way already.
func TestFetchOneBatchAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		theirs, ours := newLedger(4*maxBatchBlocks, "a"), newLedger(0, "a")
		addr := n.startScript(t, addrB, func(req Msg) []byte { return serve(theirs, req) })
		block := make(chan struct{})
		ours.onAdd = func() { <-block }
		n.startClient(t, addr, ours)
		pass(time.Second)
		if got, want := len(theirs.asked), 2*maxBatchBlocks+maxAhead-1; got != want {
			t.Errorf("got %d blocks asked for, want %d", got, want)
		}
		close(block)
		synctest.Wait()
		if ours.tip() != theirs.tip() {
			t.Errorf("got tip %s, want %s", ours.tip(), theirs.tip())
		}
	})
}

// A peer that announces the highest height there is costs one request for each
// block that it does serve, and those that are on their way by then. It is asked
// once more: it may have moved.
func TestFalseHeight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		theirs, ours := newLedger(5, "a"), newLedger(3, "a")
		var rec recorder
		addr := n.startScript(t, addrB, func(req Msg) []byte {
			rec.add(req)
			if req.Code == HandShakeMsg {
				return fmt.Appendf(nil, `{"code": 1, "data": {"last_height": 2147483647, "genesis_block": %s}}`, theirs.chain[0])
			}
			return serve(theirs, req)
		})
		n.startClient(t, addr, ours)
		pass(9 * time.Second)
		if got := rec.count(GetBlockMsg); got > 4+2*maxAhead {
			t.Errorf("got %d blocks asked for", got)
		}
		if got, want := len(ours.chain), len(theirs.chain); got != want {
			t.Errorf("got %d blocks, want the %d that it serves", got, want)
		}
	})
}

// A peer that switches to and fro between two branches while we fetch them is not
// left alone, whatever it is asked when it does, and we get the higher one.
func TestFlippingPeer(t *testing.T) {
	const roundTrip = 50 * time.Millisecond
	for _, every := range []int{7, 10, 15, 20, 100} {
		t.Run(fmt.Sprintf("every %d round trips", every), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := newFakeNet()
				n.delay = roundTrip / 2
				base := newLedger(2, "base")
				branches := []*fakeLedger{base.fork(0, 300, "x"), base.fork(0, 301, "y")}
				began := time.Now()
				addr := n.startScript(t, addrB, func(req Msg) []byte {
					flips := int(time.Since(began) / (time.Duration(every) * roundTrip))
					return serve(branches[flips%2], req)
				})
				ours := base.fork(0, 0, "")
				c := n.startClient(t, addr, ours)
				for range 20 {
					pass(defaultHeartbeat)
					if left, reason := c.faults.remainingPause(addr); left > 0 {
						t.Fatalf("left alone for %s: %s", left, reason)
					}
				}
				if got := len(ours.chain); got < 301 {
					t.Errorf("got %d blocks, want 301 or 302", got)
				}
			})
		})
	}
}

// A peer that switches at each handshake is not left alone either.
func TestPeerFlipsAtHandshake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		base := newLedger(5, "base")
		branches := []*fakeLedger{base.fork(3, 30, "x"), base.fork(4, 30, "y")}
		shaken := 0
		addr := n.startScript(t, addrB, func(req Msg) []byte {
			if req.Code == HandShakeMsg {
				shaken++
				return serve(branches[shaken%2], req)
			}
			return serve(branches[(shaken+1)%2], req) // what it serves is always the other
		})
		c := n.startClient(t, addr, base)
		pass(time.Minute)
		if left, reason := c.faults.remainingPause(addr); left > 0 || len(base.chain) < 34 {
			t.Errorf("%d blocks, left alone for %s: %s", len(base.chain), left, reason)
		}
	})
}

// A peer that changes its branch while we fetch it is asked again, at once.
func TestPeerSwitchesBranch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		base := newLedger(5, "base")
		before, after := base.fork(5, 20, "x"), base.fork(5, 25, "y")
		asked := 0
		addr := n.startScript(t, addrB, func(req Msg) []byte {
			if req.Code == GetBlockMsg {
				asked++
			}
			if asked < 10 {
				return serve(before, req)
			}
			return serve(after, req)
		})
		n.startClient(t, addr, base)
		pass(time.Second)
		if got, want := base.tip(), after.tip(); got != want {
			t.Errorf("got tip %s, want %s", got, want)
		}
	})
}

// Only what a peer has given is said to come from it: our tip may have risen by
// others' blocks meanwhile.
func TestSyncedByOthers(t *testing.T) {
	tests := []struct {
		name   string
		others int // blocks that come from elsewhere first
		want   string
	}{
		{"alone", 0, "height=4 hash=" + blockHash(newLedger(4, "a").chain[4]) + " blocks=2"},
		{"another is higher", 4, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := newFakeNet()
				theirs, ours := newLedger(4, "a"), newLedger(2, "a")
				ours.onAdd = func() { ours.extend(test.others, "a") }
				addr := n.startScript(t, addrB, func(req Msg) []byte { return serve(theirs, req) })
				c := n.newClient(t, addr, ours)
				var log bytes.Buffer
				c.Log = newTextLog(&log)
				runClient(t, c)
				pass(time.Second)

				_, told, _ := strings.Cut(log.String(), "msg=\"blocks synced\" peer="+addrB+" ")
				told, _, _ = strings.Cut(told, "\n")
				if told != test.want {
					t.Errorf("told is %q, want %q, in\n%s", told, test.want, log.String())
				}
			})
		})
	}
}

// Of two peers that serve the same blocks, one has raised our tip.
func TestSyncedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		theirs, ours := newLedger(4, "a"), newLedger(2, "a")
		var log bytes.Buffer
		logger := newTextLog(&log)
		adding := newTurns(1, 1)
		for _, peer := range []string{addrB, addrC} {
			addr := n.startScript(t, peer, func(req Msg) []byte { return serve(theirs, req) })
			c := n.newClient(t, addr, ours)
			c.Log = logger
			c.adding = adding
			runClient(t, c)
		}
		pass(time.Second)
		if got := strings.Count(log.String(), `msg="blocks synced"`); got != 1 || ours.tip() != theirs.tip() {
			t.Errorf("told %d times, want once, in\n%s", got, log.String())
		}
	})
}
