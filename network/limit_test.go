package network

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Too many connections are turned away; when one ends, the next gets in.
func TestServerConnectionLimits(t *testing.T) {
	l := newLedger(0, "a")
	ask, reply := `{"code": 2, "data": 0}`, `{"code": 2, "data": `+string(l.chain[0])+`}`
	addr := startServer(t, &TCPServer{Ledger: l, Log: testLog(t), MaxConns: 8})
	open := func(ip string) net.Conn {
		c := dial(t, ip, addr)
		write(t, c, ask)
		return c
	}
	admitted := func(ip string) net.Conn {
		t.Helper()
		c := open(ip)
		expect(t, c, reply)
		return c
	}
	admitted("127.0.0.1")
	admitted("127.0.0.1")
	expectClosed(t, open("127.0.0.1")) // a quarter of 8 from one address
	for _, ip := range []string{"127.0.0.2", "127.0.0.3", "127.0.0.4"} {
		admitted(ip)
		admitted(ip)
	}
	last := admitted("127.0.0.5") // 8 in all: it gets the place of one of a pair
	expectClosed(t, open("127.0.0.5"))
	admitted("127.0.0.6")
	admitted("127.0.0.7")
	admitted("127.0.0.8")
	expectClosed(t, open("127.0.0.9")) // one of each
	last.Close()
	for range 100_000 { // until the server has noticed
		c := dial(t, "127.0.0.9", addr)
		io.WriteString(c, ask)
		if _, err := io.ReadFull(c, make([]byte, len(reply))); err == nil {
			return
		}
		c.Close()
	}
	t.Error("nobody is admitted after a connection ended")
}

// Strangers who each send most of a large message take all slots; small
// messages are answered all the same, and large ones when there is room again.
func TestServerLargeMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &TCPServer{Ledger: newLedger(0, "a"), Log: testLog(t)}
		s.largeSlots = make(chan struct{}, maxLarge)
		open := func() net.Conn { return startPipe(t, s, func() {}) }
		begin := `{"code": 3, "data": [{"txid": "` + strings.Repeat("x", 2*smallMsg)
		end := `"}]}`
		var held []net.Conn
		for range maxLarge {
			c := open()
			write(t, c, begin)
			held = append(held, c)
		}
		late := open()
		write(t, late, none)
		expect(t, late, none)
		if _, err := io.WriteString(late, begin); err == nil {
			t.Error("more large messages are read than there are slots")
		}
		for _, c := range held {
			write(t, c, end)
			expect(t, c, none)
		}
		c := open()
		write(t, c, begin+end)
		expect(t, c, none)
	})
}

// A flood of one kind makes one line a minute, and that line says how many
// there were.
func TestQuietLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		log := newTextLog(&out)
		var q quietLog
		for range 100 {
			q.warn(log, "too slow", "peer", 1)
			q.warn(log, "too long", "peer", 1)
		}
		time.Sleep(time.Minute)
		q.warn(log, "too slow", "peer", 2)
		want := "level=WARN msg=\"too slow\" peer=1\n" +
			"level=WARN msg=\"too long\" peer=1\n" +
			"level=WARN msg=\"too slow\" peer=2 repeated=99\n"
		if out.String() != want {
			t.Errorf("got\n%swant\n%s", out.String(), want)
		}
	})
}

// What waits for a peer out of reach has a bound.
func TestTxQueueBound(t *testing.T) {
	c := NewTCPClient(netip.MustParseAddrPort(addrB), newLedger(1, "a"), testLog(t))
	for i := range maxQueue + 100 {
		c.AddTx(testTx(fmt.Sprint(i)))
	}
	if got := len(c.queue); got != maxQueue {
		t.Errorf("got %d transactions, want %d", got, maxQueue)
	}
}

// So it has in bytes: what waits may have left the pool long ago. What is
// handed over makes room, and is not held any longer.
func TestTxQueueBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		theirs := newLedger(-1, "")
		c := n.startClient(t, n.startScript(t, addrB, func(req Msg) []byte { return serve(theirs, req) }), newLedger(1, "a"))
		size := func() (sum int) {
			c.mu.Lock()
			defer c.mu.Unlock()
			for _, q := range c.queue[:cap(c.queue)] {
				sum += len(q.tx)
			}
			return sum
		}
		for i := range 100 {
			c.AddTx(testTx(fmt.Sprintf("%d %s", i, strings.Repeat("x", 1<<20-4096))))
		}
		if got := size(); got < 1<<20-4096 || got > maxQueueBytes {
			t.Errorf("got %d bytes, want at most %d", got, maxQueueBytes)
		}
		theirs.extend(1, "a")
		pass(defaultHeartbeat)
		if got := size(); got > 0 || len(theirs.pooled()) == 0 {
			t.Errorf("%d bytes are held still", got)
		}
		c.AddTx(testTx("one"))
		pass(time.Second)
		if !strings.HasSuffix(theirs.pooled(), `"one"`) {
			t.Error("there was no room made")
		}
	})
}

