package network

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync"
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

// Strangers who each send most of a large message take all turns; small messages
// are answered all the same, and large ones as soon as one of them has had its time.
// A reply that nobody reads keeps no turn.
func TestServerLargeMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &TCPServer{Ledger: newLedger(0, "a"), Log: testLog(t)}
		s.large = newTurns(maxLarge, maxLarge/4)
		open := func(network int) net.Conn { return startPipe(t, s, fmt.Sprintf("8.8.%d.8", network), func() {}) }
		begin := `{"code": 3, "data": [{"txid": "` + strings.Repeat("x", 2*smallMsg)
		end := `"}]}`
		taken := func() int {
			synctest.Wait()
			s.large.mu.Lock()
			defer s.large.mu.Unlock()
			return s.large.taken
		}

		var unread []net.Conn
		for range maxLarge {
			c := open(1)
			go io.WriteString(c, begin)
			unread = append(unread, c)
		}
		if got := taken(); got != maxLarge/4 {
			t.Errorf("one network has %d turns, want a quarter", got)
		}
		for network := range maxLarge {
			go io.WriteString(open(2+network), begin)
		}
		if got := taken(); got != maxLarge {
			t.Errorf("%d turns, want %d", got, maxLarge)
		}

		late := open(20)
		write(t, late, none)
		expect(t, late, none)
		start := time.Now()
		write(t, late, begin+end)
		expect(t, late, none)
		if waited := time.Since(start); waited > largeTimeout {
			t.Errorf("an honest peer waits for %v", waited)
		}

		pass(2 * replyTimeout)
		if got := taken(); got != 0 {
			t.Errorf("%d turns are never given back", got)
		}
		for _, c := range unread {
			expectClosed(t, c)
		}
		for range maxLarge {
			write(t, open(21), begin+end)
		}
		if got := taken(); got != 0 {
			t.Errorf("%d turns for replies that nobody reads", got)
		}
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

// Two addresses with a node at each port don't keep out a third, even though all
// of them answer.
func TestCrowdMakesRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		a := n.startNode(t, addrA, newLedger(3, "a"))
		crowd := func(req Msg) []byte { return serve(newLedger(3, "a"), req) }
		var addrs []netip.AddrPort
		for i := range maxClients {
			addrs = append(addrs, n.startScript(t, fmt.Sprintf("10.0.9.%d:%d", i%2, 1000+i), crowd))
		}
		a.disc.set(addrs...)
		pass(2 * time.Second)
		if got := len(a.Peers()); got != maxClients {
			t.Fatalf("got %d peers, want %d", got, maxClients)
		}

		b := n.startNode(t, addrB, newLedger(3, "a"))
		a.disc.set(append(addrs, b.addr)...)
		pass(2 * time.Second)
		for range 60 { // it stays, though the crowd comes back each second
			isPeer := slices.ContainsFunc(a.Peers(), func(p PeerStatus) bool { return p.Addr == b.addr && p.InStep })
			if !isPeer {
				t.Fatal("the node is no peer")
			}
			pass(time.Second)
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
				other := netip.MustParsePrefix("10.0.0.9/32")
				if taken {
					if err := c.adding.take(ctx, other); err != nil {
						t.Fatal(err)
					}
				}
				var err error
				go func() {
					wait := c.startAdding(ctx, batch{blocks: newLedger(1, "a").chain}, func() {})
					_, err = wait()
				}()
				synctest.Wait()
				if c.adding.taken != 1 {
					t.Errorf("%d turns while a client adds, want 1", c.adding.taken)
				}
				stop()
				synctest.Wait()
				if !errors.Is(err, context.Canceled) || c.adding.taken > 0 != taken {
					t.Errorf("error %v, %d turns", err, c.adding.taken)
				}
				if added := len(ours.batches) > 0; added == taken {
					t.Errorf("ledger called: %t, with the turn taken: %t", added, taken)
				}
				if taken {
					c.adding.giveBack(other)
				}
				if got := c.adding; got.taken > 0 || len(got.lines) > 0 {
					t.Errorf("%d turns and %d lines left", got.taken, len(got.lines))
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
				if left, _ := c.faults.remainingPause(addr); left == 0 || c.adding.taken > 0 || len(ours.chain) != bad {
					t.Errorf("%d turns, %d blocks, left alone for %s", c.adding.taken, len(ours.chain), left)
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

// A batch of longer blocks is full before it has 500, and one that needs a turn
// ends with it.
func TestBatchBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		theirs, ours := newLedger(10, strings.Repeat("a", 60<<10)), newLedger(-1, "")
		theirs.extend(1, strings.Repeat("b", 150<<10))
		theirs.extend(2, "c")
		addr := n.startScript(t, addrB, func(req Msg) []byte { return serve(theirs, req) })
		c := n.startClient(t, addr, ours)
		pass(time.Second)
		if got, want := fmt.Sprint(ours.batches), "[5 5 2 2]"; got != want || ours.tip() != theirs.tip() {
			t.Errorf("got batches %s and tip %s, want %s and %s", got, ours.tip(), want, theirs.tip())
		}
		if c.large.taken > 0 {
			t.Errorf("%d turns of large messages are still taken", c.large.taken)
		}
	})
}

