package network

import (
	"bytes"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Two chains of one height whose last blocks differ are not in step. Whoever
// has not seen the peer's last block yet asks for it, once.
func TestForksOfOneHeight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		base := newLedger(3, "base")
		a := n.startNode(t, addrA, base.fork(3, 2, "a"))
		b := n.startNode(t, addrB, base.fork(3, 2, "b"))
		a.knows(b)
		pass(time.Minute)
		for _, nodes := range [][2]*testNode{{a, b}, {b, a}} {
			node, other := nodes[0], nodes[1]
			hash, _ := other.ledger.Hash(5)
			if got, want := node.state(t), "same height, other block "+hash[:4]+"…"; got != want {
				t.Errorf("got state %q, want %q", got, want)
			}
			other.ledger.mu.Lock()
			if got, want := other.ledger.asked, []int{5}; !slices.Equal(got, want) {
				t.Errorf("blocks %v were asked for, want %v", got, want)
			}
			other.ledger.mu.Unlock()
		}

		// The next block decides.
		a.ledger.extend(1, "a")
		a.Announce()
		pass(time.Minute)
		if a.state(t) != "in step" || b.state(t) != "in step" {
			t.Errorf("got states %q and %q, want both in step", a.state(t), b.state(t))
		}
	})
}

// A peer whose blocks come too early for our clock is not hung up on: we stay
// connected, hand over transactions, and say what is wrong, once. When the
// clock is right, its blocks are taken.
func TestPeerWithFastClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		theirs, ours := newLedger(2, "a"), newLedger(2, "a")
		theirs.extend(3, "early")
		ours.clock = time.Now().Add(time.Hour)
		var log lockedBuffer
		a := n.startNode(t, addrA, theirs)
		b := n.nodeWith(t, func(p *PeerServer) { p.Log = newTextLog(&log) }, addrB, ours, a)
		pass(59 * time.Minute)
		if got, want := b.state(t), "3 blocks ahead: not yet"; got != want {
			t.Errorf("got state %q, want %q", got, want)
		}
		if got := strings.Count(log.String(), "level=WARN"); got != 1 || strings.Contains(log.String(), "peer disconnected") {
			t.Errorf("%d warnings, want 1:\n%s", got, &log)
		}
		ours.mu.Lock()
		tries := len(ours.batches)
		ours.mu.Unlock()
		if most := int(time.Hour / notTakenPause); tries > most {
			t.Errorf("the blocks came %d times in an hour, want at most %d", tries, most)
		}
		pass(2 * time.Minute)
		if got, want := b.state(t), "in step"; got != want {
			t.Errorf("got state %q, want %q", got, want)
		}
	})
}

// A node that has two chains to choose from says so, on both sides and once,
// and with it what to do.
func TestOtherGenesisIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		var logs [2]lockedBuffer
		set := func(log *lockedBuffer) func(*PeerServer) {
			return func(p *PeerServer) {
				p.Log = newTextLog(log)
				p.GiveUp = func(peer netip.AddrPort) string { return "take the chain of " + peer.String() }
			}
		}
		nodes := [2]*testNode{
			n.nodeWith(t, set(&logs[0]), addrA, newLedger(9, "a")),
			n.nodeWith(t, set(&logs[1]), addrB, newLedger(2, "b")),
		}
		nodes[0].knows(nodes[1])
		pass(time.Hour)

		for i, node := range nodes {
			other := nodes[1-i]
			want := "other genesis block " + blockHash(other.ledger.chain[0])[:4] + "…: take the chain of " + other.addr.String()
			if got := node.Peers()[0]; got.State != want || !got.OtherChain {
				t.Errorf("got %v, want %q", got, want)
			}
			if got := strings.Count(logs[i].String(), want); got != 1 {
				t.Errorf("logged %d times, want once:\n%s", got, &logs[i])
			}
		}
	})
}

// A node without a chain takes its first one only from where it may, however
// much faster others are. Those that it refused are told so in its log, once.
func TestFirstChain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		liar := n.startNode(t, addrA, newLedger(0, "liar"))
		honest := n.startNode(t, addrB, newLedger(-1, ""))
		var log lockedBuffer
		newcomer := n.nodeWith(t, func(p *PeerServer) {
			p.Log = newTextLog(&log)
			p.FirstChain = func(peer netip.AddrPort, genesis string) error {
				if peer != honest.addr {
					return errors.New("not from strangers")
				}
				return nil
			}
		}, addrC, newLedger(-1, ""), liar, honest)
		pass(time.Hour)
		if got := newcomer.ledger.tip(); got != "none" {
			t.Fatalf("got tip %s, want none", got)
		}
		if got, want := newcomer.Peers()[0].State, "not from strangers"; got != want {
			t.Errorf("got state %q, want %q", got, want)
		}
		if got := strings.Count(log.String(), "not from strangers"); got != 1 {
			t.Errorf("logged %d times, want once:\n%s", got, &log)
		}

		honest.ledger.extend(3, "honest")
		pass(2 * defaultHeartbeat)
		if got, want := newcomer.ledger.tip(), honest.ledger.tip(); got != want {
			t.Errorf("got tip %s, want %s", got, want)
		}
	})
}

// Whoever claims one genesis block in its handshake, and serves another, has
// none taken.
func TestFalseGenesis(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		claimed, served := newLedger(0, "claimed"), newLedger(3, "served")
		addr := n.startScript(t, addrB, func(req Msg) []byte {
			if req.Code == HandShakeMsg {
				return serve(claimed, req)
			}
			return serve(served, req)
		})
		ours := newLedger(-1, "")
		n.startClient(t, addr, ours)
		pass(time.Minute)
		if got := ours.tip(); got != "none" {
			t.Errorf("got tip %s, want none", got)
		}
	})
}

// A machine where nobody listens refuses connections; one that is gone does
// not answer.
func TestRefusingPeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		me := n.startNode(t, addrA, newLedger(1, "a"))
		synctest.Wait() // the node has looked for peers, and looks again in a second
		me.disc.set(netip.MustParseAddrPort(addrB))
		pass(5 * time.Second)
		if got, want := me.state(t), "has refused TCP connections for 4 s"; got != want {
			t.Errorf("got state %q, want %q", got, want)
		}

		n.startScript(t, addrC, func(Msg) []byte { return []byte{} })
		me.disc.set(netip.MustParseAddrPort(addrC))
		pass(gracePeriod + 2*time.Second)
		if got := me.state(t); !strings.HasPrefix(got, "no answer on TCP for ") {
			t.Errorf("got state %q", got)
		}
	})
}

// A lockedBuffer is a log that a test reads while nodes still write to it.
type lockedBuffer struct {
	mu  sync.Mutex // guards log
	log bytes.Buffer
}

func (b *lockedBuffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.log.Write(line)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.log.String()
}