// Addresses where no peer can be are not dialled; of the others there are
// bounds, and whoever does not answer makes room.
func TestClientLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		a := n.startNode(t, addrA, newLedger(3, "a"))
		var addrs []netip.AddrPort
		for _, bad := range []string{"0.0.0.0:1", "[::]:1", "224.0.0.1:1", "10.0.0.9:0"} {
			addrs = append(addrs, netip.MustParseAddrPort(bad))
		}
		a.disc.set(append(addrs, netip.AddrPort{})...)
		pass(2 * time.Second)
		if got := len(a.Peers()); got != 0 {
			t.Errorf("got %d peers that cannot be", got)
		}
		addrs = nil
		for i := range 500 {
			addrs = append(addrs, netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 9, 9, 9}), uint16(1000+i)))
		}
		a.disc.set(addrs...)
		pass(2 * time.Second)
		if got, want := len(a.Peers()), maxClients/2; got != want {
			t.Errorf("one address: got %d peers, want %d", got, want)
		}
		for i := range 500 {
			addrs = append(addrs, netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 9, byte(i >> 8), byte(i)}), 5678))
		}
		a.disc.set(addrs...)
		pass(2 * time.Second)
		if got := len(a.Peers()); got != maxClients {
			t.Errorf("many addresses: got %d peers, want %d", got, maxClients)
		}
		addrs = nil
		for _, p := range a.Peers() {
			addrs = append(addrs, p.Addr)
		}
		a.disc.set(addrs...)
		pass(idlePeriod)
		b := n.startNode(t, addrB, newLedger(3, "a"))
		a.disc.set(append(addrs, b.addr)...)
		pass(2 * time.Second)
		found := false
		for _, p := range a.Peers() {
			found = found || p.Addr == b.addr && p.State == "in step"
		}
		if !found {
			t.Error("nobody out of reach made room for a peer that answers")
		}
	})
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
				b := n.startScript(t, addrB, func(req Msg) []byte { honest.add(req); return serve(l, req) })
				c := n.startScript(t, addrC, func(req Msg) []byte { liar.add(req); return serve(l, req) })
				me := n.startNode(t, addrA, newLedger(3, "a"), &testNode{addr: b}, &testNode{addr: c})
				pass(time.Second)
				nc, err := n.dialer(netip.MustParseAddrPort(test.from).Addr())(t.Context(), me.addr)
				if err != nil {
					t.Fatal(err)
				}
				defer nc.Close()
				flood := newMsgConn(nc, testLog(t))
				high := Status{Height: 1 << 30, Genesis: l.chain[0]}.Msg()
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
					_, err = wait()
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
				addr := n.startScript(t, addrB, func(req Msg) []byte { return serve(theirs, req) })
				ours := newLedger(0, "a")
				c := n.startClient(t, addr, ours)
				pass(5 * time.Second)
				if left, _ := c.faults.remainingPause(addr); left == 0 || len(c.addTurn) > 0 || len(ours.chain) != bad {
					t.Errorf("%d tokens, %d blocks, left alone for %s", len(c.addTurn), len(ours.chain), left)
				}
			})
		})
	}
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
		addr := n.startScript(t, addrB, func(req Msg) []byte { return serve(bad, req) })
		me := n.startNode(t, addrA, base, &testNode{addr: addr})
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

// A batch of large blocks is full before it has 500.
func TestBatchBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		theirs, ours := newLedger(10, strings.Repeat("a", 300<<10)), newLedger(-1, "")
		addr := n.startScript(t, addrB, func(req Msg) []byte { return serve(theirs, req) })
		n.startClient(t, addr, ours)
		pass(time.Second)
		if got, want := fmt.Sprint(ours.batches), "[4 4 3]"; got != want || ours.tip() != theirs.tip() {
			t.Errorf("got batches %s and tip %s, want %s and %s", got, ours.tip(), want, theirs.tip())
		}
	})
}
