package network

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// swap is a peer with the chain of l that serves another reply for one height.
func swap(l *fakeLedger, height int, reply string) func(Msg) []byte {
	return func(req Msg) []byte {
		if req.Code == GetBlockMsg && string(req.Data) == fmt.Sprint(height) {
			return []byte(reply)
		}
		return serve(l, req)
	}
}

// blockMsg is the reply that carries block.
func blockMsg(block json.RawMessage) string { return string(Msg{GetBlockMsg, block}.Append(nil)) }

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
				addr := n.script(t, addrB, swap(l, 6, test.reply))
				ours := newLedger(2, "a")
				c := n.client(t, addr, ours)
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
		addr := n.script(t, addrB, func(req Msg) []byte { return serve(theirs, req) })
		c := n.client(t, addr, ours)
		pass(500 * time.Millisecond)
		if left, reason := c.faults.remainingPause(addr); left > 0 || ours.tip() == theirs.tip() {
			t.Errorf("left alone for %s: %s", left, reason)
		}
		pass(earlyPause + defaultHeartbeat)
		if ours.tip() != theirs.tip() {
			t.Errorf("got tip %s, want %s", ours.tip(), theirs.tip())
		}
	})
}

// A peer that serves a long branch with a bad end, again and again, gets to do
// so at growing intervals, even if it disappears in between.
func TestFaultsGrow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		base := newLedger(20, "base")
		bad := base.fork(5, 300, "branch")
		tip := bad.chain[len(bad.chain)-1]
		bad.push(testBlock(len(bad.chain), blockHash(tip), "bad-end"))
		addr := n.script(t, addrB, func(req Msg) []byte { return serve(bad, req) })
		me := n.node(t, addrA, base, &testNode{addr: addr})
		pass(time.Second)
		if got, want := base.tip(), bad.fork(305, 0, "").tip(); got != want {
			t.Errorf("got tip %s, want the branch without its end, %s", got, want)
		}
		for i, pause := 1, firstPause; i < 10; i, pause = i+1, min(2*pause, lastPause) {
			me.disc.set() // the peer goes, and comes back when it is forgotten
			pass(gracePeriod + 2*time.Second)
			me.disc.set(addr)
			pass(pause + 2*time.Second)
		}
		tries := n.tries(addr)
		pause := firstPause
		for i := 1; i < len(tries); i++ {
			if got := tries[i].Sub(tries[i-1]); got < pause {
				t.Errorf("try %d: after %s, want at least %s", i, got, pause)
			}
			pause = min(2*pause, lastPause)
		}
		if len(tries) < 8 {
			t.Errorf("got %d tries, want one for each pause", len(tries))
		}
	})
}

// The memory of faults is bounded, and keeps those that last longest.
func TestFaultsBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var fs faults
		worst := netip.MustParseAddrPort(addrA)
		for range 5 {
			fs.record(worst, "invalid block")
		}
		for i := range 3 * maxFaults {
			ip := netip.AddrFrom4([4]byte{10, 9, byte(i >> 8), byte(i)})
			fs.record(netip.AddrPortFrom(ip, 5678), "other block")
		}
		if len(fs.peers) != maxFaults {
			t.Errorf("got %d peers, want %d", len(fs.peers), maxFaults)
		}
		if left, reason := fs.remainingPause(worst); left != 160*time.Second || reason != "invalid block" {
			t.Errorf("worst peer: got %s %q", left, reason)
		}
		time.Sleep(time.Hour)
		if pause := fs.record(worst, "invalid block"); pause != firstPause {
			t.Errorf("after an hour: got a pause of %s, want %s", pause, firstPause)
		}
	})
}

// While the ledger works on a batch, the next one is fetched, and no more.
func TestFetchOneBatchAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		theirs, ours := newLedger(4*maxBatchBlocks, "a"), newLedger(0, "a")
		addr := n.script(t, addrB, func(req Msg) []byte { return serve(theirs, req) })
		block := make(chan struct{})
		ours.onAdd = func() { <-block }
		n.client(t, addr, ours)
		pass(time.Second)
		if got, want := len(theirs.asked), 2*maxBatchBlocks; got != want {
			t.Errorf("got %d blocks asked for, want %d", got, want)
		}
		close(block)
		synctest.Wait()
		if ours.tip() != theirs.tip() {
			t.Errorf("got tip %s, want %s", ours.tip(), theirs.tip())
		}
	})
}

// A batch of large blocks is full before it has 500.
func TestBatchBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		theirs, ours := newLedger(10, strings.Repeat("a", 300<<10)), newLedger(-1, "")
		addr := n.script(t, addrB, func(req Msg) []byte { return serve(theirs, req) })
		n.client(t, addr, ours)
		pass(time.Second)
		if got, want := fmt.Sprint(ours.batches), "[4 4 3]"; got != want || ours.tip() != theirs.tip() {
			t.Errorf("got batches %s and tip %s, want %s and %s", got, ours.tip(), want, theirs.tip())
		}
	})
}

