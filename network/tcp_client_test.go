package network

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// The requests of a conversation, to the byte.
func TestClientRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		theirs, ours := newLedger(3, "a"), newLedger(1, "a")
		var rec recorder
		addr := n.startScript(t, addrB, func(req Msg) []byte {
			rec.add(req)
			return serve(theirs, req)
		})
		c := n.startClient(t, addr, ours)
		synctest.Wait()
		c.AddTx(testTx("one"))
		pass(defaultHeartbeat)
		shake := func(height int) string {
			return fmt.Sprintf(`{"code": 1, "data": {"last_height": %d, "genesis_block": %s}}`, height, ours.chain[0])
		}
		want := []string{
			none, // a Python node would answer otherwise
			shake(1),
			`{"code": 2, "data": 1}`,
			`{"code": 2, "data": 2}`,
			`{"code": 2, "data": 3}`,
			shake(3),
			`{"code": 3, "data": [` + string(testTx("one")) + `]}`,
			shake(3),
			shake(3),
		}
		for i, req := range rec.reqs {
			if got := string(req.Append(nil)); i >= len(want) || got != want[i] {
				t.Errorf("request %d: got %.200s, want %.200s", i, got, want[min(i, len(want)-1)])
			}
		}
		if got := len(rec.reqs); got != len(want) {
			t.Errorf("got %d requests, want %d", got, len(want))
		}
	})
}

// A peer that accepts and stays silent is hung up on after 10 s, and dialled
// again with growing pauses.
func TestSilentPeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		addr := n.startScript(t, addrB, func(Msg) []byte { return []byte{} })
		n.startClient(t, addr, newLedger(1, "a"))
		pass(10 * time.Minute)
		tries := n.tries(addr)
		pause := firstRedial
		for i := 1; i < len(tries); i++ {
			got := tries[i].Sub(tries[i-1]) - replyTimeout
			if got < pause/2 || got > pause {
				t.Errorf("pause %d: got %s, want %s to %s", i, got, pause/2, pause)
			}
			pause = min(2*pause, lastRedial)
		}
		if len(tries) < 10 {
			t.Errorf("got %d tries in 10 minutes", len(tries))
		}
	})
}

// Replies that make no sense end the conversation and nothing else.
func TestBadHandshakeReplies(t *testing.T) {
	genesis := string(newLedger(0, "a").chain[0])
	tests := []struct{ name, reply string }{
		{"none", none},
		{"a block", `{"code": 2, "data": ` + genesis + `}`},
		{"2^63-1", `{"code": 1, "data": {"last_height": 9223372036854775807, "genesis_block": ` + genesis + `}}`},
		{"no JSON", `addr`},
		{"no message", `[]`},
		{"deep", strings.Repeat("[", 20_000)},
		{"giant", `{"code": 1, "data": "` + strings.Repeat("x", maxMsg)},
		{"half", `{"code": 1, "da`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := newFakeNet()
				var rec recorder
				addr := n.startScript(t, addrB, func(req Msg) []byte {
					rec.add(req)
					if req.Code == NoneMsg {
						return []byte(none)
					}
					return []byte(test.reply)
				})
				l := newLedger(1, "a")
				c := n.startClient(t, addr, l)
				pass(time.Minute)
				if rec.count(HandShakeMsg) < 2 || rec.count(GetBlockMsg) != 0 || len(l.batches) != 0 {
					t.Errorf("got %d handshakes, %d blocks asked for, batches %v",
						rec.count(HandShakeMsg), rec.count(GetBlockMsg), l.batches)
				}
				h, _ := l.Status()
				if got := c.peerStatus(h).State; !strings.HasPrefix(got, "no answer on TCP for ") {
					t.Errorf("got state %q", got)
				}
			})
		})
	}
}

// Transactions share a message as long as a Python node could take it with
// one recv.
func TestTxMessages(t *testing.T) {
	tx := func(size int) json.RawMessage {
		return testTx(strings.Repeat("x", size-len(testTx(""))))
	}
	tests := []struct {
		name  string
		sizes []int
		want  string // transactions in each message
	}{
		{"one", []int{600}, "[1]"},
		{"as many as fit", []int{600, 600, 600, 600, 600, 600, 600}, "[6 1]"},
		{"a large one alone", []int{600, 9000, 600}, "[1 1 1]"},
		{"a large one first", []int{9000, 600, 600}, "[1 2]"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := newFakeNet()
				theirs := newLedger(1, "a")
				var got []int
				addr := n.startScript(t, addrB, func(req Msg) []byte {
					if txs, err := parseTxs(req.Data); req.Code == TransactionMsg && err == nil {
						got = append(got, len(txs))
						if size := len(req.Append(nil)); len(txs) > 1 && size > 4096 {
							t.Errorf("%d transactions in %d bytes", len(txs), size)
						}
					}
					return serve(theirs, req)
				})
				c := n.newClient(t, addr, newLedger(1, "a"))
				for _, size := range test.sizes {
					c.AddTx(tx(size))
				}
				runClient(t, c)
				synctest.Wait()
				if fmt.Sprint(got) != test.want {
					t.Errorf("got messages of %v transactions, want %s", got, test.want)
				}
			})
		})
	}
}