// Twenty peers stop in the middle of a large block. Small blocks of an honest
// peer come meanwhile; another's large one has to wait, but comes, and nobody
// is to blame.
func TestLargeReplies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		base := newLedger(3, "a")
		small, large := base.fork(3, 2, "small"), base.fork(3, 3, strings.Repeat("x", 5*smallMsg))
		half := []byte(blockMsg(large.chain[4])[:4*smallMsg])
		script := func(addr string, l *fakeLedger, stops bool) netip.AddrPort {
			return n.startScript(t, addr, func(req Msg) []byte {
				if stops && string(req.Data) == "4" {
					return half
				}
				return serve(l, req)
			})
		}
		ours := base.fork(3, 0, "")
		me := n.startNode(t, addrA, ours)
		var stuck []netip.AddrPort
		for i := range 20 {
			stuck = append(stuck, script(fmt.Sprintf("8.8.%d.8:5678", i), large, true))
		}
		me.disc.set(stuck...)
		pass(2 * time.Second)
		if got := me.large.taken; got != maxLarge {
			t.Errorf("%d large replies arrive at a time, want %d", got, maxLarge)
		}

		me.disc.set(append(stuck, script(addrB, small, false))...)
		pass(discoveryInterval)
		if ours.tip() != small.tip() {
			t.Errorf("got tip %s, want %s at once", ours.tip(), small.tip())
		}
		me.disc.set(append(stuck, script(addrC, large, false))...)
		pass(time.Minute)
		if ours.tip() != large.tip() {
			t.Errorf("got tip %s, want %s in the end", ours.tip(), large.tip())
		}
		for _, peer := range me.Peers() {
			if strings.Contains(peer.State, "left alone") {
				t.Errorf("%s is %s", peer.Addr, peer.State)
			}
		}
	})
}

// A large block that has to wait for its turn takes none of its peer's time, and
// its turn is given back.
func TestLateTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		theirs, ours := newLedger(0, "a"), newLedger(0, "a")
		theirs.extend(1, strings.Repeat("x", 5*smallMsg))
		addr := n.startScript(t, addrB, func(req Msg) []byte { return serve(theirs, req) })
		c := n.newClient(t, addr, ours)
		others := netip.MustParsePrefix("10.0.0.9/32")
		c.large = newTurns(1, 1)
		if err := c.large.take(t.Context(), others); err != nil {
			t.Fatal(err)
		}
		runClient(t, c)
		pass(2 * replyTimeout)
		if got := len(ours.chain); got != 1 {
			t.Errorf("got %d blocks without a turn, want 1", got)
		}

		c.large.giveBack(others)
		synctest.Wait()
		if got := len(n.tries(addr)); ours.tip() != theirs.tip() || got != 1 || c.large.taken != 0 {
			t.Errorf("got tip %s, want %s; %d connections, %d turns taken", ours.tip(), theirs.tip(), got, c.large.taken)
		}
	})
}

// Whoever waits gets a turn network by network, and within one in the order in
// which they came.
func TestTurns(t *testing.T) {
	tests := []struct {
		name        string
		total, each int
		come        string // each letter is one of a network
		want        string // gets a turn; the turn is given back when nobody else gets one
	}{
		{"one network", 1, 1, "aaa", "aaa"},
		{"a crowd and one", 1, 1, "aaaaaaaab", "abaaaaaaa"},
		{"two crowds and one", 1, 1, "aaaabbbbc", "abcababab"},
		{"no more than its part", 4, 2, "aaaabc", "aabcaa"},
		{"whoever has fewest", 3, 3, "caaab", "caaba"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				turns := newTurns(test.total, test.each)
				network := func(letter rune) netip.Prefix {
					return NetworkOf(netip.AddrFrom4([4]byte{10, 0, 0, byte(letter)}))
				}
				var got []rune // in the order of their turns
				for _, letter := range test.come {
					go func() {
						if err := turns.take(t.Context(), network(letter)); err != nil {
							t.Error(err)
						}
						got = append(got, letter)
					}()
					synctest.Wait()
				}
				for given := 0; given < len(got); given++ {
					turns.giveBack(network(got[given]))
					synctest.Wait()
				}
				if string(got) != test.want || turns.taken > 0 || len(turns.lines) > 0 {
					t.Errorf("got turns %s, want %s; %d taken, %d lines left", string(got), test.want, turns.taken, len(turns.lines))
				}
			})
		})
	}
}