// A peer that announces the highest height there is, and then another, costs
// one request for each block that it does serve.
func TestFalseHeight(t *testing.T) {
	for _, height := range []string{"2147483647", "9223372036854775807"} {
		t.Run(height, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := newFakeNet()
				theirs, ours := newLedger(5, "a"), newLedger(3, "a")
				var rec recorder
				addr := n.script(t, addrB, func(req Msg) []byte {
					rec.add(req)
					if req.Code == HandShakeMsg {
						return fmt.Appendf(nil, `{"code": 1, "data": {"last_height": %s, "genesis_block": %s}}`, height, theirs.chain[0])
					}
					return serve(theirs, req)
				})
				n.client(t, addr, ours)
				pass(9 * time.Second)
				if got := rec.count(GetBlockMsg); got > 4 {
					t.Errorf("got %d blocks asked for", got)
				}
			})
		})
	}
}

// False heights told to our server make us ask the liar, not everyone.
func TestFalseHeightFlood(t *testing.T) {
	tests := []struct {
		name   string
		from   string
		honest int // handshakes with the honest peer in 10 s, at most
	}{
		{"a liar we know", addrC, 3},
		{"a stranger", "10.0.0.77:1", 3 + 10},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := newFakeNet()
				var honest, liar recorder
				l := newLedger(3, "a")
				b := n.script(t, addrB, func(req Msg) []byte { honest.add(req); return serve(l, req) })
				c := n.script(t, addrC, func(req Msg) []byte { liar.add(req); return serve(l, req) })
				me := n.node(t, addrA, newLedger(3, "a"), &testNode{addr: b}, &testNode{addr: c})
				pass(time.Second)
				nc, err := n.dialer(netip.MustParseAddrPort(test.from).Addr())(t.Context(), me.addr)
				if err != nil {
					t.Fatal(err)
				}
				defer nc.Close()
				flood := newMsgConn(nc, testLog(t))
				high := handshakeMsg(Status{Height: 1 << 30, Genesis: l.chain[0]})
				for range 1000 {
					if err := flood.send(high, time.Second); err != nil {
						t.Fatal(err)
					}
					if _, err := flood.receive(time.Second); err != nil {
						t.Fatal(err)
					}
					pass(10 * time.Millisecond)
				}
				if got := honest.count(HandShakeMsg); got > test.honest {
					t.Errorf("got %d handshakes with the honest peer, want at most %d", got, test.honest)
				}
				if got := liar.count(HandShakeMsg); got > 3+3*20 {
					t.Errorf("got %d handshakes with the liar", got)
				}
			})
		})
	}
}

// A peer that changes its branch while we fetch it is tried again.
func TestPeerSwitchesBranch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		base := newLedger(5, "base")
		before, after := base.fork(5, 20, "x"), base.fork(5, 25, "y")
		asked := 0
		addr := n.script(t, addrB, func(req Msg) []byte {
			if req.Code == GetBlockMsg {
				asked++
			}
			if asked < 10 {
				return serve(before, req)
			}
			return serve(after, req)
		})
		n.client(t, addr, base)
		pass(firstPause + time.Second)
		if got, want := base.tip(), after.tip(); got != want {
			t.Errorf("got tip %s, want %s", got, want)
		}
	})
}

// A client that is stopped waits neither for its turn nor for the ledger, and
// leaves the turn to others.
func TestTurnIsGivenUp(t *testing.T) {
	for _, taken := range []bool{false, true} {
		t.Run(fmt.Sprintf("taken %t", taken), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, stop := context.WithCancel(t.Context())
				ours := newLedger(0, "a")
				ours.onAdd = func() { <-ctx.Done() }
				c := NewTCPClient(netip.MustParseAddrPort(addrB), ours, testLog(t))
				if taken {
					c.addTurn <- struct{}{}
				}
				var err error
				go func() {
					wait := c.startAdding(ctx, newLedger(1, "a").chain, func() {})
					err = wait()
				}()
				synctest.Wait()
				if len(c.addTurn) != 1 {
					t.Errorf("%d tokens while a client adds, want 1", len(c.addTurn))
				}
				stop()
				synctest.Wait()
				if !errors.Is(err, context.Canceled) || len(c.addTurn) > 0 != taken {
					t.Errorf("error %v, %d tokens", err, len(c.addTurn))
				}
				if added := len(ours.batches) > 0; added == taken {
					t.Errorf("ledger called: %t, with the turn taken: %t", added, taken)
				}
				if taken {
					<-c.addTurn // if it waited still, it could end now
				}
			})
		})
	}
}

// Whatever block of the first batch is bad, and whatever becomes of the batches
// after it, the others get their turn.
func TestTurnAfterBadBlock(t *testing.T) {
	for _, bad := range []int{1, maxBatchBlocks, maxBatchBlocks + 1, 3 * maxBatchBlocks} {
		t.Run(fmt.Sprint(bad), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := newFakeNet()
				theirs := newLedger(bad-1, "a")
				theirs.extend(1, "bad")
				theirs.extend(2*maxBatchBlocks, "a")
				addr := n.script(t, addrB, func(req Msg) []byte { return serve(theirs, req) })
				ours := newLedger(0, "a")
				c := n.client(t, addr, ours)
				pass(5 * time.Second)
				if left, _ := c.faults.remainingPause(addr); left == 0 || len(c.addTurn) > 0 || len(ours.chain) != bad {
					t.Errorf("%d tokens, %d blocks, left alone for %s", len(c.addTurn), len(ours.chain), left)
				}
			})
		})
	}
}