// A transaction to which no reply comes is handed over three times and then
// dropped; the one behind it is not lost.
func TestTxWithoutReply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		theirs := newLedger(1, "a")
		deadly := 0
		addr := n.startScript(t, addrB, func(req Msg) []byte {
			if strings.Contains(string(req.Data), "deadly") {
				deadly++
				return nil
			}
			return serve(theirs, req)
		})
		c := n.startClient(t, addr, newLedger(1, "a"))
		synctest.Wait()
		c.AddTx(testTx("deadly" + strings.Repeat("x", maxTxsMsg)))
		c.AddTx(testTx("one"))
		pass(time.Minute)
		if got, want := theirs.pooled(), `"one"`; deadly != maxTries || got != want {
			t.Errorf("handed over %d times, pool %s; want %d, %s", deadly, got, maxTries, want)
		}
	})
}

// Transactions do not go to a peer whose chain cannot have their inputs, but
// wait until it can.
func TestTxWaitsForChain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		theirs := newLedger(-1, "")
		addr := n.startScript(t, addrB, func(req Msg) []byte { return serve(theirs, req) })
		c := n.startClient(t, addr, newLedger(1, "a"))
		c.AddTx(testTx("one"))
		pass(time.Minute)
		if got := theirs.pooled(); got != "" {
			t.Errorf("got pool %s, want none", got)
		}
		theirs.extend(1, "a")
		pass(defaultHeartbeat)
		if got, want := theirs.pooled(), `"one"`; got != want {
			t.Errorf("got pool %s, want %s", got, want)
		}
	})
}

// Our own transactions that wait for a block go to each peer that connects: once
// on a connection, and not before it is in step, for it would lack their inputs.
func TestWaitingTxsReachPeers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		theirs := newLedger(1, "a")
		var handed atomic.Int64
		var away atomic.Bool
		addr := n.startScript(t, addrB, func(req Msg) []byte {
			if away.Load() {
				return nil // hangs up
			}
			if req.Code == TransactionMsg {
				handed.Add(1)
			}
			return serve(theirs, req)
		})
		ours := newLedger(2, "a")
		ours.waiting = []json.RawMessage{testTx("one"), testTx("two")}
		c := n.startClient(t, addr, ours)
		pass(time.Minute)
		if got := handed.Load(); got != 0 {
			t.Errorf("%d messages for a peer that is behind, want none", got)
		}

		theirs.extend(1, "a")
		pass(time.Minute)
		if got, want := theirs.pooled(), `"one" "two"`; handed.Load() != 1 || got != want {
			t.Errorf("%d messages, pool %s; want 1, %s", handed.Load(), got, want)
		}

		away.Store(true)
		pass(time.Minute)
		c.AddTx(testTx("one")) // what is queued already goes once
		away.Store(false)
		pass(time.Minute)
		if got := handed.Load(); got != 2 {
			t.Errorf("%d messages for a peer that was away, want 2", got)
		}
	})
}

// A ledger that fails is no peer's fault, and is asked again.
func TestClientLedgerFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		theirs, ours := newLedger(3, "a"), newLedger(1, "a")
		ours.noReply = errors.New("disk on fire")
		addr := n.startScript(t, addrB, func(req Msg) []byte { return serve(theirs, req) })
		n.startClient(t, addr, ours)
		pass(time.Minute)
		ours.mu.Lock()
		ours.noReply = nil
		ours.mu.Unlock()
		pass(lastRedial)
		if ours.tip() != theirs.tip() {
			t.Errorf("got tip %s, want %s", ours.tip(), theirs.tip())
		}
	})
}

// Nor is a ledger that cannot store a peer's blocks: the peer is not left alone.
func TestFullDiskIsNoPeersFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		theirs, ours := newLedger(3, "a"), newLedger(1, "a")
		ours.diskFull = true
		addr := n.startScript(t, addrB, func(req Msg) []byte { return serve(theirs, req) })
		c := n.startClient(t, addr, ours)
		pass(30 * time.Second)
		if left, reason := c.faults.remainingPause(addr); left > 0 {
			t.Errorf("left alone for %s: %s", left, reason)
		}

		ours.mu.Lock()
		ours.diskFull = false
		ours.mu.Unlock()
		pass(lastRedial)
		if ours.tip() != theirs.tip() {
			t.Errorf("got tip %s, want %s", ours.tip(), theirs.tip())
		}
	})
}