// However many come, wait and give up, the bounds hold, nobody is forgotten
// and nothing is left.
func TestTurnsAtRandom(t *testing.T) {
	turns := newTurns(5, 2)
	var mu sync.Mutex // guards taken
	taken := make(map[netip.Prefix]int)
	count := func(network netip.Prefix, n int) {
		mu.Lock()
		defer mu.Unlock()
		taken[network] += n
		taken[netip.Prefix{}] += n
		if taken[network] > 2 || taken[netip.Prefix{}] > 5 {
			t.Errorf("%d turns of one network, %d in all", taken[network], taken[netip.Prefix{}])
		}
	}
	var wg sync.WaitGroup
	for i := range 50 {
		network := NetworkOf(netip.AddrFrom4([4]byte{10, 0, 0, byte(i % 7)}))
		wg.Go(func() {
			for round := range 100 {
				ctx, cancel := context.WithCancel(t.Context())
				if (i+round)%3 == 0 {
					go cancel()
				}
				if turns.take(ctx, network) == nil {
					count(network, 1)
					runtime.Gosched()
					count(network, -1)
					turns.giveBack(network)
				}
				cancel()
			}
		})
	}
	wg.Wait()
	if turns.taken != 0 || len(turns.lines) != 0 {
		t.Errorf("%d turns taken, %d lines left", turns.taken, len(turns.lines))
	}
}

func TestNetworkOf(t *testing.T) {
	tests := []struct{ ip, want string }{
		{"8.8.4.4", "8.8.4.0/24"},
		{"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
		{"127.0.0.2", "127.0.0.2/32"}, // a machine of its own from here
		{"10.1.2.3", "10.1.2.3/32"},
		{"172.16.1.2", "172.16.1.2/32"},
		{"192.168.1.7", "192.168.1.7/32"},
		{"169.254.1.2", "169.254.1.2/32"},
		{"::1", "::1/128"},
		{"fd00::1", "fd00::1/128"},
		{"fe80::1%eth0", "fe80::1/128"},
	}
	for _, test := range tests {
		if got := NetworkOf(netip.MustParseAddr(test.ip)).String(); got != test.want {
			t.Errorf("%s: got %s, want %s", test.ip, got, test.want)
		}
	}
	if got := NetworkOf(netip.Addr{}); got.IsValid() {
		t.Errorf("no address: got %s", got)
	}
}

// Idle connections from as many addresses as there are places keep no newcomer
// out, and whoever talks keeps its place.
func TestIdleConnectionsMakeRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		l := newLedger(2, "a")
		at := netip.MustParseAddrPort(addrA)
		startOn(t, n.listen(at), (&TCPServer{Ledger: l, Log: testLog(t)}).Serve)
		open := func(ip netip.Addr) net.Conn {
			t.Helper()
			c, err := n.dialer(ip)(t.Context(), at)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { c.Close() })
			return c
		}
		answered := func(c net.Conn) bool {
			_, err := io.WriteString(c, none)
			if err == nil {
				_, err = io.ReadFull(c, make([]byte, len(none)))
			}
			return err == nil
		}
		busy := open(netip.MustParseAddr("10.1.0.1"))
		for i := range defaultMaxConns - 1 {
			open(netip.AddrFrom4([4]byte{10, 2, 0, byte(i)}))
		}
		if answered(open(netip.MustParseAddr("10.3.0.1"))) {
			t.Error("a newcomer took the place of one that has just come")
		}
		time.Sleep(silentPeriod)
		if !answered(busy) {
			t.Fatal("whoever talks lost its place")
		}
		time.Sleep(time.Second)
		for i := range 10 {
			if !answered(open(netip.AddrFrom4([4]byte{10, 3, 0, byte(i)}))) {
				t.Fatalf("newcomer %d is kept out", i)
			}
		}
		if !answered(busy) {
			t.Error("whoever talks lost its place to a newcomer")
		}
	})
}

// Eight peers at one address whose blocks take long, again and again, and an
// honest one: its blocks wait for one batch of theirs, not for eight.
func TestExpensiveBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newFakeNet()
		base := newLedger(3, "a")
		ours, honest := base.fork(3, 0, ""), base.fork(3, 2, "honest")
		const cost = 3 * time.Second
		ours.onAdd = func() { time.Sleep(cost) }
		batches := func() []int {
			ours.mu.Lock()
			defer ours.mu.Unlock()
			return slices.Clone(ours.batches)
		}
		var added int // batches when the honest peer has served its last block; another is being added
		addr := n.startScript(t, addrB, func(req Msg) []byte {
			if string(req.Data) == "5" {
				added = len(batches())
			}
			return serve(honest, req)
		})
		me := n.startNode(t, addrA, ours)
		for i := range 8 {
			branch := base.fork(0, 5, fmt.Sprint(i, strings.Repeat("x", maxBatchBytes))) // a block is a batch
			bad := n.startScript(t, fmt.Sprintf("10.0.0.66:%d", 1000+i), func(req Msg) []byte { return serve(branch, req) })
			me.disc.set(append(me.disc.Peers(), bad)...)
		}
		pass(3 * cost)
		me.disc.set(append(me.disc.Peers(), addr)...)
		pass(10 * cost)
		got := batches()
		i := slices.Index(got, 2) // the honest peer's two small blocks
		if i < 0 || added < 2 || i > added+1 {
			t.Errorf("got batches %v, of which %d had been added when the honest peer served the [2]: it waits for more than one", got, added)
		}
	})
}
